"""Conformance of finished datasets with the standards."""
