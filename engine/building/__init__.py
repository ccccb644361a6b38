"""Builds datasets: records of blocks, then variables; one partition of the subjects after the other."""
