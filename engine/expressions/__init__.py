"""Runs conditions and formulas on columns."""
