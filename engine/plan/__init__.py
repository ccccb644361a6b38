"""The plan of a study: datasets, variables, codelists."""
