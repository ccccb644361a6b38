"""Writes the example of a derivation as the files of a study: study.yaml, the datasets' YAML, the raw CSV texts.

The tests and the reference page use the same files. Not for running the example (selftest/examples.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from ..facts.facts import sdtm_dataset
from .derivation import Example

#: the source of an example's records
SOURCE = "raw"
_CONVENTIONAL = ("STUDYID", "DOMAIN", "USUBJID", "SUBJID", "SITEID")


def example_files(example: Example) -> dict[str, str]:
    """Path in the study folder to text; raw files are under ``raw/``."""
    tables = {SOURCE: example.rows, **example.sources}
    files = {"study.yaml": study_text(tables, example.study, example.info)}
    datasets = dict(example.datasets)
    if example.dataset.startswith("AD"):
        datasets.setdefault("DM", "")
    datasets[example.dataset] = f"{example.setting}\n{example.variable}: {example.rule}"
    for name, variables in datasets.items():
        kind = "adam" if name.startswith("AD") else "sdtm"
        files[f"{kind}/{name.lower()}.yaml"] = dataset_text(name, variables.strip(), tables)
    return (
        files | dict(example.files) | {f"raw/{name}.csv": csv_text(columns, name) for name, columns in tables.items()}
    )


def dataset_text(name: str, variables: str, tables: Mapping[str, object]) -> str:
    """The YAML of a dataset. Other variables that SDTMIG requires are filled with U, for unknown."""
    if name.startswith("AD"):
        return "\n".join([f"dataset: {name}", "rows: {from: DM}", "variables:", *_indented(variables)]) + "\n"
    source = name.lower() if name.lower() in tables else SOURCE
    facts = sdtm_dataset(name)
    declared = {line.partition(":")[0] for line in variables.splitlines()}
    required = [v.name for v in facts.variables if v.core == "Req"] if facts else []
    conventional = {*_CONVENTIONAL, f"{name[:2]}SEQ", *([f"{name[:2]}TEST"] if f"{name[:2]}TESTCD" in declared else [])}
    filled = [f"{v}: {{value: U}}" for v in required if v not in declared | conventional]
    lines = [f"dataset: {name}", f"rows: {{source: {source}}}", "sort: [SOURCE]", "variables:"]
    return "\n".join([*lines, *_indented("\n".join([variables, *filled]).strip())]) + "\n"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]


def csv_text(columns: Mapping[str, list[str]], name: str = SOURCE) -> str:
    """Columns as CSV text, with the subject column SUBJ first if the source of the records has none."""
    count = max((len(cells) for cells in columns.values()), default=0)
    every = dict(columns) if "SUBJ" in columns or name != SOURCE else {"SUBJ": ["01"] * count, **columns}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(every)
    writer.writerows(zip(*every.values(), strict=True))
    return out.getvalue()


def study_text(tables: Mapping[str, Mapping[str, list[str]]], more: str, info: str) -> str:
    none = {name for name, columns in tables.items() if name != SOURCE and "SUBJ" not in columns}
    sources = ", ".join(f"{name}: {{file: {name}.csv{', subject: none' if name in none else ''}}}" for name in tables)
    study = f"{{id: DEMO{', ' if info else ''}{info}}}"
    text = f"study: {study}\nsubject: {{columns: [SUBJ], usubjid: 'DEMO-{{SUBJ}}'}}\nsources: {{{sources}}}\n"
    return text + (f"{more.rstrip()}\n" if more else "")
