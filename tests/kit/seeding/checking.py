"""Runs the shipped conformance rules over datasets in memory, as ``raw2adam check`` runs them over a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
from raw2adam.conformance.language.read import shipped_rules
from raw2adam.conformance.package import Package
from raw2adam.conformance.run import run_rules
from raw2adam.conformance.table import Standard
from raw2adam.define.reading import read_define
from raw2adam.engine.tables.dataset import Dataset
from raw2adam.findings.table import Findings


@dataclass(frozen=True, kw_only=True)
class Study:
    """Clean data of one author: SDTM and ADaM by dataset name, and the define.xml of each, '' for none.

    ``packages``: as read_package has read them, for files and folders; without them the datasets alone are checked.
    """

    name: str
    sdtm: Mapping[str, Dataset]
    adam: Mapping[str, Dataset] = field(default_factory=dict)
    define: Mapping[str, str] = field(default_factory=dict)
    packages: Mapping[str, Package] = field(default_factory=dict)

    @property
    def datasets(self) -> dict[str, Dataset]:
        return {**self.sdtm, **self.adam}


def check(
    study: Study, datasets: Mapping[str, Dataset] | None = None, define: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The findings of the SDTM and ADaM of a study, with other datasets or another define.xml in their places."""
    every = study.datasets if datasets is None else datasets
    texts = study.define if define is None else define
    findings = Findings()
    rules = shipped_rules()
    adam = {n: d for n, d in every.items() if n in study.adam or n.startswith("AD")}
    sdtm = _package(study, "sdtm", {n: d for n, d in every.items() if n not in adam}, texts, None)
    run_rules(sdtm, rules, findings)
    if adam:
        run_rules(_package(study, "adam", adam, texts, sdtm), rules, findings)
    return findings.frame()


def _package(
    study: Study, standard: Standard, datasets: Mapping[str, Dataset], texts: Mapping[str, str], related: Package | None
) -> Package:
    plain = study.packages.get(standard) or Package(standard=standard, datasets={})
    text = texts.get(standard, "")
    define = read_define(text.encode()) if text else None
    return replace(plain, datasets=datasets, define=define, define_xml=text.encode(), related=related)
