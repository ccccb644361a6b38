"""Rules about what identifies a record: its keys, its sequence number, its subject, its study and its domain."""

from __future__ import annotations

import numpy as np

from ...engine.columns import column as col
from ...engine.columns.verbs import has_earlier, record_codes
from ...sdtm.natural_keys import sequence_name
from .example import case, table
from .report import Report
from .rule import conformance


@conformance(
    "R2A-CONF-003",
    "error",
    "A record repeats the keys of another one",
    source="SDTMIG 3.4, 3.2.1; Define-XML 2.1, KeySequence",
    do="Ask the site which record counts, or declare keys that separate them.",
    ask="Two records of {dataset} have the same keys. Please check whether they are the same, and which one counts.",
    passes=case(
        table("AE", "USUBJID AETERM AESTDTC", ("1", "rash", "2022"), ("1", "rash", ""), ("2", "rash", ""),
              keys=("USUBJID", "AETERM", "AESTDTC")),
    ),
    fails=case(
        table("AE", "USUBJID AESEQ:integer AETERM AESTDTC", ("1", 1, "rash", ""), ("1", 2, "rash", ""), domain="AE",
              keys=("USUBJID", "AETERM", "AESTDTC")),
        ("1", 2, "", ""),
    ),
)  # fmt: skip
def unique_keys(report: Report) -> None:
    """The keys of a dataset without a sequence number, or with it as a key, identify a record.

    A missing value equals another missing value.
    """
    if not _numbered(report):
        _report_repeated(report)


@conformance(
    "R2A-CONF-025",
    "warning",
    "Records differ in their sequence number alone, not in their natural keys",
    source="SDTMIG 3.4, 3.2.1.1: natural keys identify a record, a sequence number is a surrogate; Define-XML 2.1, "
    "KeySequence",
    do="Add the variable that separates the records to keys:, or ask the site which record counts. Until then the "
    "sequence number is the last key.",
    ask="Two records of {dataset} have the same keys. Please check whether they are the same, and which one counts.",
    passes=(
        case(
            table("AE", "USUBJID AESEQ:integer AETERM", ("1", 1, "rash"), ("1", 2, "pain"), ("2", 1, "rash"),
                  keys=("USUBJID", "AETERM"), sequence="AESEQ"),
        ),
        case(
            table("AE", "USUBJID AESEQ:integer AETERM", ("1", 1, "rash"), ("1", 2, "rash"),
                  keys=("USUBJID", "AETERM", "AESEQ"), sequence="AESEQ"),
        ),
    ),
    fails=case(
        table("AE", "USUBJID AESEQ:integer AETERM", ("1", 1, "rash"), ("1", 2, "rash"), domain="AE",
              keys=("USUBJID", "AETERM"), sequence="AESEQ"),
        ("1", 2, "", ""),
    ),
)  # fmt: skip
def natural_keys(report: Report) -> None:
    """The natural keys of a dataset with a sequence number identify a record."""
    if _numbered(report):
        _report_repeated(report)


def _numbered(report: Report) -> bool:
    return bool(report.spec.sequence) and report.spec.sequence not in report.spec.keys


def _report_repeated(report: Report) -> None:
    keys = [k for k in report.spec.keys if report.has(k)]
    if keys and len(report.dataset):
        again = has_earlier(record_codes([report.frame[k] for k in keys]))
        report.records(again, "", f"an earlier record has the same {', '.join(keys)}")


@conformance(
    "R2A-CONF-009",
    "error",
    "A subject has more than one record where one is allowed",
    source="SDTMIG 3.4, 5.2; ADaMIG 1.3, 3.2",
    do="Choose the record by where:.",
    ask="The subject has more than one record of {dataset}. Please state which one counts.",
    passes=(
        case(table("DM", "USUBJID", ("1",), ("2",), ("",), ("",))),
        case(table("AE", "USUBJID", ("1",), ("1",), structure="One record per event per subject")),
    ),
    fails=(
        case(table("DM", "USUBJID", ("1",), ("2",), ("1",)), ("1", -1, "USUBJID", "1")),
        case(
            table("ADBASE", "USUBJID", ("1",), ("1",), structure="One record per subject."), ("1", -1, "USUBJID", "1")
        ),
    ),
)
def one_record_per_subject(report: Report) -> None:
    """DM, ADSL and every dataset whose structure asks for it have one record per subject."""
    if not report.has("USUBJID"):
        return
    structure = report.spec.structure.lower().strip().rstrip(".")
    if report.dataset.name in ("DM", "ADSL") or structure == "one record per subject":
        codes, texts = report.texts("USUBJID")
        filled = np.array([t != "" for t in texts], dtype=bool)
        if len(texts):
            again = has_earlier(codes) & filled[codes]
            report.records(again, "USUBJID", f"{report.dataset.name} has one record per subject; this is a further one")


@conformance(
    "R2A-CONF-015",
    "error",
    "A sequence number repeats within a subject",
    source="SDTM 2.0, Identifiers (--SEQ)",
    do="Remove the rule of the sequence number from the spec.",
    passes=case(
        table("AE", "USUBJID AESEQ:integer", ("1", 1), ("1", 2), ("2", 1), ("2", float("nan")), ("2", float("nan")))
    ),
    fails=case(table("AE", "USUBJID AESEQ:integer", ("1", 1), ("2", 1), ("1", 1)), ("1", 1, "AESEQ", "1")),
)
def unique_sequence(report: Report) -> None:
    """The sequence number is unique within its subject."""
    sequence = sequence_name(report.dataset)
    if sequence and report.has("USUBJID"):
        filled = ~col.missing(report.frame[sequence])
        again = has_earlier(record_codes([report.frame["USUBJID"], report.frame[sequence]]))
        report.records(again & filled, sequence, f"{sequence} repeats within the subject")


@conformance(
    "R2A-CONF-016",
    "error",
    "STUDYID is not the same in all records",
    source="SDTM 2.0, Identifiers (STUDYID)",
    do="Remove the rule of STUDYID from the spec.",
    passes=case(table("AE", "STUDYID USUBJID", ("S", "1"), ("S", "2"))),
    fails=case(
        table("AE", "STUDYID USUBJID", ("S", "1"), ("T", "2"), ("S", "3")), ("2", -1, "STUDYID", "T")
    ),
)  # fmt: skip
def one_study(report: Report) -> None:
    """STUDYID is one text. The rarer ones are reported; of two that are as frequent, the later in the alphabet."""
    if report.has("STUDYID") and len(report.dataset):
        codes, texts = report.texts("STUDYID")
        count = np.bincount(codes, minlength=len(texts))
        usual = min(range(len(texts)), key=lambda i: (-count[i], texts[i]))
        report.records(codes != usual, "STUDYID", f"all other records have STUDYID '{texts[usual]}'")


@conformance(
    "R2A-CONF-021",
    "error",
    "DOMAIN is not the domain of its dataset",
    source="SDTM 2.0, Identifiers (DOMAIN)",
    do="Remove the rule of DOMAIN from the spec.",
    passes=case(table("AE", "DOMAIN USUBJID", ("AE", "1"), ("", "2"), domain="AE")),
    fails=case(table("AE", "DOMAIN USUBJID", ("AE", "1"), ("CE", "2"), domain="AE"), ("2", -1, "DOMAIN", "CE")),
)
def one_domain(report: Report) -> None:
    """A filled DOMAIN is that of the dataset."""
    if report.has("DOMAIN") and report.spec.domain:
        codes, texts = report.texts("DOMAIN")
        other = np.array([t not in ("", report.spec.domain) for t in texts], dtype=bool)
        if len(texts):
            report.records(other[codes], "DOMAIN", f"the domain of this dataset is {report.spec.domain}")
