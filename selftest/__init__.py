"""Proves an installed raw2adam: it gives what the reference page shows, and refuses what it must refuse.

Not for the tests of the project (tests/), which check far more and need the repository.
"""
