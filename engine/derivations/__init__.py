"""Derivations: what a rule sees, and the rules that every standard uses."""
