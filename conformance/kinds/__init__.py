"""The kinds of checks of the rule language, one class for each."""
