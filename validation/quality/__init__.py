"""Data quality: the checks of a study and those of raw tables."""
