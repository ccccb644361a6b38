"""Checks of raw tables before they are mapped."""
