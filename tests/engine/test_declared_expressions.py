"""Conditions and formulas read raw cells by what is declared for their columns; what they cannot read is a finding.

The column N has decimal commas and thousands points, P has points; the dates of D are day first, those of M month first.
"""

from __future__ import annotations

import pytest

STUDY = """\
sources:
  dm: {file: dm.csv}
  raw:
    file: raw.csv
    numbers: {decimal: ',', thousands: '.', columns: {P: '.'}, missing_numbers: {P: ['999']}}
    dates: {formats: [dd/mm/yyyy], columns: {M: [mm/dd/yyyy], D: [dd/mm/yyyy]}}
"""
HEAD = "SUBJ,K,N,P,D,M,E\n"
FILES = {"dm.csv": "SUBJ\n01\n02\n", "raw.csv": HEAD + '01,1,"1.234,5",1.234,03/04/2024,04/05/2024,\n'}

FORMULAS = {
    "number(N)": 1234.5,
    "number(P)": 1.234,
    "number(N) + number(P)": 1235.734,
    "number(strip(N))": 1234.5,
    "number(replace(N, '1.2', '9.2'))": 9234.5,
    "number(substr(N, 3))": 234.5,
    "number(coalesce(E, N))": 1234.5,
    "number(coalesce(E, P))": 1.234,
    "number(if(K == '1', N, P))": 1234.5,
    "number(if(K == '2', N, P))": 1.234,
    "number(concat(N, '5'))": 1234.55,
    "number('1.5')": 1.5,
    "number(coalesce(E, '1.5'))": 1.5,
    "max(number(N), number(P))": 1234.5,
    "round(number(N))": 1235,
    "if(number(N) between 1000 and 2000, 1, 2)": 1,
    "if(number(P) > 2, 1, 2)": 2,
    "days(D, M)": -2,
    "days(M, D)": 2,
    "days(D, '2024-03-31')": 3,
    "year(D) * 10000 + month(D) * 100 + day(D)": 20240403,
    "month(M)": 4,
    "month(coalesce(E, M))": 4,
    "day(if(K == '1', M, D))": 5,
    "if(after(M, D), 1, 2)": 1,
    "if(D < M, 1, 2)": 1,
    "if(M > D, 1, 2)": 1,
    "if(D == M, 1, 2)": 2,
    "if(D == '2024-04-03', 1, 2)": 1,
    "if(D in ['2024-04-03', '2024-04-09'], 1, 2)": 1,
    "if(D != '2024-04-03' or missing(D), 1, 2)": 2,
    "if(D >= '2024-04', 1, 2)": 1,
    "if(D >= '2024', 1, 2)": 1,
    "if(D between '2024-04-03' and '2024-04-30', 1, 2)": 1,
    "if(D not between '2024-01-01' and '2024-01-31', 1, 2)": 1,
    "day(min(D, M))": 3,
    "day(max(D, M, '2024-01-09'))": 5,
    "if(D == '03/04/2024', 1, 2)": 1,  # a text that is no date of ISO 8601 is compared as text
}


def cm(rules: str, rows: str = "rows: {source: raw}") -> dict[str, str]:
    return {"cm": f"dataset: CM\n{rows}\nvariables:\n  CMTRT: {{value: A}}\n{rules}"}


def blocks(parts: list[tuple[str, str]]) -> dict[str, str]:
    """CM with a block for each (rows, rule of CMDOSE); CMTRT is the number of the block."""
    lines = [
        f"  - {{{rows}, variables: {{CMTRT: {{value: '{number}'}}, CMDOSE: {rule}}}}}\n"
        for number, (rows, rule) in enumerate(parts)
    ]
    return {"cm": "dataset: CM\nrows:\n" + "".join(lines)}


def doses(built, number: int) -> list[object]:
    return [r["CMDOSE"] for r in built.data["CM"] if r["CMTRT"] == str(number)]


@pytest.fixture(scope="module")
def formulas(tiny):
    return tiny(FILES, STUDY, blocks([("source: raw", f'{{compute: "{formula}"}}') for formula in FORMULAS]))


@pytest.mark.parametrize(("formula", "value"), FORMULAS.items())
def test_a_formula_reads_raw_cells_as_they_are_declared(formulas, formula, value):
    assert doses(formulas, list(FORMULAS).index(formula)) == [pytest.approx(value, abs=1e-9)]


def test_no_formula_has_a_cell_that_it_cannot_read(formulas):
    assert not formulas.found("R2A-EXPR-001") + formulas.found("R2A-EXPR-002")


#: the part of a spec that has a condition -> (rows, rule of CMDOSE, which is 1 where it holds)
PLACES = {
    "where": ('source: raw, where: "{condition}"', "{value: '1'}"),
    "when": ("source: raw", "{value: '1', when: \"{condition}\"}"),
    "cases": ("source: raw", "{cases: [{when: \"{condition}\", value: '1'}]}"),
    "columns": ("source: raw, columns: {X: {value: '1', when: \"{condition}\"}}", "{from: X}"),
    "count": ("source: dm", '{count: raw, where: "{condition}"}'),
    "any": ("source: dm", "{any: raw, where: \"{condition}\", yes: '1', no: ''}"),
    "lookup": ("source: dm", '{lookup: raw.K, where: "{condition}"}'),
    "first": ("source: dm", '{first: raw.K, where: "{condition}"}'),
    "total": ("source: dm", '{total: raw.K, where: "{condition}"}'),
    "join": ('source: dm, join: {source: raw, where: "{condition}"}', "{from: K}"),
}
CONDITIONS = {
    "number(N) > 1000": True,
    "number(P) > 1000": False,
    "days(M, D) == 2": True,
    "year(D) == 2024 and month(M) == 4": True,
    "D > '2024-04-03'": False,
}
BOTH = [(place, condition) for place in PLACES for condition in CONDITIONS]


@pytest.fixture(scope="module")
def conditions(tiny):
    parts = [tuple(t.replace("{condition}", condition) for t in PLACES[place]) for place, condition in BOTH]
    return tiny(FILES, STUDY, blocks(parts))


@pytest.mark.parametrize(("place", "condition"), BOTH)
def test_a_condition_reads_raw_cells_in_every_part_of_a_spec(conditions, place, condition):
    found = [v for v in doses(conditions, BOTH.index((place, condition))) if v not in (None, 0.0)]
    assert found == ([1.0] if CONDITIONS[condition] else [])


def test_a_text_that_cannot_be_read_is_a_finding_with_its_cell(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,1.5,7,03/04/2024,13/13/2024,\n02,2,,,,,\n"}
    built = tiny(files, STUDY, cm('  CMDOSE: {compute: "number(N) + days(M, D)"}\n'))
    assert built.values("CM", "CMDOSE") == [None, None]
    assert built.found("R2A-EXPR-001") == [("raw.csv", 1, "N", "1.5")]
    assert built.found("R2A-EXPR-002") == [("raw.csv", 1, "M", "13/13/2024")]


def test_a_cell_that_several_conditions_cannot_read_is_one_finding(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,1.5,7,,,\n"}
    rules = '  CMDOSE: {compute: "number(N)"}\n  CMCAT: {value: A, when: "number(N) > 1"}\n'
    built = tiny(files, STUDY, cm(rules))
    assert built.found("R2A-EXPR-001") == [("raw.csv", 1, "N", "1.5")]
    both = tiny(files, STUDY, cm(rules + "  CMDOSTOT: N\n"))
    assert both.found("R2A-EXPR-001") == []
    assert both.found("R2A-NUM-001") == [("raw.csv", 1, "N", "1.5")]


def test_only_cells_that_matter_are_findings(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,ND,7,,,\n02,2,ND,7,,,\n"}
    built = tiny(files, STUDY, cm("  CMDOSE: {compute: \"if(K == '2', number(N), number(P))\"}\n"))
    assert built.found("R2A-EXPR-001") == [("raw.csv", 2, "N", "ND")]
    built = tiny(files, STUDY, cm("  CMCAT: {value: A, when: \"number(N) > 1 and K == '2'\"}\n"))
    assert built.found("R2A-EXPR-001") == [("raw.csv", 2, "N", "ND")]


def test_a_cell_of_an_exploded_item_has_the_name_of_its_raw_column(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,ND,7,,,\n"}
    rows = "rows: {source: raw, explode: {X: [P, N]}}"
    built = tiny(files, STUDY, cm('  CMDOSE: {compute: "number(X)"}\n', rows))
    assert built.found("R2A-EXPR-001") == [("raw.csv", 1, "N", "ND")]


def test_a_text_of_columns_that_are_declared_differently_is_read_only_where_they_agree(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,1.,250,,,\n02,2,12,50,,,\n"}
    built = tiny(files, STUDY, cm('  CMDOSE: {compute: "number(concat(N, P))"}\n'))
    assert built.values("CM", "CMDOSE") == [None, 1250.0]
    assert built.found("R2A-EXPR-001") == [("raw.csv", 1, "N", "1.250")]


def test_a_row_whose_condition_cannot_be_read_is_excluded_with_a_finding(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,ND,7,,,\n01,2,,7,,,\n02,3,5,7,,,\n02,4,0,7,,,\n"}
    built = tiny(files, STUDY, cm("  CMDOSE: N\n", 'rows: {source: raw, where: "number(N) > 1"}'))
    assert built.values("CM", "CMDOSE") == [5.0]
    assert built.found("R2A-EXPR-003") == [("raw.csv", 1, "N", "ND")]
    assert built.found("R2A-EXPR-001") == []
    reasons = {
        (r.rsplit(": ", 1)[-1], n) for what, r, n in built.ledger.sources["raw"].by_reason() if what == "excluded"
    }
    assert reasons == {
        ("unknown, a cell that it reads cannot be read", 1),
        ("unknown, a cell that it reads is empty", 1),
        ("number(N) > 1", 1),
    }
    (undecided,) = built.ledger.sources["raw"].undecided.values()
    assert undecided.tolist() == [False, True, False, False]


def test_a_condition_on_an_empty_cell_decides(tiny):
    files = FILES | {"raw.csv": HEAD + "01,2,,7,,,\n"}
    where = "number(N) > 1 and not missing(N)"
    built = tiny(files, STUDY, cm("  CMDOSE: N\n", f'rows: {{source: raw, where: "{where}"}}'))
    assert built.ledger.sources["raw"].undecided == {}


def test_findings_of_cells_do_not_depend_on_partitions(tiny):
    files = FILES | {"raw.csv": HEAD + "01,1,ND,7,,,\n02,3,ND,7,,,\n"}
    specs = cm('  CMDOSE: {compute: "number(N)"}\n', "rows: {source: raw, where: \"number(N) > 1 or K > '0'\"}")
    one, two = (tiny(files, STUDY, specs, partitions=n) for n in (1, 2))
    assert (
        one.found("R2A-EXPR-001") == two.found("R2A-EXPR-001") == [("raw.csv", 1, "N", "ND"), ("raw.csv", 2, "N", "ND")]
    )


def test_a_column_is_compared_as_date_or_text_by_its_declared_type(tiny):
    files = FILES | {"raw.csv": "SUBJ,A,B\n01,30/01/2024,01/02/2024\n"}
    head = "sources:\n  dm: {file: dm.csv}\n  raw: {file: raw.csv, dates: {formats: [dd/mm/yyyy]}%s}\n"
    specs = cm('  CMDOSE: {compute: "if(A < B, 1, 2)"}\n')
    assert tiny(files, head % "", specs).values("CM", "CMDOSE") == [2.0]  # nothing declares them as dates
    dates = tiny(files, head % ", types: {A: date, B: date}", specs)
    assert dates.values("CM", "CMDOSE") == [1.0]


def test_a_date_that_does_not_decide_a_comparison_leaves_it_unknown(tiny):
    """See docs/semantics.md S22."""
    files = FILES | {"raw.csv": HEAD + "01,1,1,1,03/2024,,\n"}
    study = STUDY.replace("D: [dd/mm/yyyy]", "D: [dd/mm/yyyy, mm/yyyy]")
    formula = "if(D < '{0}', 1, if(not (D < '{0}'), 2, 3))"
    for day, value in (("2024-02-28", 2), ("2024-03-15", 3), ("2024-04-01", 1), ("2024-03", 2)):
        built = tiny(files, study, cm(f'  CMDOSE: {{compute: "{formula.format(day)}"}}\n'))
        assert built.values("CM", "CMDOSE") == [value], day


@pytest.mark.parametrize(
    ("formula", "reported"),
    [
        ("extract(P, '([0-9]+)/')", ["about 7", "n/a"]),
        ("coalesce(extract(P, '([0-9]+)/'), extract(P, '[0-9]+'))", ["n/a", "n/a"]),
        ("coalesce(extract(P, '([0-9]+)/'), 'none')", []),
        ("if(missing(extract(P, '([0-9]+)/')), 'none', 'one')", []),
        ("if(extract(P, '([0-9]+)/') == '', 'none', 'one')", []),
        ("if(contains(P, '/'), extract(P, '([0-9]+)/'), 'none')", ["n/a"]),
    ],
)
def test_a_cell_in_which_a_pattern_finds_nothing_is_a_finding(tiny, formula, reported):
    rows = "".join(f"01,{n},,{text},,,\n" for n, text in enumerate(("120/80", "about 7", "n/a", ""), 1))
    built = tiny(FILES | {"raw.csv": HEAD + rows}, STUDY, cm(f'  CMDOSTXT: {{compute: "{formula}"}}\n'))
    assert [f[3] for f in built.found("R2A-PART-004")] == list(dict.fromkeys(reported))


def test_a_part_of_a_cell_is_read_by_what_is_declared_for_the_cell(tiny):
    files = FILES | {"raw.csv": HEAD + '01,1,"1.234,5 - 2.000,5",7,,,\n'}
    built = tiny(
        files, STUDY, cm("  CMDOSE: {compute: \"number(part(N, '-', 2)) - number(extract(N, '[0-9.,]+'))\"}\n")
    )
    assert built.values("CM", "CMDOSE") == [766.0]
