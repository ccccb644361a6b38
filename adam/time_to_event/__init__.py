"""Time to event: candidate dates, events, censoring, and their reasons."""
