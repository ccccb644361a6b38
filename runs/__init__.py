"""A run: plan, read, examine, build, settle, write, record."""
