"""Binds YAML nodes to typed models; every mistake has its place."""
