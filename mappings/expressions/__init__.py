"""The language of conditions and formulas: tokens, tree, types, words."""
