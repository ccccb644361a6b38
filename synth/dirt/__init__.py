"""Defects that are injected into a synthetic export, with the book of what must be found."""
