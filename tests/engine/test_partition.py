"""A study built in 1, 2 or 7 partitions is the same study: datasets, findings, ledger, lineage and lengths."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.engine.building.partitions import ranges
from raw2adam.engine.building.summaries import LISTED, MANY_TERMS, Summary, merge

STUDY = """\
dates: {formats: [yyyy-mm-dd, yyyy-mm], unknown: [UN]}
visits: {BASELINE: {num: 1}, MONTH 3: {num: 4.5}}
epochs: {SCREENING: {}, TREATMENT: {start: RFSTDTC}}
sources:
  dm: {file: dm.csv}
  ex: {file: ex.csv, duplicates: merge}
  vs: {file: vs.csv}
  site: {file: site.csv, subject: none}
"""
DATASETS = {
    "dm": """\
dataset: DM
rows:
  source: dm
  join: [{source: site, on: [SITE]}, {source: vs, take: last, order: [DAY, RESULT]}]
variables:
  RFSTDTC: {first: EX.EXSTDTC, where: EXDOSE > 0}
  RFXSTDTC: {first: EX.EXSTDTC}
  SEX: SEX
  COUNTRY: site.COUNTRY
  AGE: {from: vs.RESULT, when: "vs.TEST == 'AGE'"}
supplemental:
  DOSES: {count: EX, label: Number of Doses}
""",
    "ex": """\
dataset: EX
rows: {source: ex, where: not missing(TRT)}
sort: [-EXSTDTC, USUBJID]
variables:
  EXTRT: TRT
  EXDOSE: DOSE
  EXDOSU: {value: mg}
  EXSTDTC: {date: DAY}
supplemental:
  SITENM: {lookup: site.NAME, on: [SITE], label: Name of Site}
""",
    "vs": """\
dataset: VS
rows:
  - {source: vs, explode: {ONE: [RESULT, AGAIN]}, variables: {VSORRES: ONE, VSGRPID: ITEM}}
  - source: dm
    join: {source: vs, on: [KEY], cardinality: one-to-many}
    where: KEY == 'a'
    variables: {VSORRES: vs.RESULT}
sort: [VSTESTCD, VSDTC]
variables:
  VSTESTCD: {from: TEST, default: NONE}
  VSTEST: {value: A Test}
  VSSTRESN: {from: VSORRES, when: "matches(VSORRES, '^[0-9.]+$')"}
  VISIT: {visit: VISIT}
  VSDTC: {date: DAY}
  VSLOBXFL: {baseline: VSDTC, by: [USUBJID, VSTESTCD]}
""",
    "adsl": """\
dataset: ADSL
rows: {from: DM}
core: [TRTSDT, AGE]
variables:
  AGE: AGE
  TRTSDT: {first: EX.EXSTDTC, as: date}
  SITEID: SITEID
""",
    "adex": """\
dataset: ADEX
label: Exposure
class: BASIC DATA STRUCTURE
rows:
  - {from: EX, variables: {PARAMCD: {value: DOSE}, PARAM: {value: Dose}, AVAL: EXDOSE}}
  - from: DM
    join: {from: ADEX, where: PARAMCD == 'DOSE', take: last, order: [AVAL]}
    variables: {PARAMCD: {value: MAX}, PARAM: {value: Highest Dose}, AVAL: ADEX.AVAL}
sequence: [PARAMCD, -AVAL]
variables:
  ADT: {first: EX.EXSTDTC, as: date}
  ANL01FL: {flag: last, by: [USUBJID, PARAMCD], order: [AVAL]}
""",
}
SUBJECT = st.sampled_from(["1", "2", "3", "9", "10", ""])
KEY = st.sampled_from(["", "a", "b"])
DAY = st.sampled_from(["", "2020-02-03", "2020-03-01", "2020-03", "2020-02-30", "x"])
DMS = st.lists(
    st.tuples(SUBJECT, KEY, st.sampled_from(["A", "B", ""]), st.sampled_from(["M", "female", "?"])), max_size=6
)
EXS = st.lists(st.tuples(SUBJECT, st.sampled_from(["A", "C"]), st.sampled_from(["", "ISA"]),
                         st.sampled_from(["", "0", "10", "0.00001", "-2.5", "many"]), DAY), max_size=8)  # fmt: skip
VSS = st.lists(st.tuples(SUBJECT, KEY, st.sampled_from(["", "TEMP", "AGE"]), st.sampled_from(["", "37", "44.25", "low"]),
                         st.sampled_from(["", "38"]), DAY, st.sampled_from(["", "baseline", "Other"])), max_size=8)  # fmt: skip
SITES = "SITE,NAME,COUNTRY\nA,Aachen,DEU\nB,Bergen,NOR\nA,Aalst,BEL\n"


#: subjects twice and in part, dates and numbers of every kind
EXAMPLE = (
    [("3", "a", "B", "M"), ("1", "", "A", "female"), ("9", "b", "", "?"), ("1", "b", "A", "M"), ("", "a", "A", "M")],
    [("1", "A", "ISA", "10", "2020-02-03"), ("1", "C", "", "-2.5", "2020-03"), ("3", "A", "ISA", "0.00001", "2020-03-01"),
     ("10", "A", "ISA", "many", "2020-02-30"), ("3", "A", "ISA", "0", "x"), ("", "A", "ISA", "10", "2020-02-03")],
    [("1", "a", "TEMP", "37", "38", "2020-02-03", "baseline"), ("1", "", "", "low", "", "2020-03", "Other"),
     ("9", "b", "AGE", "44.25", "", "x", ""), ("9", "b", "AGE", "44.25", "", "2020-03-01", "baseline"),
     ("2", "a", "TEMP", "", "38", "", "Other")],
)  # fmt: skip


def csv_of(header: str, rows: list[tuple[str, ...]]) -> str:
    return "\n".join([header, *(",".join(r) for r in rows)]) + "\n"


@pytest.mark.slow_examples
@settings(
    max_examples=examples(1),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@example(*EXAMPLE)
@given(DMS, EXS, VSS)
def test_one_two_and_seven_partitions_are_the_same(tiny, dms: list, exs: list, vss: list):
    files = {
        "dm.csv": csv_of("SUBJ,KEY,SITE,SEX", dms),
        "ex.csv": csv_of("SUBJ,SITE,TRT,DOSE,DAY", exs),
        "vs.csv": csv_of("SUBJ,KEY,TEST,RESULT,AGAIN,DAY,VISIT", vss),
        "site.csv": SITES,
    }
    whole = tiny(files, STUDY, DATASETS)
    assert whole.ledger.reconciled() == [] or {a.totals()["unread"] for a in whole.ledger.sources.values()} != {0}
    for partitions in (2, 7):
        parts = tiny(files, STUDY, DATASETS, partitions)
        assert parts.data == whole.data
        pd.testing.assert_frame_equal(parts.findings, whole.findings)
        for name, account in whole.ledger.sources.items():
            other = parts.ledger.sources[name]
            assert (other.totals(), other.by_reason()) == (account.totals(), account.by_reason())
            assert other.records.tolist() == account.records.tolist()
        assert parts.ledger.datasets == whole.ledger.datasets
        assert parts.specs == whole.specs
        assert parts.summary == whole.summary
        for name, line in whole.lineage.items():
            pd.testing.assert_frame_equal(parts.lineage[name].rows, line.rows, check_like=True)


FILES = {
    "dm.csv": "SUBJ,KEY,SITE,SEX\n10,a,A,M\n2,b,B,female\n,a,A,M\n1,,B,?\n",
    "ex.csv": "SUBJ,SITE,TRT,DOSE,DAY\n10,A,ISA,10,2020-03-01\n1,C,ISA,0.00001,2020-03\n1,C,ISA,0.00001,2020-03\n2,A,,5,\n",
    "vs.csv": "SUBJ,KEY,TEST,RESULT,AGAIN,DAY,VISIT\n10,a,TEMP,37,38,2020-02-03,baseline\n2,a,AGE,44.25,,,Other\n1,,TEMP,low,,,\n",
    "site.csv": SITES,
}


@pytest.fixture(scope="module")
def in_three(tiny):
    return tiny(FILES, STUDY, DATASETS, 3)


def test_a_written_study_in_three_partitions(in_three):
    study = in_three
    assert study.values("DM", "USUBJID") == ["S1-01", "S1-02", "S1-10"]
    assert study.values("EX", "EXDOSE") == [0.00001, 10.0]
    assert study.values("DM", "AGE") == [None, 44.25, None]
    assert [(r["USUBJID"], r["QVAL"]) for r in study.data["SUPPDM"]] == [("S1-01", "1"), ("S1-02", "0"), ("S1-10", "1")]
    assert {n: a.totals()["rows"] for n, a in study.ledger.sources.items()} == {"dm": 4, "ex": 4, "vs": 3, "site": 3}
    assert study.ledger.sources["ex"].totals() == {
        "rows": 4, "mapped": 2, "excluded": 1, "after_cutoff": 0, "merged": 1, "quarantined": 0, "unread": 0, "records": 2,
    }  # fmt: skip
    assert study.ledger.sources["dm"].totals()["quarantined"] == 1


def test_lengths_are_those_of_the_longest_value_of_any_partition(tiny, in_three):
    for specs in (in_three.specs, tiny(FILES, STUDY, DATASETS).specs):
        assert specs["DM"].variable("USUBJID").length == 5
        assert specs["EX"].variable("EXTRT").length == 3
        dose = specs["EX"].variable("EXDOSE")
        assert (dose.type, dose.digits) == ("float", 5)
        assert specs["DM"].variable("COUNTRY").length == specs["ADSL"].variable("SITEID").length + 1 == 3


def test_records_without_subjects_are_built_by_one_partition(tiny):
    spec = (
        "dataset: TI\nrows: {source: ti}\nvariables:\n  USUBJID: null\n  IETESTCD: CODE\n  IETEST: TEXT\n"
        "  IECAT: {value: INCLUSION}\n  TIRL: {lookup: other.TEXT, on: [CODE]}\n"
    )
    files = {"dm.csv": FILES["dm.csv"], "ti.csv": "CODE,TEXT\nI1,One\nI2,Two\n", "other.csv": "CODE,TEXT\nI1,x\nI1,y\n"}
    none = "sources:\n  dm: {file: dm.csv}\n  ti: {file: ti.csv, subject: none}\n  other: {file: other.csv, subject: none}\n"
    for partitions in (1, 3):
        study = tiny(files, none, {"ti": spec}, partitions)
        assert study.values("TI", "IETESTCD") == ["I1", "I2"]
        assert len(study.found("R2A-JOIN-002")) == 1
        assert study.ledger.sources["ti"].records.tolist() == [1, 1]


def test_ranges_are_contiguous_and_never_empty():
    assert ranges(5, 2) == [(0, 2), (2, 5)]
    assert ranges(3, 7) == [(0, 1), (1, 2), (2, 3)]
    assert ranges(0, 4) == [(0, 0)]
    assert ranges(4, 0) == [(0, 4)]


def test_too_many_terms_are_left_out_whatever_the_partitions():
    key = ("AE", "AETERM")
    terms = frozenset(str(i) for i in range(MANY_TERMS))
    few, many = frozenset({"1", "2"}), [frozenset(list(terms)[::2]), frozenset(list(terms)[1::2])]
    assert merge([Summary(terms={key: few}), Summary(terms={key: frozenset({"3"})})]).terms == {key: {"1", "2", "3"}}
    assert merge([Summary(terms={key: terms})]).terms == merge([Summary(terms={key: t}) for t in many]).terms == {}


def test_a_gap_in_any_partition_is_a_gap_of_the_variable(tiny):
    spec = {"dm": "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: SITE, AGE: AGE}\n"}
    files = {"dm.csv": "SUBJ,SEX,SITE,AGE\n01,F,SWE,50\n02,,SWE,\n03,M,SWE,60\n"}
    for partitions in (1, 3):
        built = tiny(files, "sources: {dm: {file: dm.csv}}\n", spec, partitions).specs["DM"]
        assert {n: built.variable(n).gaps for n in ("USUBJID", "SEX", "COUNTRY", "AGE")} == {
            "USUBJID": False, "SEX": True, "COUNTRY": False, "AGE": True}  # fmt: skip


def test_a_variable_with_too_many_values_is_not_listed_however_the_subjects_are_divided():
    key, pair = ("LB", "LBORRES"), ("TV", "VISITNUM", "VISIT")
    texts = [f"{n}" for n in range(LISTED + 1)]

    def summary(*found: str) -> Summary:
        values = frozenset(found) if len(found) <= LISTED else None
        pairs = None if values is None else frozenset((t, t) for t in found)
        return Summary(values={key: values}, pairs={pair: pairs})

    few = merge([summary(*texts[:150]), summary(*texts[1:LISTED])])
    assert (few.values[key], few.pairs[pair]) == (frozenset(texts[:LISTED]), frozenset((t, t) for t in texts[:LISTED]))
    for parts in ([texts], [texts[:150], texts[150:]], [texts, ["1"]], [["1"], texts]):
        many = merge([summary(*part) for part in parts])
        assert (many.values[key], many.pairs[pair]) == (None, None)
