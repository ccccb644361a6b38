"""Figures of computed analyses: a sheet of shapes and words, drawn once as SVG and once as PNG."""
