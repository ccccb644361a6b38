"""The reports of a run: the table of findings, and their rules."""
