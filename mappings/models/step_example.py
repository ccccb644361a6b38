"""The example of a step, as the files of a study: raw CSV, the SDTM dataset that it reads, the ADaM dataset.

The tests, the reference page and the self-test use the same files. Not for running it (selftest/examples.py), nor for
the examples of rules of variables (example.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from ..binding.bind import SpecModel
from .example import csv_text, dataset_text, study_text

#: what DM and ADSL of each example have: the first dose
FIRST_DOSE = "2024-03-01"
_DATASETS = {"DM": "RFSTDTC: {date: FIRST}", "ADSL": "TRTSDT: {analysis_date: RFSTDTC}"}


class StepExample(SpecModel):
    """A study that is small enough for the reference page, and the records that a step of it derives.

    The records of an SDTM dataset are the rows of the source of its name. DM has the subjects of the sources, each with
    the first dose on FIRST_DOSE, which is TRTSDT of ADSL.
    """

    rows: str = Field(description="YAML of rows: in the ADaM dataset: one block, or several.")
    gives: Mapping[str, list[str]] = Field(description="Variable to its values by hand, '' for none; dates as dates.")
    dataset: str = Field(description="The ADaM dataset.")
    variables: str = Field(default="", description="Lines of YAML: its variables.")
    sort: tuple[str, ...] = Field(default=("USUBJID", "PARAMCD", "ADT"), description="The order of its records.")
    sources: Mapping[str, Mapping[str, list[str]]] = Field(description="Raw source to its columns and cells.")
    datasets: Mapping[str, str] = Field(description="Further dataset to lines of YAML, its variables.")
    study: str = Field(default="", description="Lines of YAML at the end of study.yaml.")
    files: Mapping[str, str] = Field(default_factory=dict, description="Further files of the study folder.")

    def dataset_lines(self) -> list[str]:
        """The ADaM dataset as YAML, as the page shows it."""
        lines = [f"dataset: {self.dataset}", "class: BASIC DATA STRUCTURE", "label: Analysis Dataset", "rows:"]
        lines += [f"  {line}" for line in self.rows.strip().splitlines()]
        lines += (
            ["variables:", *(f"  {line}" for line in self.variables.strip().splitlines())] if self.variables else []
        )
        return [*lines, f"sort: [{', '.join(self.sort)}]"]


def step_example_files(example: StepExample) -> dict[str, str]:
    """Path in the study folder to text; raw files are under ``raw/``."""
    subjects = list(dict.fromkeys(s for columns in example.sources.values() for s in columns.get("SUBJ", ["01"])))
    tables = {"dm": {"SUBJ": subjects, "FIRST": [FIRST_DOSE] * len(subjects)}, **example.sources}
    tables = {name: columns if "SUBJ" in columns else with_subject(columns) for name, columns in tables.items()}
    files = {"study.yaml": study_text(tables, example.study, "")}
    for name, variables in (_DATASETS | dict(example.datasets)).items():
        kind = "adam" if name.startswith("AD") else "sdtm"
        files[f"{kind}/{name.lower()}.yaml"] = dataset_text(name, variables.strip(), tables)
    files[f"adam/{example.dataset.lower()}.yaml"] = "\n".join(example.dataset_lines()) + "\n"
    return (
        files | dict(example.files) | {f"raw/{name}.csv": csv_text(columns, name) for name, columns in tables.items()}
    )


def with_subject(columns: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Columns with that of the subject first: all rows are of subject 01."""
    count = max(map(len, columns.values()), default=0)
    return {"SUBJ": ["01"] * count, **columns}
