"""Checks of a planned study against the columns of its data, before anything is built."""
