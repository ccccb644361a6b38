"""ADEX, ADCM and ADMH of the clean build, computed a second time from its SDTM in plain Python.

The programs of the pack are not read: the rules are those of docs/companions.md. Not for values by hand of single rules.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import pytest
from kit.pack_records import by_subject, day, of_clean_pack


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory):
    return of_clean_pack(tmp_path_factory)


def figures(data, *, prefix: str) -> dict[tuple[object, object], object]:
    """(subject, parameter) -> AVAL of the figures of ADEX."""
    return {
        (r["USUBJID"], r["PARAMCD"]): r["AVAL"]
        for r in data("adex")
        if r["PARCAT2"] == "SUMMARY" and str(r["PARAMCD"]).startswith(prefix)
    }


def test_exposure_to_isatuximab(data):
    modified = {(r["USUBJID"], float(str(r["IDVARVAL"]))): r["QVAL"] for r in data("suppec") if r["QNAM"] == "DOSEMOD"}
    given, asked = by_subject(data("ex")), by_subject(data("ec"))
    expected: dict[tuple[object, object], object] = {}
    for sl in data("adsl"):
        if sl["SAFFL"] != "Y":
            continue
        subject = sl["USUBJID"]
        doses = [r for r in given[subject] if r["EXTRT"] == "ISATUXIMAB" and r["EXDOSE"] > 0]
        plans = [r for r in asked[subject] if r["ECTRT"] == "ISATUXIMAB" and r["ECMOOD"] == "SCHEDULED"]
        forms = [r for r in asked[subject] if r["ECTRT"] == "ISATUXIMAB" and r["ECMOOD"] == "PERFORMED"]
        total, planned = sum(r["EXDOSE"] for r in doses), sum(r["ECDOSE"] for r in plans)
        days = [day(r["EXSTDTC"]) for r in doses]
        kinds = [modified[subject, r["ECSEQ"]] for r in forms]
        of_day = defaultdict(float)
        for r in doses:
            of_day[day(r["EXSTDTC"])] += r["EXDOSE"]
        reduced = sum(0 < of_day[day(r["ECSTDTC"])] < r["ECDOSE"] for r in plans)
        omitted = sum(r["ECOCCUR"] == "N" for r in forms)
        counts = (kinds.count("DELAYED"), kinds.count("INTERRUPTED"), omitted, reduced)
        values = {
            "ISANDOS": len(doses), "ISADUR": max(days) - min(days) + 1, "ISACUM": total, "ISAPCUM": planned,
            "ISAAVG": total / len(doses), "ISARDI": 100 * total / planned,
            "ISANCYC": len({r["ECGRPID"] for r in forms if r["ECOCCUR"] == "Y"}),
            "ISANDEL": counts[0], "ISANINT": counts[1], "ISANOMI": counts[2], "ISANRED": counts[3],
            "ISAMOD": float(any(counts)),
        }  # fmt: skip
        expected |= {(subject, name): value for name, value in values.items()}
    assert figures(data, prefix="ISA") == pytest.approx(expected)
    assert sum(v for (_, p), v in expected.items() if p == "ISANOMI") > 0


def test_dose_levels_of_partner_drugs(data):
    expected: dict[tuple[object, object], object] = {}
    names = {
        "POMALIDOMIDE": "POM",
        "CARFILZOMIB": "CAR",
        "DEXAMETHASONE": "DEX",
        "LENALIDOMIDE": "LEN",
        "BORTEZOMIB": "BOR",
    }
    for subject, records in by_subject(data("ex")).items():
        for drug, code in names.items():
            levels = sorted(
                (day(r["EXSTDTC"]), r["EXSEQ"], r["EXDOSE"], day(r["EXENDTC"]) or day(r["EXENTPT"]))
                for r in records
                if r["EXTRT"] == drug
            )
            if not levels:
                continue
            spans = [last - first + 1 for first, _, _, last in levels]
            dose = [d for _, _, d, _ in levels]
            expected[subject, f"{code}DUR"] = max(lv[3] for lv in levels) - levels[0][0] + 1
            expected[subject, f"{code}AVG"] = sum(d * n for d, n in zip(dose, spans, strict=True)) / sum(spans)
            expected[subject, f"{code}NRED"] = sum(b < a for a, b in pairwise(dose))
    got = {k: v for c in names.values() for k, v in figures(data, prefix=c).items()}
    assert got == pytest.approx(expected)
    assert sum(v for (_, p), v in expected.items() if str(p).endswith("NRED")) > 0


def test_concomitant_medication_by_its_time(data):
    subjects = {r["USUBJID"]: r for r in data("adsl")}
    expected, got = {}, {}
    for r in data("cm"):
        if r["CMCAT"] == "PRIOR ANTI-MYELOMA THERAPY":
            continue
        sl, first, last = subjects[r["USUBJID"]], day(r["CMSTDTC"]), day(r["CMENDTC"])
        start, end = sl["TRTSDT"], sl["TRTEDT"]
        upper = math.inf if sl["EOTSTT"] == "ONGOING" or end is None else end + 30
        on = start is not None and first <= upper and (first >= start or last is None or last >= start)
        before = start is not None and first < start
        expected[r["USUBJID"], r["CMSEQ"]] = ("Y" * before, "Y" * on, "Y" * (first > upper))
    for r in data("adcm"):
        got[r["USUBJID"], r["CMSEQ"]] = (r["PREFL"], r["ONTRTFL"], r["FUPFL"])
    assert got == expected
    # the first of each medication, and no other, has the flag of occurrence
    firsts = {}
    for r in sorted(data("adcm"), key=lambda r: (r["ASTDT"], r["CMSEQ"])):
        if r["ANL01FL"] == "Y":
            firsts.setdefault((r["USUBJID"], r["CMDECOD"]), r["CMSEQ"])
    flagged = {(r["USUBJID"], r["CMDECOD"]): r["CMSEQ"] for r in data("adcm") if r["AOCCPFL"] == "Y"}
    assert flagged == firsts


def test_medical_history_and_the_charlson_index(data):
    subjects = {r["USUBJID"]: r for r in data("adsl")}
    items: dict[object, set] = defaultdict(set)
    for r in data("admh"):
        start, first, last = subjects[r["USUBJID"]]["TRTSDT"], r["ASTDT"], r["AENDT"]
        state = ""
        if start is not None and not (first is not None and first > start):
            ended = last is not None
            state = ("PAST" if last < start else "CURRENT") if ended else "CURRENT" * (r["MHENRTPT"] == "ONGOING")
        assert (r["AHIST"], r["USUBJID"]) == (state, r["USUBJID"])
        if r["CHARLITM"] is not None:
            items[r["USUBJID"]].add((r["CHARLITM"], r["CHARLWT"]))
    index = {s: sum(weight for _, weight in items[s]) for s in subjects}
    assert index == {s: r["CHARLSON"] for s, r in subjects.items()}
    assert len(data("admh")) == len(data("mh"))
