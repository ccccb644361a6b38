"""SDTM as the engine asks for it: which dataset has the subjects, how qualifiers, dates and results are called.

Not for facts of single domains (mappings/facts/) nor for planning (planning.py). Source: SDTMIG 3.4 sections 4.4, 5.2,
6.3, 7 and 8.4.
"""

from __future__ import annotations

from collections.abc import Collection

from ..engine.standard import CodedResults, Tabulation, register_standard
from ..mappings.facts.terminology import Codelist, Term
from ..mappings.models.derivation import DERIVATIONS, DerivationSpec
from ..mappings.models.study import StudySpec

SUPPLEMENTAL = "SUPP"
#: variables of SUPP-- whose length is that of their longest value in this dataset (FDA, Study Data Technical
#: Conformance Guide, on the length of columns); identifiers have one length everywhere, so that records merge
_SEPARATE_WIDTH = ("IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")
#: endings of the names of results that depend on the test
_RESULTS = ("ORRES", "ORRESU", "STRESC", "STRESN", "STRESU")

#: ending of the name of a number -> that of its unit: SDTMIG 3.4 sections 6.1.3 and 6.3, SDTM 2.0 section 3.1
_UNITS = {
    **dict.fromkeys(("ORRES", "ORNRLO", "ORNRHI"), "ORRESU"),
    **dict.fromkeys(("STRESN", "STRESC", "STNRLO", "STNRHI", "LLOQ", "ULOQ"), "STRESU"),
    **dict.fromkeys(("DOSE", "DOSTXT", "DOSTOT"), "DOSU"),
    "VAMT": "VAMTU",
}


def _qualified(dataset: str) -> str:
    return dataset.removeprefix(SUPPLEMENTAL) if dataset.startswith(SUPPLEMENTAL) else ""


def _criteria(file: StudySpec) -> dict[str, Codelist]:
    """The criteria of ``trial:`` as the codelist of IETESTCD."""
    if not (file.trial and file.trial.criteria):
        return {}
    terms = tuple(Term(code, decode=c.text) for code, c in file.trial.criteria.items())
    return {"IETESTCD": Codelist("IETESTCD", "Inclusion and Exclusion Criteria", terms)}


def _code_names(text: str) -> tuple[str, ...]:
    """ARMCD of ARM, VISITNUM of VISIT, ETCD of ELEMENT, QNAM of QLABEL, SITEID of the investigator.

    TSVALCD has codes of another dictionary for each parameter.
    """
    special = {"ELEMENT": ("ETCD",), "QLABEL": ("QNAM",), "INVNAM": ("INVID", "SITEID"), "TSVAL": ()}
    return special.get(text, (f"{text}CD", f"{text}NUM"))


def _unit_names(number: str) -> tuple[str, ...]:
    """--STRESU of --STRESN, --ORRESU of --ORRES, --DOSU of --DOSE, AGEU of AGE."""
    if number == "AGE":
        return ("AGEU",)
    ending = _UNITS.get(number[2:])
    return (f"{number[:2]}{ending}",) if ending else ()


def _coded_results(names: Collection[str]) -> CodedResults | None:
    """The results and units by --TESTCD, and TSVAL by TSPARMCD."""
    if "TSPARMCD" in names:
        return CodedResults("TSPARMCD", "TSPARM", ("TSVAL",))
    code = next((n for n in names if len(n) == 8 and n.endswith("TESTCD")), None)
    if code is None:
        return None
    prefix = code[:2]
    found = tuple(r for ending in _RESULTS if (r := f"{prefix}{ending}") in names)
    return CodedResults(code, f"{prefix}TEST", found) if found else None


def _date_rule(column: str) -> DerivationSpec:
    return DERIVATIONS["date"].model_validate({"date": column})


register_standard(
    Tabulation(
        name="sdtm",
        subjects="DM",
        design_class="Trial Design",
        qualifier="QNAM",
        qualified_value="QVAL",
        qualifiers=lambda dataset: f"SUPP{dataset}",
        qualified=_qualified,
        separate_width=lambda dataset, variable: bool(_qualified(dataset)) and variable in _SEPARATE_WIDTH,
        is_date=lambda variable: variable.endswith("DTC"),
        is_sequence=lambda variable: variable.endswith("SEQ"),
        is_whole_number=lambda variable: variable.endswith(("SEQ", "DY")),
        is_result=lambda variable: variable.endswith("STRESC"),
        original_results=frozenset({"ORRES", "ORNRLO", "ORNRHI"}),
        code_names=_code_names,
        coded_results=_coded_results,
        unit_names=_unit_names,
        record_order=lambda dataset: ("USUBJID", f"{dataset[:2]}SEQ", "ASEQ"),
        codelists={"COUNTRY": ("COUNTRY",)},
        study_codelists=_criteria,
        date_rule=_date_rule,
        is_study_date=lambda rule: hasattr(rule, "study_date"),
    )
)
