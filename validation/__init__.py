"""Checks of raw tables and of finished datasets, and the reports of a run."""
