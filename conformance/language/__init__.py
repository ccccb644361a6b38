"""The rule language: the model of a rule, its file, its literal cases."""
