"""A synthetic raw export of the shipped study, for demonstrations and tests. Not a model of any real patient."""
