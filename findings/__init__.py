"""What a run reports: the table of findings and the rules that they have."""
