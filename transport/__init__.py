"""Finished datasets as files an agency or another tool can open: SAS XPORT v5, Dataset-JSON, Parquet, the eCTD folder.

Not for deciding what a dataset holds: everything here takes specs and frames as they are and refuses what a format
cannot carry, rather than changing it.
"""
