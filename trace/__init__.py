"""Where a value of an output comes from: the raw cells, rules and choices behind it."""
