"""Confirmed best response."""
