"""The literal cases of a rule as packages, and the findings that a rule has in them.

Not for the model of a case (rule.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ...define.reading import read_define
from ...engine.columns import column as col
from ...engine.columns.number_text import plain_number
from ...engine.tables.dataset import Dataset, DatasetMetadata, RangeCheck, ValueLevel, VariableMetadata
from ...mappings.facts import facts
from ..kinds.expression import is_numeric
from ..package import Package
from ..table import Standard
from .rule import Case

_ABOVE = (
    '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:arm="http://www.cdisc.org/ns/arm/v1.0" FileType="Snapshot" '
    'FileOID="F" ODMVersion="1.3.2" CreationDateTime="2026-01-31T00:00:00" def:Context="Submission"><Study OID="S">'
    "<GlobalVariables><StudyName>S1</StudyName><StudyDescription>S1</StudyDescription><ProtocolName>S1</ProtocolName>"
    '</GlobalVariables><MetaDataVersion OID="M" Name="S1" def:DefineVersion="2.1.0">\n'
)
_BELOW = "\n</MetaDataVersion></Study></ODM>"
_PURPOSE = {"sdtm": "Tabulation", "adam": "Analysis"}


def package_of(case: Case, standard: Standard, folder: Path | None = None) -> Package:
    """The package of a case. Datasets of the other standard are those beside it. ``folder``: of define.xml."""
    datasets = {name: dataset_of(name, columns, case.about.get(name, {})) for name, columns in case.data.items()}
    mine = {n: d for n, d in datasets.items() if standard_of(n, d) == standard}
    rest = {n: d for n, d in datasets.items() if n not in mine}
    related = Package(standard="sdtm", datasets=rest) if rest else None
    xml = f"{_ABOVE}{case.define}{_BELOW}".encode() if case.define else b""
    return Package(
        standard=standard,
        datasets=mine,
        complete=case.complete,
        related=related,
        define=read_define(xml) if xml else None,
        define_xml=xml,
        folder=folder,
        files={n: Path(f"{n.lower()}.xpt") for n in mine},
    )


def standard_of(name: str, dataset: Dataset) -> Standard:
    """sdtm or adam, by the purpose of a dataset."""
    return "adam" if dataset.metadata.purpose == "Analysis" else "sdtm"


def dataset_of(name: str, columns: Mapping[str, tuple[str, ...]], about: Mapping[str, Any]) -> Dataset:
    """A dataset of texts; a variable that the standards list as numeric, or with ``type: float``, is numeric."""
    standard: Standard = "adam" if name.startswith("AD") else "sdtm"
    further = about.get("variables", {})
    variables, frame = [], {}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"{name}: the variables of a case have the same number of values, found {sorted(lengths)}")
    for variable, values in columns.items():
        facts_of = dict(further.get(variable, {}))
        kind = facts_of.pop("type", "float" if is_numeric(standard, name, variable) else "text")
        facts_of = {k: int(v) if k == "length" else v for k, v in facts_of.items()}
        codelist = facts_of.pop("codelist", None)
        one = VariableMetadata(
            variable, facts_of.pop("label", variable), kind, codelist=facts.codelist(codelist) if codelist else None,
            **facts_of,
        )  # fmt: skip
        variables.append(one)
        numbers = [plain_number(v) if v else float("nan") for v in values] if one.is_numeric else ()
        frame[variable] = np.array(numbers, dtype="float64") if one.is_numeric else col.text_column(values)
    metadata = DatasetMetadata(
        name=name,
        label=about.get("label", name),
        variables=tuple(variables),
        keys=tuple(about.get("keys", ())),
        sequence=about.get("sequence", ""),
        structure=about.get("structure", ""),
        observation_class=about.get("class", ""),
        purpose=_PURPOSE[standard],
        values=tuple(map(_value_level, about.get("values", ()))),
    )
    return Dataset.of_clean(metadata, col.frame_of(frame, max(lengths, default=0)))


def _value_level(about: Mapping[str, Any]) -> ValueLevel:
    """Value-level metadata of a case; each clause of where is VARIABLE COMPARATOR VALUE."""
    clauses = [c.split(" ", 2) for c in about["where"]]
    where = tuple(RangeCheck(variable, comparator, (value,)) for variable, comparator, value in clauses)
    return ValueLevel(about["variable"], where, codelist=facts.codelist(about["codelist"]))
