"""Derivations that assign, on literal rows: what each gives, and what is reported with file and row."""

from __future__ import annotations

import pytest

CM = "dataset: CM\nrows: {source: cm}\nsort: [SOURCE]\nvariables:\n  CMTRT: DRUG\n"
AE = "dataset: AE\nrows: {source: ae}\nsort: [SOURCE]\nvariables:\n  AETERM: TERM\n  AEDECOD: TERM\n"


def one(tiny, cells: str, rule: str, variable: str = "CMDOSE", more: str = ""):
    """The values of one CM variable over cells of the column X, one per line."""
    text = "SUBJ,DRUG,X,Y\n" + "".join(f"1,D{i},{c}\n" for i, c in enumerate(cells.split("|")))
    study = tiny({"cm.csv": text}, more, {"cm": CM + f"  {variable}: {rule}\n"})
    return study, study.values("CM", variable)


def test_a_constant(tiny):
    assert one(tiny, "a,|b,", "{value: CONMED}", "CMCAT")[1] == ["CONMED", "CONMED"]


def test_a_column_by_its_name_alone(tiny):
    assert one(tiny, " a ,|,", "X", "CMCAT")[1] == ["a", ""]


def test_the_first_filled_of_several_columns(tiny):
    assert one(tiny, "a,b|,b|a,|,", "{from: [X, Y]}", "CMCAT")[1] == ["a", "b", "a", ""]


def test_a_map_knows_case_and_blanks_and_reports_the_rest(tiny):
    study, values = one(tiny, "oral,|ORAL,|nose,|,", "{from: X, map: {Oral: BY MOUTH}}", "CMCAT")
    assert values == ["BY MOUTH", "BY MOUTH", "nose", ""]
    assert study.found("R2A-CT-001") == [("cm.csv", 3, "X", "nose")]
    assert study.findings["severity"].tolist() == ["warning"]


def test_case_default_and_prefix(tiny):
    assert one(tiny, "ab,|,", "{from: X, case: upper}", "CMCAT")[1] == ["AB", ""]
    assert one(tiny, "ab,|,", "{from: X, default: NONE}", "CMCAT")[1] == ["ab", "NONE"]
    assert one(tiny, "7,|,", "{from: X, prefix: P}", "CMCAT")[1] == ["P7", ""]


def test_a_closed_codelist_keeps_an_unknown_value_with_an_error(tiny):
    study = tiny({"ae.csv": "SUBJ,TERM,SER\n1,a,y\n1,b,Yes\n2,c,perhaps\n2,d,\n"}, "", {"ae": AE + "  AESER: SER\n"})
    assert study.values("AE", "AESER") == ["Y", "Y", "perhaps", ""]
    assert study.found("R2A-CT-001") == [("ae.csv", 3, "SER", "perhaps")]
    row = study.findings[study.findings["rule"] == "R2A-CT-001"].iloc[0]
    assert (row["severity"], row["dataset"], row["subject"], row["variable"]) == ("error", "AE", "S1-02", "AESER")
    assert "not extensible" in row["message"]


def test_an_extensible_codelist_keeps_the_verbatim_with_a_warning(tiny):
    lists = "codelists: {ROUTES: {label: Routes, terms: {ORAL: By mouth, TOPICAL: On the skin}}}\n"
    study, values = one(tiny, "oral,|by MOUTH,|ear,|,", "{from: X, codelist: ROUTES}", "CMCAT", lists)
    assert values == ["ORAL", "ORAL", "ear", ""]
    assert [f[1] for f in study.found("R2A-CT-001")] == [3]
    assert study.findings["severity"].tolist() == ["warning"]


def test_a_map_wins_over_the_codelist(tiny):
    lists = "codelists: {ROUTES: {label: Routes, terms: {ORAL: By mouth, TOPICAL: On the skin}}}\n"
    assert one(tiny, "oral,|skin,", "{from: X, codelist: ROUTES, map: {oral: TOPICAL, skin: TOPICAL}}", "CMCAT", lists)[
        1
    ] == [
        "TOPICAL",
        "TOPICAL",
    ]


def test_text_of_a_numeric_variable(tiny):
    study, values = one(tiny, "0012,|1.50,|<5,|,", "X")
    assert values == [12.0, 1.5, None, None]
    assert study.found("R2A-NUM-001") == [("cm.csv", 3, "X", "<5")]


def test_a_numeric_variable_may_be_mapped_and_have_a_default(tiny):
    study, values = one(tiny, "one,|7,|,", '{from: X, map: {one: "1", "7": "7"}, default: "0"}')
    assert values == [1.0, 7.0, 0.0]
    assert len(study.findings) == 0


def test_a_number_becomes_its_shortest_text(tiny):
    spec = (
        CM
        + "  CMDOSE: X\n  CMDOSTXT: {from: CMDOSE, default: NONE}\n  CMCAT: {from: CMDOSE, map: {'5': FIVE, '1.5': LESS}}\n"
    )
    study = tiny({"cm.csv": "SUBJ,DRUG,X\n1,a,5\n1,b,1.50\n1,c,\n"}, "", {"cm": spec})
    assert study.values("CM", "CMDOSTXT") == ["5", "1.5", "NONE"]
    assert study.values("CM", "CMCAT") == ["FIVE", "LESS", ""]


def test_the_first_case_that_holds_counts(tiny):
    rule = "{cases: [{when: \"X == 'a'\", value: FIRST}, {when: \"X != 'b'\", from: Y}, {value: LAST}]}"
    assert one(tiny, "a,y|b,y|c,y|,y", rule, "CMCAT")[1] == ["FIRST", "LAST", "y", "LAST"]


def test_cases_without_a_last_one_leave_the_rest_missing(tiny):
    assert one(tiny, "a,|b,", "{cases: [{when: \"X == 'a'\", value: Y}]}", "CMCAT")[1] == ["Y", ""]


def test_cases_of_numbers_and_texts(tiny):
    rule = "{cases: [{when: \"X == 'a'\", value: '3'}, {compute: number(Y) * 2}]}"
    assert one(tiny, "a,1|b,4|b,", rule)[1] == [3.0, 8.0, None]


def test_a_rule_gives_values_only_where_its_condition_holds(tiny):
    assert one(tiny, "a,1|b,2|,3", "{from: Y, when: \"X == 'a'\"}")[1] == [1.0, None, None]
    assert one(tiny, "a,1|b,2", "{value: Z, when: \"X == 'a'\"}", "CMCAT")[1] == ["Z", ""]


def test_a_template_pads_with_zeros_and_needs_every_column(tiny):
    assert one(tiny, "7,b|123,b|7,|,b", "{template: '{X:02}/{Y}{{1}}'}", "CMCAT")[1] == ["07/b{1}", "123/b{1}", "", ""]


def test_a_formula(tiny):
    assert one(tiny, "7,2|1,0|,1", "{compute: number(X) / number(Y)}")[1] == [3.5, None, None]


def test_a_decode_needs_a_decode(tiny):
    lists = "codelists: {CATS: {label: Cats, terms: {A: First, B: Second}}}\n"
    spec = CM + "  CMCAT: {from: X, codelist: CATS}\n  CMSCAT: {decode: CMCAT, map: {C: Third}}\n"
    study = tiny({"cm.csv": "SUBJ,DRUG,X\n1,a,A\n1,b,C\n1,c,D\n1,d,\n"}, lists, {"cm": spec})
    assert study.values("CM", "CMSCAT") == ["First", "Third", "", ""]
    assert [f[3] for f in study.found("R2A-CT-002")] == ["D"]
    reported = study.findings[study.findings["rule"] == "R2A-CT-002"]
    assert reported[["file", "row", "column", "value"]].to_numpy().tolist() == [["cm.csv", 3, "X", "D"]]


def test_a_required_name_of_an_unknown_code_is_the_code(tiny):
    spec = "dataset: VS\nrows: {source: vs}\nvariables: {VSTESTCD: X, VSTEST: {decode: VSTESTCD}, VSORRES: Y}\n"
    study = tiny({"vs.csv": "SUBJ,X,Y\n1,WEIGHT,70\n1,GIRTH,90\n"}, "", {"vs": spec})
    assert sorted(study.values("VS", "VSTEST")) == ["GIRTH", "Weight"]
    assert [f[3] for f in study.found("R2A-CT-002")] == ["GIRTH"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{cases: [{value: A}, {value: B}]}", "case 1 has no when: and hides"),
        ("{cases: [{when: \"X == 'a'\"}]}", "exactly one of value, from, compute"),
        ("{template: '{X'}", "is not part of a field"),
        ("{template: '{X:>10}'}", "is not a field"),
        ("{compute: 'number(X'}", "never closed"),
        ("{from: X, codelist: ROUT}", "there is no codelist 'ROUT'"),
        ("{from: X, value: y}", "exclude each other"),
    ],
)
def test_rules_that_are_refused(spec_problems, rule: str, words: str):
    problems = [p for p in spec_problems("", {"cm": CM + f"  CMCAT: {rule}\n"}, ("cm.csv",)) if p.severity == "error"]
    assert problems
    assert words in problems[0].message
    assert (problems[0].place.file.rpartition("/")[2], problems[0].place.line) == ("cm.yaml", 6)


def test_a_name_is_the_term_with_the_code_of_its_short_name(tiny):
    """CT 2025-03-28: MRDRESP (C96782) and 'Minimal Residual Disease Response' (C96781) are one concept, C124433."""
    rs = "dataset: RS\nrows: {source: dm}\nvariables:\n  RSTESTCD: {from: CODE}\n  RSORRES: CODE\n"
    dm = "dataset: DM\nrows: {source: dm}\nvariables: {SEX: SEX, COUNTRY: {value: DEU}}\n"
    study = tiny({"dm.csv": "SUBJ,SEX,CODE\n1,M,MRDRESP\n2,F,OVRLRESP\n"}, "", {"dm": dm, "rs": rs})
    assert [r["RSTEST"] for r in study.data["RS"]] == ["Minimal Residual Disease Response", "Overall Response"]
