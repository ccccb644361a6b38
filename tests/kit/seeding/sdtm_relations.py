"""Errors in SUPP--, RELREC, CO and trial design of SDTM, and in EPOCH. Not for single domains (sdtm_findings.py)."""

from __future__ import annotations

from .seed import Area, change, record, values
from .tables import Tables

P, R, T = Area.SUPP, Area.RELATIONS, Area.TRIAL
NAN = float("nan")

# ---- supplemental qualifiers
values(P, "a SUPP record has no parent record", "SUPPAE", {"IDVARVAL": "9999"}, at="IDVARVAL .")
values(P, "RDOMAIN is another domain", "SUPPAE", {"RDOMAIN": "CM"}, at="RDOMAIN IDVARVAL IDVAR")
values(P, "RDOMAIN is no domain", "SUPPAE", {"RDOMAIN": "QX"}, at="RDOMAIN IDVARVAL IDVAR")
values(P, "IDVARVAL is there without IDVAR", "SUPPAE", {"IDVAR": ""}, at="IDVAR IDVARVAL")
values(P, "IDVAR is there without IDVARVAL", "SUPPAE", {"IDVARVAL": ""}, at="IDVAR IDVARVAL")
values(P, "IDVAR is no variable of the parent", "SUPPAE", {"IDVAR": "CMSEQ"}, at="IDVAR IDVARVAL")
values(
    P,
    "QNAM has nine letters",
    "SUPPAE",
    {"QNAM": "AETRTEMFL"},
    where=lambda f: f["QNAM"] == "AETRTEM",
    at="QNAM QLABEL",
)
values(
    P,
    "QNAM begins with a digit",
    "SUPPDM",
    {"QNAM": "8COMPLT"},
    where=lambda f: f["QNAM"] == "COMPLT8",
    at="QNAM QLABEL",
)
values(P, "QNAM is a variable of the parent", "SUPPDM", {"QNAM": "RACE", "QLABEL": "Race"}, at="QNAM QLABEL")
values(
    P,
    "QLABEL of one record differs",
    "SUPPDM",
    {"QLABEL": "Safety Population"},
    where=lambda f: f["QNAM"] == "SAFETY",
    at="QLABEL QNAM",
)
values(
    P,
    "QLABEL has more than 40 letters",
    "SUPPDS",
    {"QLABEL": "PROTOCOL ENTRY CRITERIA THAT THE SUBJECT DID NOT MEET"},
    at="QLABEL QNAM",
)
values(P, "QVAL is empty", "SUPPAE", {"QVAL": ""})
values(P, "QORIG is empty", "SUPPAE", {"QORIG": ""})
record(P, "a qualifier is there twice for a record", "SUPPAE", {"QVAL": "N"}, at="QNAM QVAL USUBJID IDVARVAL .")
values(P, "the subject of a qualifier is not in DM", "SUPPDM", {"USUBJID": "99-999-9999"})
values(P, "STUDYID of a qualifier is another study", "SUPPDM", {"STUDYID": "OTHERSTUDY"})

# ---- related records, comments
values(
    R,
    "a related record is not there",
    "RELREC",
    {"IDVARVAL": "99999"},
    where=lambda f: f["IDVARVAL"] != "",
    at="IDVARVAL .",
)
values(R, "RELID has one record", "RELREC", {"RELID": "ALONE"}, where=lambda f: f["RELID"] != "", at="RELID .")
values(R, "RDOMAIN of RELREC is not submitted", "RELREC", {"RDOMAIN": "ZZ"}, at="RDOMAIN IDVARVAL IDVAR")
values(
    R,
    "IDVAR of RELREC is no variable of the domain",
    "RELREC",
    {"IDVAR": "QQSEQ"},
    where=lambda f: f["IDVAR"] != "",
    at="IDVAR IDVARVAL",
)
values(R, "RELTYPE is not a term of its codelist", "RELREC", {"RELTYPE": "SEVERAL"}, at="RELTYPE")
values(
    R,
    "the subject of RELREC is not in DM",
    "RELREC",
    {"USUBJID": "99-999-9999"},
    where=lambda f: f["USUBJID"] != "",
    at="USUBJID IDVARVAL",
)
values(
    R,
    "a comment has IDVAR without RDOMAIN",
    "CO",
    {"IDVAR": "AESEQ", "IDVARVAL": "1", "RDOMAIN": ""},
    at="RDOMAIN IDVAR",
)
values(R, "COVAL is empty", "CO", {"COVAL": ""})
record(R, "COSEQ is there twice", "CO", at="COSEQ .")

# ---- trial design
values(
    T,
    "ARMCD of DM is not in TA",
    "DM",
    {"ARMCD": "NOSUCH", "ARM": "No such arm"},
    where=lambda f: f["ARMCD"] != "",
    at="ARMCD ARM",
)
values(T, "ETCD of TA is not in TE", "TA", {"ETCD": "NOELEM"}, at="ETCD")
record(T, "TAETORD is there twice in an arm", "TA", at="TAETORD ARMCD .")
values(T, "EPOCH of TA is not a term of its codelist", "TA", {"EPOCH": "THERAPY"})
values(T, "ARM of TA does not fit to ARMCD", "TA", {"ARM": "Another arm"}, at="ARM ARMCD")
record(T, "ETCD is there twice in TE", "TE", at="ETCD .")
values(T, "TEDUR is not a duration", "TE", {"TEDUR": "6 weeks"}, at="TEDUR")
values(T, "TESTRL is empty", "TE", {"TESTRL": ""})
record(T, "a visit is there twice in TV", "TV", at="VISITNUM .")
values(T, "VISIT of TV has another name in SV", "TV", {"VISIT": "ANOTHER NAME"}, at="VISIT VISITNUM SV.VISIT")
record(T, "IETESTCD is there twice in TI", "TI", at="IETESTCD .")
values(T, "IETESTCD of IE is not in TI", "IE", {"IETESTCD": "NOCRIT"}, at="IETESTCD IETEST")
values(T, "IECAT is not a term of its codelist", "IE", {"IECAT": "CRITERION"}, at="IECAT")
values(T, "ETCD of SE is not in TE", "SE", {"ETCD": "NOELEM"}, at="ETCD")
values(
    T,
    "SEENDTC is before SESTDTC",
    "SE",
    {"SEENDTC": "1999-01-01"},
    where=lambda f: f["SESTDTC"] != "",
    at="SEENDTC SESTDTC",
)
values(
    T,
    "EPOCH of AE is not where the dates are",
    "AE",
    lambda r: {"EPOCH": "SCREENING" if r["EPOCH"] != "SCREENING" else "TREATMENT"},
    where=lambda f: (f["EPOCH"] != "") & (f["AESTDY"] > 5) & (f["AESTDTC"].str.len() >= 10),
    at="EPOCH",
)
values(T, "EPOCH of AE is not in TA", "AE", {"EPOCH": "RUN-IN"}, where=lambda f: f["EPOCH"] != "", at="EPOCH")


def _without(parameter: str):
    def write(tables: Tables) -> None:
        table = tables["TS"]
        at = [i for i, p in enumerate(table.frame["TSPARMCD"]) if p == parameter]
        if not at:
            raise LookupError(f"TS has no {parameter}")
        table.remove(at)

    return write


change(T, "TS has no SSTDTC", "TS", _without("SSTDTC"), at="TSPARMCD TSVAL .", structure=True)
change(T, "TS has no TITLE", "TS", _without("TITLE"), at="TSPARMCD TSVAL .", structure=True)


def _without_a_visit(tables: Tables) -> None:
    """Remove a planned visit that subjects have."""
    table = tables["TV"]
    if "SV" not in tables.clean:
        raise LookupError("there is no SV")
    seen = set(tables["SV"].frame["VISITNUM"])
    table.remove([table.pick(lambda f: f["VISITNUM"].isin(seen))])


change(T, "a visit of SV is not in TV", "TV", _without_a_visit, at="SV.VISITNUM SV.VISIT SV.. VISITNUM", structure=True)
