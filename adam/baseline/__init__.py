"""Baseline of BDS datasets: its value, the change from it, the shift from its category."""
