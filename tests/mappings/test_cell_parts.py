"""Columns made of parts of a cell: templates, patterns, what they refuse, and what is declared for the whole cell."""

from __future__ import annotations

import pytest
from raw2adam.errors import InputError
from raw2adam.mappings.models.cell_patterns import MAX_PATTERN, Pattern, PatternError, Splitter, numbered


def parts(template: str, *texts: str) -> list[tuple[str, ...] | None]:
    return Splitter.parse(template).read(texts)


@pytest.mark.parametrize(
    ("template", "text", "expected"),
    [
        ("{SYS}/{DIA}", "120/80", ("120", "80")),
        ("{SYS}/{DIA}", " 98 /  64 ", ("98", "64")),
        ("{SYS}/{DIA}", "120/", ("120", "")),
        ("{SYS}/{DIA}", "120", None),
        ("{SYS}/{DIA}", "/", None),
        ("{SYS}/{DIA}", "120/80/60", None),  # two ways to read it
        ("{LOW} - {HIGH}", "0.5-1.1", ("0.5", "1.1")),
        ("{LOW} - {HIGH}", "-2 - -1", ("-2", "-1")),  # the blanks decide
        ("{LOW}-{HIGH}", "-2-1", None),
        ("{LOW} - {HIGH} {U}", "0.5 - 1.1  mg/dL", ("0.5", "1.1", "mg/dL")),
        ("{A}/{B}/{C}", "1/2/3", ("1", "2", "3")),
        ("{A}/{B}/{C}", "1/2", None),
        ("({CODE}) {TERM}", "(10) Skin rash", ("10", "Skin rash")),
        ("({CODE}) {TERM}", "(10) Rash", ("10", "Rash")),
        ("<{HIGH}", "< 5", ("5",)),
        ("{PULSE} bpm", "72 bpm", ("72",)),
        ("{PULSE} bpm", "72", None),
    ],
)
def test_a_template_reads_a_text(template, text, expected):
    assert parts(template, text) == [expected]


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("SYS/DIA", "the template has no field"),
        ("{SYS}{DIA}", "'DIA' touches the field before it"),
        ("{A}/{A}", "two fields have the same name"),
        ("{A:03}/{B}", "{A} takes no width"),
        ("{A/{B}", "is not part of a field"),
    ],
)
def test_a_template_that_decides_nothing_is_refused(template, message):
    with pytest.raises(PatternError, match=message.replace("{", r"\{")):
        Splitter.parse(template)


def test_a_pattern_has_to_fit_the_whole_text():
    pattern = Pattern.parse(r"(?P<LOW>[0-9.]+) *- *(?P<HIGH>[0-9.]+)(?: (?P<UNIT>[a-z/]+))?")
    assert pattern.names == ("LOW", "HIGH", "UNIT")
    assert pattern.read([" 0.5 - 1.1", "3-5 mg/l ", "3-5 *", "about 3-5"]) == [
        ("0.5", "1.1", ""), ("3", "5", "mg/l"), None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "message", "offset"),
    [
        ("[0-9]+", "the pattern has no group", 0),
        ("(?P<A>x)-([0-9]+)", "this group has no name", 9),
        ("(?P<A>x)(?P<A>y)", "two groups have the same name", 0),
        ("(?P<A>x(?=y))", "a regular expression that cannot be read", 0),
        ("(?P<A>x", "a regular expression that cannot be read", 0),
        ("(?P<A>" + "x" * MAX_PATTERN + ")", f"a pattern may have {MAX_PATTERN} characters", MAX_PATTERN),
        ("(?P<A>(x{1000}){1000})", "this group has no name", 6),
        ("(?P<A>(?:x{1000}){1000})", "a regular expression that cannot be read", 0),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern, message, offset):
    with pytest.raises(PatternError, match=message) as caught:
        Pattern.parse(pattern)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        (r"a(b)(?:c)(?P<n>d)", 2),
        (r"\(x\)[(](y)", 1),
        (r"[]()](z)", 1),
        (r"[^]()](z)", 1),
        (r"[[:alpha:](](z)", 1),
        (r"\Q(a)\E(b)", 1),
        (r"(?i)x", 0),
        (r"[\](](z)", 1),
    ],
)
def test_groups_are_counted_as_re2_counts_them(pattern, groups):
    assert numbered(pattern)[1] == groups


def test_a_quadratic_pattern_takes_no_time():
    assert Pattern.parse("(?P<A>(?:a+)+)b").read(["a" * 5000]) == [None]


VS = "dataset: VS\nrows: {source: vs, unpivot: {SYSBP: {result: SYS, unit: mmHg}, DIABP: {result: DIA, unit: mmHg}}}\n"
STUDY = 'parents: [measurements]\nstudy: {id: S1}\nsubject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ:02}"}\n'


def test_parts_are_columns_like_any_other(tiny):
    study = STUDY + 'sources: {vs: {file: vs.csv, split: {BP: ["{SYS}/{DIA}", "{SYS} systolic"]}}}\n'
    cells = {"vs.csv": "SUBJ,BP\n1,120/80\n1,130 systolic\n2,98-64\n2,\n"}
    done = tiny(cells, study, {"vs": VS + "variables: {VSSTRESC: {standard_result: RESULT}}\n"})
    assert sorted(zip(done.values("VS", "USUBJID"), done.values("VS", "VSTESTCD"), done.values("VS", "VSSTRESN"), strict=True)) == [
        ("S1-01", "DIABP", 80.0), ("S1-01", "SYSBP", 120.0), ("S1-01", "SYSBP", 130.0),
    ]  # fmt: skip
    assert done.found("R2A-PART-001") == [("vs.csv", 3, "BP", "98-64")]
    assert str(done.ledger.sources["vs"].columns["BP"]) == "divided into SYS, DIA"


def test_what_is_declared_for_the_cell_holds_for_its_parts(tiny):
    study = STUDY + (
        "dates: {formats: [yyyy-mm-dd], columns: {PERIOD: [dd.mm.yyyy]}}\n"
        "sources:\n  lb:\n    file: lb.csv\n"
        "    split: {PERIOD: '{FROM} to {TO}'}\n"
        "    extract: {RANGE: '(?P<LOW>[0-9,]+) *- *(?P<HIGH>[0-9,]+)'}\n"
        "    numbers: {columns: {RANGE: ','}}\n"
        "    types: {RANGE: number, HIGH: text}\n"
    )
    cells = {"lb.csv": 'SUBJ,TEST,RES,UNIT,RANGE,PERIOD\n1,CREAT,1.0,mg/dL,"0,5 - 1,1",03.02.2021 to 04.02.2021\n'}
    spec = (
        "dataset: LB\nrows: {source: lb}\nvariables:\n  LBTESTCD: TEST\n  LBCAT: {value: CHEMISTRY}\n  LBORRES: RES\n"
        "  LBORRESU: {original_unit: UNIT}\n  LBORNRLO: LOW\n  LBORNRHI: HIGH\n  LBSTRESC: {standard_result: RES}\n"
        "  LBDTC: {date: FROM}\n  LBENDTC: {date: TO}\n"
    )
    done = tiny(cells, study, {"lb": spec})
    assert done.plan.spec.sources["lb"].types == {"RANGE": "number", "LOW": "number", "HIGH": "text"}
    (record,) = done.data["LB"]
    assert (record["LBSTNRLO"], record["LBSTNRHI"]) == (0.5, 1.1)
    assert (record["LBDTC"], record["LBENDTC"]) == ("2021-02-03", "2021-02-04")


def test_a_subject_may_stand_in_a_part(tiny):
    study = (
        'study: {id: S1}\nsubject: {columns: [SITE, NR], usubjid: "{STUDYID}-{SITE}-{NR}"}\n'
        'sources: {ae: {file: ae.csv, split: {ID: "{SITE}_{NR}"}}}\n'
    )
    spec = "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM}\n"
    done = tiny({"ae.csv": "ID,TERM\n01_007,Rash\n"}, study, {"ae": spec})
    assert done.values("AE", "USUBJID") == ["S1-01-007"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('split: {BPX: "{SYS}/{DIA}"}', "vs.csv: there is no column 'BPX' to divide by split: or extract:"),
        ('split: {BP: "{SUBJ}/{DIA}"}', "vs.csv: 'SUBJ', a part of BP, is a column of the file"),
    ],
)
def test_columns_that_do_not_fit_the_file(tiny, source, message):
    study = STUDY + f"sources: {{vs: {{file: vs.csv, {source}}}}}\n"
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        tiny(
            {"vs.csv": "SUBJ,BP\n1,120/80\n"},
            study,
            {"vs": "dataset: VS\nrows: {source: vs}\nvariables: {VSTESTCD: {value: WEIGHT}}\n"},
        )


@pytest.mark.parametrize(
    ("source", "message", "column"),
    [
        ('split: {BP: "{SYS}{DIA}"}', "touches the field before it", 43),
        ("extract: {BP: '(?P<A>x)(y)'}", "this group has no name", 53),
        ("split: {BP: '{A}/{B}', RANGE: '{A}-{C}'}", "'A' is already a part of BP", 60),
        ("split: {BP: '{A}/{B}'}, extract: {BP: '(?P<C>x)'}", "is divided by split: and by extract:", 68),
    ],
)
def test_mistakes_have_their_place(spec_problems, source, message, column):
    problems = spec_problems(STUDY + f"sources: {{vs: {{file: vs.csv, {source}}}}}\n", {})
    assert [(p.place.line, message in p.message) for p in problems] == [(4, True)], problems
    assert problems[0].place.column == column
