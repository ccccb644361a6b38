"""Confirmed response at each time point."""
