"""Columns of texts and numbers: verbs of rows, dates, numbers as text, rounding."""
