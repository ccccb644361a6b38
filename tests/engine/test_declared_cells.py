"""What study.yaml declares for a raw column follows its cells: by every path, into every rule that reads them.

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
    dates: {formats: [dd/mm/yyyy], columns: {M: [mm/dd/yyyy]}}
"""
FILES = {
    "dm.csv": "SUBJ,LAND\n01,DE\n",
    "raw.csv": 'SUBJ,K,N,P,D,M\n01,1,"1.234,5",1.234,03/04/2024,04/03/2024\n',
}

#: how a cell comes to the rule -> (rows of the block, the name that holds it)
PATHS = {
    "itself": ("rows: {source: raw}", "{column}"),
    "qualified": ("rows: {source: raw}", "raw.{column}"),
    "unpivot": ("rows: {source: raw, unpivot: {X: {result: {column}}}}", "RESULT"),
    "explode": ("rows: {source: raw, explode: {X: [{column}]}}", "X"),
    "columns": ("rows: {source: raw, columns: {X: {from: {column}}}}", "X"),
    "columns of columns": ("rows: {source: raw, columns: {X: {from: {column}}, Y: {from: X}}}", "Y"),
    "coalesce": ("rows: {source: raw, columns: {X: {from: [E, {column}]}}}", "X"),
    "cases": ("rows: {source: raw, columns: {X: {cases: [{when: \"K == '2'\", from: K}, {from: {column}}]}}}", "X"),
    "join": ("rows: {source: dm, join: {source: raw}}", "{column}"),
    "renamed join": ("rows: {source: dm, join: {source: raw, as: j}}", "j.{column}"),
    "subject": ("rows: {source: dm}", "raw.{column}"),
    "lookup": ("rows: {source: dm, columns: {X: {lookup: raw.{column}}}}", "X"),
    "first": ("rows: {source: dm, columns: {X: {first: raw.{column}, order: [K]}}}", "X"),
    "variable": ("rows: {source: raw}\nworking: {X: {from: {column}}}", "X"),
    "variable of unpivot": ("rows: {source: raw, unpivot: {X: {result: {column}}}}\nworking: {Y: RESULT}", "Y"),
    "looked-up variable": ("rows: {source: dm}\nworking: {X: {lookup: raw.{column}}}", "X"),
}
FILES["raw.csv"] = FILES["raw.csv"].replace("M\n01", "M,E\n01").replace("2024\n", "2024,\n")


def cm(path: str, column: str, rules: str) -> str:
    rows, name = (part.replace("{column}", column) for part in PATHS[path])
    off = "  CMTESTCD: null\n  CMORRES: null\n" if "unpivot" in rows else ""  # the findings that unpivot: gives
    return f"dataset: CM\n{rows}\nvariables:\n  CMTRT: {{value: A}}\n{off}{rules.replace('{name}', name)}"


def blocks(path: str) -> str:
    """CM with a record for each column, which comes by one path; CMTRT names the column. Q is P without a value."""
    text = "dataset: CM\nrows:\n"
    for column, rule in RULES.items():
        rows, name = (part.replace("{column}", column) for part in PATHS[path])
        head, _, working = rows.partition("\n")
        inner = head.removeprefix("rows: {").removesuffix("}")
        variables = f"variables: {{CMTRT: {{value: {column}}}, {rule.replace('{name}', name)}}}"
        text += "  - {" + ", ".join((inner, *([working] if working else []), variables)) + "}\n"
    unpivoted = "unpivot" in PATHS[path][0]  # which gives its findings by itself
    return text + ("variables: {CMTESTCD: null, CMORRES: null}\n" if unpivoted else "")


RULES = dict.fromkeys("NPQ", "CMDOSE: {from: {name}}") | dict.fromkeys("DM", "CMSTDTC: {date: {name}}")


@pytest.fixture(scope="module", params=PATHS)
def of_column(tiny, request):
    """Variable, column -> the values of the records whose cell came by the path."""
    study = STUDY.replace("{P: '.'}", "{P: '.', Q: '.'}").replace("{P: ['999']}", "{Q: ['999']}")
    header, row = FILES["raw.csv"].splitlines()
    built = tiny(FILES | {"raw.csv": f"{header},Q\n{row},999\n"}, study, {"cm": blocks(request.param)})
    return lambda name, column: [r[name] for r in built.data["CM"] if r["CMTRT"] == column]


@pytest.mark.parametrize(("column", "value"), [("N", 1234.5), ("P", 1.234)])
def test_a_number_is_read_by_the_marks_of_its_column(of_column, column, value):
    assert of_column("CMDOSE", column) == [value]


@pytest.mark.parametrize("column", ["D", "M"])
def test_a_date_is_read_by_the_formats_of_its_column(of_column, column):
    assert of_column("CMSTDTC", column) == ["2024-04-03"]


def test_a_number_that_means_no_value_is_missing_for_every_rule(of_column):
    assert of_column("CMDOSE", "Q") == [None]


def test_the_items_of_one_block_are_read_by_the_declarations_of_each(tiny):
    rows = "rows: {source: raw, unpivot: {A: {result: N}, B: {result: P}}}"
    built = tiny(
        FILES,
        STUDY,
        {
            "cm": f"dataset: CM\n{rows}\nvariables: {{CMTRT: ITEM, CMDOSE: RESULT, CMTESTCD: null, CMORRES: null}}\nsort: [CMTRT]\n"
        },
    )
    assert list(zip(built.values("CM", "CMTRT"), built.values("CM", "CMDOSE"), strict=True)) == [
        ("A", 1234.5),
        ("B", 1.234),
    ]


def test_records_of_two_columns_after_another_are_read_by_the_one_that_was_filled(tiny):
    files = FILES | {"raw.csv": 'SUBJ,K,N,P,D,M,E\n01,1,"1.234,5",1.234,,,\n01,2,,1.234,,,\n'}
    rows = "rows: {source: raw, columns: {X: {from: [N, P]}}}"
    built = tiny(files, STUDY, {"cm": f"dataset: CM\n{rows}\nvariables: {{CMTRT: K, CMDOSE: X}}\nsort: [CMTRT]\n"})
    assert built.values("CM", "CMDOSE") == [1234.5, 1.234]


def test_a_country_selects_the_marks_and_formats_of_exploded_cells(tiny):
    study = """\
sources:
  dm: {file: dm.csv}
  raw:
    file: raw.csv
    numbers: {by: dm.LAND, when: {DE: {decimal: ',', thousands: '.'}}}
    dates: {by: dm.LAND, formats: [mm/dd/yyyy], when: {DE: [dd/mm/yyyy]}}
"""
    files = {
        "dm.csv": "SUBJ,LAND\n01,DE\n02,US\n",
        "raw.csv": "SUBJ,N,D\n01,1.250,03/04/2024\n02,1.250,03/04/2024\n",
    }
    rows = "rows: {source: raw, explode: {X: [N], Y: [D]}}"
    built = tiny(
        files,
        study,
        {"cm": f"dataset: CM\n{rows}\nvariables: {{CMTRT: {{value: A}}, CMDOSE: X, CMSTDTC: {{date: Y}}}}\n"},
    )
    assert built.values("CM", "CMDOSE") == [1250.0, 1.25]
    assert built.values("CM", "CMSTDTC") == ["2024-04-03", "2024-03-04"]


def test_a_text_of_the_spec_is_read_without_declarations(tiny):
    rules = "  CMDOSE: {from: K, map: {'1': '1.5'}, default: '2.5'}\n"
    built = tiny(FILES, STUDY, {"cm": cm("itself", "N", rules)})
    assert built.values("CM", "CMDOSE") == [1.5]


def test_by_that_names_no_column_is_an_error_at_its_line(tiny):
    from raw2adam.errors import SpecError

    study = "sources:\n  dm: {file: dm.csv}\n  raw:\n    file: raw.csv\n    numbers: {by: dm.LND, decimal: ','}\n"
    with pytest.raises(SpecError, match=r"study\.yaml:\d+:\d+.*by: dm has no column 'LND'"):
        tiny(FILES, study, {"cm": cm("itself", "N", "  CMDOSE: {name}\n")})


def test_rules_that_compare_dates_read_raw_ones_as_they_are_declared(tiny):
    files = FILES | {"raw.csv": FILES["raw.csv"].replace("04/03/2024", "04/05/2024")}
    rules = "  CMSTDY: {study_day: M, reference: D}\n  CMSTRF: {relative: D, to: M}\n"
    built = tiny(files, STUDY, {"cm": cm("itself", "N", rules)})
    assert built.values("CM", "CMSTDY") == [3.0]
    assert built.values("CM", "CMSTRF") == ["BEFORE"]


def test_a_date_that_such_a_rule_cannot_read_is_a_finding(tiny):
    files = FILES | {"raw.csv": FILES["raw.csv"].replace("04/03/2024", "13/13/2024")}
    built = tiny(files, STUDY, {"cm": cm("itself", "N", "  CMSTDY: {study_day: M, reference: D}\n")})
    assert built.values("CM", "CMSTDY") == [None]
    assert built.found("R2A-EXPR-002") == [("raw.csv", 1, "M", "13/13/2024")]


def test_limits_of_a_range_are_read_by_the_marks_of_their_columns(tiny):
    files = {"dm.csv": "SUBJ,LAND\n01,DE\n", "raw.csv": "SUBJ,N,P\n01,1.100,1.5\n"}
    lb = """\
dataset: LB
rows: {source: raw}
variables:
  LBTESTCD: {value: XYZ}
  LBTEST: {value: Xyz, codelist: none}
  LBSTRESC: {standard_result: N}
  LBSTRESN: {numeric_result: LBSTRESC}
  LBNRIND: {range_indicator: LBSTRESC, low: P}
"""
    built = tiny(files, STUDY, {"lb": lb.replace("  LBSTRESN: {numeric_result: LBSTRESC}\n", "")})
    assert built.values("LB", "LBSTRESC") == ["1100"]
    assert built.values("LB", "LBNRIND") == ["NORMAL"]


def test_a_chain_of_values_that_is_too_long_is_an_error_at_its_place(tiny):
    from raw2adam.errors import SpecError

    chain = "".join(f"  V{i}: {{from: V{i + 1}}}\n" for i in range(200)) + "  V200: K\n"
    spec = f"dataset: CM\nrows: {{source: raw}}\nvariables: {{CMTRT: V0}}\nworking:\n{chain}"
    with pytest.raises(SpecError, match=r"cm\.yaml:\d+:\d+: .*more than 60 values that need each other"):
        tiny(FILES, STUDY, {"cm": spec})
