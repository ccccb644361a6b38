"""The forms of the synthetic registry."""
