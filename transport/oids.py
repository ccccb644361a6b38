"""The OIDs of datasets and variables: define.xml and Dataset-JSON name the same things by the same OIDs.

They consist of names only, so the OID of a variable does not depend on other variables.
"""

from __future__ import annotations

from .dataset_writer import FileContext


def item_group_oid(dataset: str) -> str:
    """The OID of a dataset, IG.AE."""
    return f"IG.{dataset}"


def item_oid(dataset: str, variable: str) -> str:
    """The OID of a variable, IT.AE.AETERM."""
    return f"IT.{dataset}.{variable}"


def oid_of_dataset(dataset: str, context: FileContext) -> str:
    """The OID of a dataset in the define.xml of a file."""
    return context.group_oid or item_group_oid(dataset)


def oid_of_variable(dataset: str, variable: str, context: FileContext) -> str:
    """The OID of a variable in the define.xml of a file."""
    return context.item_oids.get(variable) or item_oid(dataset, variable)


def file_oid(metadata_version: str, dataset: str) -> str:
    """The OID of a file of a dataset: DSJ.OBS16577.SDTMIG.3.4.AE for MDV.OBS16577.SDTMIG.3.4."""
    return ".".join(p for p in ("DSJ", metadata_version.removeprefix("MDV."), dataset) if p)
