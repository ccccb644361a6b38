"""Errors in variables, labels and datasets: their names, types, order. Not for values of records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from raw2adam.engine.tables.dataset import VariableMetadata

from .seed import Area, change
from .tables import Tables

M = Area.METADATA


def metadata(name: str, dataset: str, write: Callable[[Any], Any], *, at: str) -> None:
    """An error in the variables of one dataset; ``write`` changes its Table."""

    def into(tables: Tables) -> None:
        write(tables[dataset])

    change(M, name, dataset, into, at=at, structure=True)


def _unknown(name: str) -> Callable[[Any], Any]:
    return lambda table: table.add(VariableMetadata(name, "A Variable of No Standard", length=1), "x")


def _as_text(name: str) -> Callable[[Any], Any]:
    return lambda table: table.write(0, {name: "one"})


def _format(name: str, text: str) -> Callable[[Any], Any]:
    return lambda table: table.describe(name, format=text)


def _label(name: str, text: str) -> Callable[[Any], Any]:
    return lambda table: table.describe(name, label=text)


def _dataset_label(text: str) -> Callable[[Any], Any]:
    def write(table: Any) -> None:
        table.metadata = replace(table.metadata, label=text)

    return write


metadata("a variable is in no standard", "AE", _unknown("AEFOO"), at="AEFOO")
metadata("the required variable AETERM is missing", "AE", lambda t: t.drop("AETERM"), at="AETERM")
metadata("the required variable VSTESTCD is missing", "VS", lambda t: t.drop("VSTESTCD"), at="VSTESTCD")
metadata("the required variable USUBJID is missing", "CM", lambda t: t.drop("USUBJID"), at="USUBJID")
metadata("the expected variable LBDTC is missing", "LB", lambda t: t.drop("LBDTC"), at="LBDTC")
metadata("the expected variable EXDOSE is missing", "EX", lambda t: t.drop("EXDOSE"), at="EXDOSE")
metadata("a label differs from the guide", "AE", _label("AETERM", "Event"), at="AETERM")
metadata(
    "a label has more than 40 letters",
    "AE",
    _label("AESPID", "Identifier of the Event that the Sponsor Assigns"),
    at="AESPID",
)
metadata("a label is empty", "MH", _label("MHTERM", ""), at="MHTERM")
metadata(
    "a name has more than 8 letters", "AE", lambda t: t.describe("AESPID", name="SYNONYMLONG"), at="SYNONYMLONG AESPID"
)
metadata("AESEQ is a text", "AE", _as_text("AESEQ"), at="AESEQ")
metadata("VISITNUM is a text", "SV", _as_text("VISITNUM"), at="VISITNUM")
metadata(
    "variables are not in the order of the model",
    "CM",
    lambda t: t.move("CMTRT", 0),
    at="CMTRT STUDYID . CMSEQ DOMAIN USUBJID",
)
metadata("the label of a dataset differs from the guide", "DM", _dataset_label("Patients"), at=".")

# ---- ADaM
metadata("PARAMCD is missing", "ADVS", lambda t: t.drop("PARAMCD"), at="PARAMCD")
metadata("PARAM is missing", "ADRS", lambda t: t.drop("PARAM"), at="PARAM")
metadata("USUBJID is missing in ADAE", "ADAE", lambda t: t.drop("USUBJID"), at="USUBJID")
metadata("TRT01P is missing", "ADSL", lambda t: t.drop("TRT01P"), at="TRT01P")
metadata("AGEU is missing in ADSL", "ADSL", lambda t: t.drop("AGEU"), at="AGEU")
metadata("AETERM is missing in ADAE", "ADAE", lambda t: t.drop("AETERM"), at="AETERM")
metadata("ADT has no format of dates", "ADVS", _format("ADT", ""), at="ADT")
metadata("TRTSDTM has a format of dates", "ADSL", _format("TRTSDTM", "DATE9."), at="TRTSDTM")
metadata("ADT is a text", "ADTTE", _as_text("ADT"), at="ADT")
metadata("the label of ADaM variable CHG differs", "ADVS", _label("CHG", "Difference"), at="CHG")
metadata("a label differs between ADSL and ADAE", "ADAE", _label("TRTSDT", "First Dose Date"), at="TRTSDT")
metadata(
    "a name of ADaM has more than 8 letters",
    "ADSL",
    lambda t: t.describe("TRT01P", name="TRT01PLONG"),
    at="TRT01PLONG TRT01P",
)
metadata("AVALCA1N is there without AVALCAT1", "ADVS", lambda t: t.drop("AVALCAT1"), at="AVALCAT1 AVALCA1N")
metadata("ABLFL is missing and BASE is there", "ADVS", lambda t: t.drop("ABLFL"), at="ABLFL BASE")
metadata("CNSR is missing in ADTTE", "ADTTE", lambda t: t.drop("CNSR"), at="CNSR")
