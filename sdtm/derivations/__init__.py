"""Derivations of SDTM variables: dates, timing, visits, results, units."""
