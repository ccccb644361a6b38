"""Invented subjects for the tests of the IMWG algorithm, as plain tables: day -> test -> result, in analysis units.

Not a test itself. Day 0 is the first dose. A lesion is named P1, P2 (plasmacytomas) or B1: (longest, across) in mm, GONE,
or NEW with a size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from raw2adam.adam.imwg.algorithm import Algorithm
from raw2adam.adam.imwg.options import ImwgOptions
from raw2adam.adam.imwg.reasons import CATEGORIES
from raw2adam.adam.imwg.results import LISTS, TEXTS, Results
from raw2adam.engine.columns import column as col
from raw2adam.engine.tables.table import LiteralTable
from raw2adam.mappings.models.response_criteria import imwg_criteria

GONE = "GONE"
CRITERIA = imwg_criteria("imwg-2016")
KEYS = (*CRITERIA.analytes, *TEXTS, *LISTS)
SHORT = {"sife": "serum_ife", "uife": "urine_ife"}
FOUND = {"NEG": 0.0, "POS": 1.0, "N": 0.0, "Y": 1.0}
Subject = Mapping[int, Mapping[str, Any]]

#: what complete response needs beside serum
COMPLETE = {"sife": "NEG", "urine": 0, "uife": "NEG", "marrow": 2}


class New(tuple):
    """A lesion that is new, with its diameters."""


def _rows(subjects: Sequence[Subject]) -> dict[str, list[tuple]]:
    rows: dict[str, list[tuple]] = {k: [] for k in KEYS}
    for who, subject in enumerate(subjects):
        for day, tests in subject.items():
            for name, result in tests.items():
                key = SHORT.get(name, name)
                if name[0] in "PB" and name[1:].isdigit():
                    if isinstance(result, New):
                        rows["new_lesion"].append((who, day, 1.0, name, {}))
                    if name[0] == "P" and not isinstance(result, New):
                        rows["plasmacytoma"].append((who, day, 1.0, name, {}))
                    rows["lesion_state"].append((who, day, 0.0 if result == GONE else 1.0, name, {}))
                    if result != GONE and result is not None:
                        rows["diameter"].append((who, day, float(result[0]), name, {}))
                        rows["perpendicular"].append((who, day, float(result[1]), name, {}))
                    continue
                for one in result if isinstance(result, list) else [result]:
                    flags = {"below": isinstance(one, str) and one.startswith("<"), "preferred": one == "CORRECTED NEG"}
                    flags["band"] = one == "IGG KAPPA"
                    number = {"CORRECTED NEG": 0.0, "IGG KAPPA": 1.0, **FOUND}.get(one)
                    value = float(str(one).lstrip("<")) if number is None else number
                    rows[key].append((who, day, value, "", flags))
    return rows


def results_of(subjects: Sequence[Subject]) -> dict[str, Results]:
    """The results of every test, as the step reads them."""
    out = {}
    for key, rows in _rows(subjects).items():
        n = len(rows)
        out[key] = Results(
            LiteralTable(key, ()),
            at=np.arange(n),
            subject=np.array([r[0] for r in rows], dtype="int64"),
            day=np.array([r[1] for r in rows], dtype="float64"),
            value=np.array([r[2] for r in rows], dtype="float64"),
            sequence=np.arange(1.0, n + 1),
            below=np.array([r[4].get("below", False) for r in rows], dtype=bool),
            preferred=np.array([r[4].get("preferred", False) for r in rows], dtype=bool),
            band=np.array([r[4].get("band", False) for r in rows], dtype=bool),
            visit=col.constant("", n),
            number=np.full(n, np.nan),
            lesion=col.text_column([r[3] for r in rows]) if n else col.constant("", 0),
            several=CRITERIA.analytes[key].several if key in CRITERIA.analytes else "last",
        )
    return out


def algorithm(subjects: Sequence[Subject], renal: bool = False, **options: Any) -> Algorithm:
    """The algorithm over these subjects."""
    begin = np.zeros(len(subjects))
    return Algorithm(results_of(subjects), begin, np.full(len(subjects), renal), CRITERIA, ImwgOptions(**options))


def outcomes(subjects: Sequence[Subject], **options: Any) -> list[list[tuple[str, str]]]:
    """Per subject the (category, reason) of each evaluation after day 0, by date."""
    a = algorithm(subjects, **options)
    found: list[list[tuple[str, str]]] = [[] for _ in subjects]
    for who, category, reason in zip(
        a.evaluations.subject.tolist(), a.response.category.tolist(), a.response.reason, strict=True
    ):
        found[who].append((CATEGORIES[category], str(reason)))
    return found


def categories(subjects: Sequence[Subject], **options: Any) -> list[list[str]]:
    """The categories alone."""
    return [[category for category, _ in subject] for subject in outcomes(subjects, **options)]


def last(subject: Subject, **options: Any) -> str:
    """The category of the last evaluation of one subject."""
    return categories([subject], **options)[0][-1]


class AtOnce:
    """The last category of every case of a parametrised test, computed in one run of the algorithm.

    ``subject``: what it gives for the first values of a case is the subject; the last value is what the test expects.
    """

    def __init__(self, cases: Sequence[tuple[Any, ...]], subject: Callable[..., Subject]):
        self.cases, self.subject = cases, subject

    @cached_property
    def found(self) -> dict[str, str]:
        results = categories([self.subject(*case[:-1]) for case in self.cases])
        return {repr(case[:-1]): found[-1] for case, found in zip(self.cases, results, strict=True)}

    def __call__(self, *values: Any) -> str:
        return self.found[repr(values)]


def why(subject: Subject, **options: Any) -> str:
    """The reason of the last evaluation of one subject."""
    return outcomes([subject], **options)[0][-1][1]
