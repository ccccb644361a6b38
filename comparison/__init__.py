"""Compares two sets of finished datasets record by record and cell by cell, for double programming.

Not for judging which side is right, nor for reading files (transport/dataset_files.py).
"""
