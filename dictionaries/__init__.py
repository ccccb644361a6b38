"""Coding dictionaries: their files as tables of entries, and the coding files of a study."""
