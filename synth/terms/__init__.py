"""Invented terms for the synthetic registry."""
