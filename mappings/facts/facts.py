"""The facts of the standards: the only access to the shipped files, which are read at first use.

Not for a study's specs (mappings/loader.py) nor for checking data against the facts (validation/).
"""

from __future__ import annotations

from .adam import ADAM_STRUCTURES, adam_structure, sdtm_copy
from .published_terms import (
    COUNTRY_PACKAGE,
    CodelistEntry,
    codelist,
    codelist_index,
    codelists_with,
    is_published_code,
    packages,
    require_package,
)
from .sdtm import (
    OBSERVATION_CLASSES,
    SDTMIG_VERSIONS,
    custom_domain_name,
    general_timing,
    sdtm_class_dataset,
    sdtm_dataset,
    sdtm_names,
)
from .standard_files import files_read
from .variable import DatasetFacts, VariableFacts

__all__ = [
    "ADAM_STRUCTURES",
    "COUNTRY_PACKAGE",
    "OBSERVATION_CLASSES",
    "SDTMIG_VERSIONS",
    "CodelistEntry",
    "DatasetFacts",
    "VariableFacts",
    "adam_structure",
    "codelist",
    "codelist_index",
    "codelists_with",
    "custom_domain_name",
    "files_read",
    "general_timing",
    "is_published_code",
    "packages",
    "require_package",
    "sdtm_class_dataset",
    "sdtm_copy",
    "sdtm_dataset",
    "sdtm_names",
]
