"""The generated code of analyses: literal statements, and a listing with one statement on a line that R can parse."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest
from raw2adam.engine.plan.displays import AnalysisDataset, AnalysisResult, Display
from raw2adam.engine.tables.dataset import RangeCheck
from raw2adam.mappings.models.analysis_groups import ColumnsSpec, DisplayGroups, PopulationSpec
from raw2adam.mappings.models.statistic import StatisticSpec
from raw2adam.mappings.models.statistics import (
    STATISTICS,
    AgreementSpec,
    ChangeSpec,
    CountsSpec,
    CumulativeIncidenceSpec,
    KaplanMeierSpec,
    OccurrencesSpec,
    ProportionSpec,
    RateSpec,
    ShiftSpec,
    SummarySpec,
    WaterfallSpec,
)
from raw2adam.programs.analysis_code import result_code
from raw2adam.programs.analysis_listing import analyses_listing
from raw2adam.programs.listing import ListingHead

GROUPS = DisplayGroups(
    population=PopulationSpec(dataset="ADSL", where="SAFFL == 'Y'", label="Treated"),
    columns=ColumnsSpec(variable="TRT01A"),
)
SPECS: dict[str, StatisticSpec] = {
    "RATE": ProportionSpec(condition="AVALC == 'Y'"),
    "VISITS": ProportionSpec(condition="AVALC == 'Y'", by="AVISIT", percent_of="records"),
    "BOR": CountsSpec(variable="AVALC", by="AVISIT"),
    "FLAGS": CountsSpec(conditions={"Grade 3 or higher": "AVAL >= 3", "It's one": "AVALC in ['A', 'B']"}),
    "AGE": SummarySpec(variable="AVAL"),
    "PFS": KaplanMeierSpec(landmarks=(6, 12), follow_up=True),
    "CIF": CumulativeIncidenceSpec(competing="CNSR == 2", landmarks=(6,)),
    "CHG": ChangeSpec(),
    "AE": OccurrencesSpec(terms=("SOC", "PT"), grade="GRADE", grade_order=("1", "2")),
    "AERATE": RateSpec(exposure="TRTDURD"),
    "KAPPA": AgreementSpec(first="AVALC", second="AVALC", other="IMWG", keys=("ADT",), order=("CR", "PR"), weights="linear"),
    "SHIFT": ShiftSpec(first="BASEC", second="AVALC", order=("CR", "PR")),
    "BEST": WaterfallSpec(value="PCHG"),
}  # fmt: skip


def numeric(dataset: str, variable: str) -> bool:
    return variable in ("AVAL", "CNSR", "PCHG", "CHG", "TRTDURD", "AVISITN")


def display(names: list[str]) -> Display:
    where = (RangeCheck("PARAMCD", "EQ", ("P",)), RangeCheck("AVISITN", "GT", ("0",)))
    results = tuple(
        AnalysisResult(
            id=n, description=n, reason="", purpose="", datasets=(AnalysisDataset("ADRS", where),), statistic=SPECS[n]
        )
        for n in names
    )
    return Display(id="T", name="Table 1", description="All", results=results, groups=GROUPS)


def code(name: str, language: str) -> str:
    shown = display([name])
    return result_code(shown, shown.results[0], language, numeric)


def test_a_result_of_an_unknown_dataset_has_no_code():
    shown = display(["RATE"])
    assert result_code(shown, replace(shown.results[0], datasets=()), "SAS", numeric) == ""  # its mistake is reported


def test_each_statistic_but_the_swimmer_has_code() -> None:
    assert {s.verb for s in SPECS.values()} == set(STATISTICS) - {"swimmer"}
    assert [(n, lang) for n in SPECS for lang in ("R", "SAS") if not code(n, lang)] == []


def test_the_records_are_those_of_the_population() -> None:
    assert code("AGE", "SAS") == (
        "data population;\n  set adam.adsl;\n  where SAFFL = 'Y';\nrun;\n"
        "data records;\n  merge adam.adrs(in=R where=(PARAMCD = 'P' and AVISITN > 0)) "
        "population(in=P keep=USUBJID TRT01A);\n  by USUBJID;\n  if R and P;\nrun;\n"
        "proc means data=records n nmiss mean std median q1 q3 min max qntldef=5;\n  var AVAL;\nrun;\n"
        "proc means data=records n nmiss mean std median q1 q3 min max qntldef=5;\n  class TRT01A;\n  var AVAL;\nrun;\n"
    )


@pytest.mark.parametrize(
    ("name", "language", "piece"),
    [
        ("RATE", "SAS", "tables RESPONSE / binomial(level='1' exact) alpha=0.05;"),
        ("PFS", "SAS", "proc lifetest data=records conftype=loglog alpha=0.05 timelist=6 12"),
        ("PFS", "SAS", "TIME = AVAL / 30.4375;"),
        ("CIF", "SAS", "time TIME*STATUS(0) / eventcode=1;"),
        ("KAPPA", "SAS", "tables ROW*COLUMN / agree(wt=ca) alpha=0.05;"),
        ("FLAGS", "SAS", "label='It''s one'"),
        ("RATE", "R", "binom.test(x, n, conf.level = 0.95)$conf.int"),
        ("PFS", "R", 'survfit(Surv(TIME, EVENT) ~ 1, data = r, conf.type = "log-log", conf.int = 0.95)'),
        ("AGE", "R", "quantile(x, c(0, 0.25, 0.5, 0.75, 1), type = 2, na.rm = TRUE)"),
    ],
)
def test_a_statistic_has_its_procedure(name: str, language: str, piece: str) -> None:
    assert piece in code(name, language)


def test_a_condition_with_a_mistake_has_no_code() -> None:
    shown = display(["RATE"])
    wrong = AnalysisResult(
        id="A", description="", reason="", purpose="", datasets=shown.results[0].datasets,
        statistic=ProportionSpec(condition="AVALC = 'Y'"),
    )  # fmt: skip
    assert result_code(shown, wrong, "SAS", numeric) == ""


def test_the_listing_has_lines_and_r_parses_its_code() -> None:
    listing = analyses_listing([display(list(SPECS))], numeric, ListingHead("S", "1", "2024-06-01"), lambda t: t)
    lines = listing.decode("ascii").split("\n")
    assert "    data population;" in lines
    assert "T RATE  RATE" in lines
    r = shutil.which("Rscript")
    if r is None:
        pytest.skip("R is not installed")
    every = "".join(code(n, "R") for n in SPECS)
    found = subprocess.run(
        [r, "-e", 'invisible(parse(file("stdin")))'], input=every, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (0, "")
