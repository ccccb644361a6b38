"""The commands, by what they are for. cli.py puts them together. Not for logic: each calls a room."""
