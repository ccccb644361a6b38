"""Derivations: the records that a rule reads, and the rules that every standard uses."""
