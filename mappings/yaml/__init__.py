"""YAML as nodes that keep the text as written and its place."""
