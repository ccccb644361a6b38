"""The typed models of a spec."""
