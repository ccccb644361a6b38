"""Errors that are seeded into clean datasets one at a time, to measure what a checker catches."""

from . import adam, adam_links, define_xml, metadata, sdtm_findings, sdtm_relations, sdtm_subjects
from .seed import SEEDS, Area, Seed

__all__ = [
    "SEEDS",
    "Area",
    "Seed",
    "adam",
    "adam_links",
    "define_xml",
    "metadata",
    "sdtm_findings",
    "sdtm_relations",
    "sdtm_subjects",
]

from . import reviewers  # noqa: F401 - its errors come last, for seed_errors.py --new
