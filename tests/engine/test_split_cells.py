"""Several values in one cell: explode: with split:, and relations by several links."""

from __future__ import annotations

import pytest

FA = "dataset: CM\nrows: {source: cm, explode: {%s}%s}\nvariables: {CMTRT: DRUG, CMSPID: ITEM}\n"
CM = {"cm.csv": "SUBJ,DRUGS,DOSES\n1,Aspirin; ;ASS ;Aspirin,1;2;3;4\n1,,5\n2,Iron,6;7\n2,;,\n"}


def test_each_part_of_a_cell_is_a_row(tiny):
    done = tiny(CM, "", {"cm": FA % ("DRUG: {split: DRUGS, at: ;}", "")})
    assert sorted(zip(done.values("CM", "USUBJID"), done.values("CM", "CMSPID"), done.values("CM", "CMTRT"), strict=True)) == [
        ("S1-01", "1", "Aspirin"), ("S1-01", "3", "ASS"), ("S1-01", "4", "Aspirin"), ("S1-02", "1", "Iron"),
    ]  # fmt: skip
    account = done.ledger.sources["cm"]
    assert account.outcome.tolist() == [account.outcome[0], account.outcome[1], account.outcome[0], account.outcome[1]]
    assert "explode: no item is filled" in account.reasons[account.reason[3]]


def test_equal_parts_of_one_cell_and_several_separators(tiny):
    cells = {"cm.csv": 'SUBJ,DRUGS\n1,"A, B;A and B"\n'}
    done = tiny(cells, "", {"cm": FA % ("DRUG: {split: DRUGS, at: [',', ;, ' and '], distinct: true}", "")})
    assert sorted(zip(done.values("CM", "CMSPID"), done.values("CM", "CMTRT"), strict=True)) == [("1", "A"), ("2", "B")]


def test_cells_of_one_row_are_combined_by_the_number_of_their_part(tiny):
    spec = FA % ("DRUG: {split: DRUGS, at: ;}, DOSE: {split: DOSES, at: ;}", "")
    done = tiny(CM, "", {"cm": spec.replace("CMSPID: ITEM", "CMSPID: ITEM, CMDOSTXT: DOSE")})
    assert sorted(zip(done.values("CM", "CMTRT"), done.values("CM", "CMDOSTXT"), strict=True)) == [
        ("", "2"), ("", "5"), ("", "7"), ("ASS", "3"), ("Aspirin", "1"), ("Aspirin", "4"), ("Iron", "6"),
    ]  # fmt: skip
    assert done.found("R2A-PART-002") == [("cm.csv", 3, "DOSES", "6;7")]


def test_a_part_that_is_excluded_beside_one_that_stays_is_reported(tiny):
    done = tiny(CM, "", {"cm": FA % ("DRUG: {split: DRUGS, at: ;}", ", where: DRUG != 'ASS' and DRUG != 'Iron'")})
    assert done.values("CM", "CMTRT") == ["Aspirin", "Aspirin"]
    assert done.found("R2A-PART-003") == [("cm.csv", 1, "DRUGS", "ASS")]  # Iron: its whole row is excluded


def test_dates_declared_for_the_column_are_read_in_its_parts(tiny):
    cells = {"ae.csv": "SUBJ,DATES\n1,03.02.2021 / 04.02.2021\n"}
    spec = "dataset: AE\nrows: {source: ae, explode: {DAY: {split: DATES, at: /}}}\nvariables: {AETERM: ITEM, AEDECOD: ITEM, AESTDTC: {date: DAY}}\n"
    study = "dates: {formats: [yyyy-mm-dd], columns: {DATES: [dd.mm.yyyy]}}\n"
    done = tiny(cells, study, {"ae": spec})
    assert done.values("AE", "AESTDTC") == ["2021-02-03", "2021-02-04"]


@pytest.mark.parametrize("keep", [False, True])
def test_rows_without_a_part_are_kept_with_keep_empty(tiny, keep):
    done = tiny(CM, "", {"cm": FA % ("DRUG: {split: DRUGS, at: ;}", ", keep_empty: true" if keep else "")})
    assert sorted(done.values("CM", "CMTRT")) == ["", ""] * keep + ["ASS", "Aspirin", "Aspirin", "Iron"]


def test_the_number_of_partitions_changes_nothing(tiny):
    spec = {"cm": FA % ("DRUG: {split: DRUGS, at: ;}", "")}
    one, two = tiny(CM, "", spec), tiny(CM, "", spec, partitions=2)
    assert one.data == two.data
    assert [u.reads for u in one.lineage["CM"].rules] == [u.reads for u in two.lineage["CM"].rules]
    assert one.lineage["CM"].rows.equals(two.lineage["CM"].rows)


@pytest.mark.parametrize(
    ("explode", "message"),
    [
        ("DRUG: {split: DRUGS, at: ''}", "at: needs the text between the values"),
        ("DRUG: {split: DRUGS, at: []}", "at: needs the text between the values"),
        ("DRUG: {split: DRUGS, at: ;}, DOSE: [DOSES]", "explode: takes columns or the parts of cells, not both"),
    ],
)
def test_mistakes_of_a_spec(spec_problems, explode, message):
    problems = spec_problems("", {"cm": FA % (explode, "")}, ("cm.csv",))
    assert any(message in p.message and p.place.line for p in problems)


def test_a_record_with_several_links_is_related_to_each(tiny):
    raw = {
        "ae.csv": "SUBJ,NO,TERM\n1,1,Rash\n1,2,Cough\n2,1,Fever\n",
        "cm.csv": 'SUBJ,DRUG,AES\n1,A,1\n1,B,"1; 2 ;2"\n2,C,"1;7"\n',
    }
    done = tiny(
        raw,
        "",
        {
            "ae": "dataset: AE\nrows: {source: ae}\nvariables: {AETERM: TERM, AEDECOD: TERM, AESPID: NO}\n",
            "cm": "dataset: CM\nrows: {source: cm}\nvariables: {CMTRT: DRUG}\nworking: {AES: {from: AES, label: Events}}\n",
            "relrec": "dataset: RELREC\nrows: [{relate: {datasets: {AE: AESPID, CM: AES}, id: R, split: {CM: ;}}}]\n",
        },
    )
    links = zip(*(done.values("RELREC", n) for n in ("USUBJID", "RDOMAIN", "IDVARVAL", "RELID")), strict=True)
    assert sorted(links) == [
        ("S1-01", "AE", "1", "R2"), ("S1-01", "AE", "2", "R1"), ("S1-01", "CM", "1", "R1"), ("S1-01", "CM", "2", "R1"),
        ("S1-01", "CM", "2", "R2"), ("S1-02", "AE", "1", "R1"), ("S1-02", "CM", "1", "R1"),
    ]  # fmt: skip
    assert done.found("R2A-REL-001") == [("cm.csv", 3, "AES", "7")]
