"""Transport files split by the order of their records, and files that pandas misreads: by literal cases."""

from __future__ import annotations

import datetime as dt
import itertools
import warnings
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.fuzzing import examples
from raw2adam.errors import OutputError
from raw2adam.transport.dataset_files import read_records
from raw2adam.transport.pandas_records import pandas_records
from raw2adam.transport.split_xpt import SplitPart, split_problems, split_xpt
from raw2adam.transport.xpt import XptVariable, XptWriter

HEAD = 8 * 80 + 4 * 80 + 80  # two variables of 140 bytes fill four records


def write(path: Path, subjects: list[str], width: int = 3) -> Path:
    """A dataset of two variables, ``width`` + 7 bytes a record: USUBJID and the number of the record as text."""
    variables = [XptVariable("USUBJID", "Subject", False, width), XptVariable("T", "Text", False, 7)]
    frame = pd.DataFrame({"USUBJID": subjects, "T": [f"{n:07}" for n in range(1, len(subjects) + 1)]}, dtype="str")
    with XptWriter(path, path.stem.upper(), "Laboratory", variables, dt.datetime(2026, 1, 31)) as out:
        out.append(frame)
    return path


def records(path: Path) -> list[int]:
    return [int(t) for t in read_records(path)[1]["T"]]


def test_parts_have_whole_subjects_in_the_order_of_the_records(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"] * 5 + ["S-2"] * 7 + ["S-3"] * 6 + ["S-4"] * 2)
    limit = HEAD + 80  # 8 records of 10 bytes
    parts = split_xpt(path, 20, limit)
    assert parts == [
        SplitPart("LB1", 1, 5, ("S-1", "S-1")),
        SplitPart("LB2", 6, 12, ("S-2", "S-2")),
        SplitPart("LB3", 13, 20, ("S-3", "S-4")),
    ]
    assert [p.name for p in sorted((tmp_path / "split").iterdir())] == ["lb1.xpt", "lb2.xpt", "lb3.xpt"]
    assert [records(tmp_path / p.file) for p in parts] == [[*range(1, 6)], [*range(6, 13)], [*range(13, 21)]]
    assert all((tmp_path / p.file).stat().st_size <= limit for p in parts)
    whole, part = read_records(path)[0], read_records(tmp_path / "split" / "lb2.xpt")[0]
    assert (part.name, part.label, part.variables) == ("LB2", whole.label, whole.variables)
    assert records(path) == [*range(1, 21)]  # the whole file stays
    assert split_problems(path, 20, parts) == []


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(1, 40))
def test_parts_are_the_whole_file_and_the_limit_holds(tmp_path: Path, sizes: list[int], rows: int) -> None:
    """``sizes``: records of each subject; ``rows``: records that a part has room for."""
    subjects = [f"S{n:02}" for n, size in enumerate(sizes) for _ in range(size)]
    path, limit = write(tmp_path / "lb.xpt", subjects), HEAD + -(-rows * 10 // 80) * 80
    parts = split_xpt(path, len(subjects), limit)
    assert [n for p in parts for n in records(tmp_path / p.file)] == [*range(1, len(subjects) + 1)]
    assert max((tmp_path / p.file).stat().st_size for p in parts) <= limit
    room = (limit - HEAD) // 10
    for one, two in itertools.pairwise(parts):
        assert one.subjects[1] != two.subjects[0] or sizes[int(two.subjects[0][1:])] > room
    assert split_problems(path, len(subjects), parts) == []


def test_a_part_may_be_larger_than_the_others_so_that_a_subject_stays_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"] * 10 + ["S-2"] * 7)
    assert [(p.first, p.last) for p in split_xpt(path, 17, HEAD + 160)] == [(1, 10), (11, 17)]  # not 9 and 8


def test_a_subject_larger_than_the_limit_is_divided(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"] * 30)
    parts = split_xpt(path, 30, HEAD + 80)
    assert [(p.first, p.last) for p in parts] == [(1, 8), (9, 16), (17, 23), (24, 30)]


def test_parts_without_subjects_have_equal_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"] * 20)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"USUBJID ", b"ETCD    "))
    parts = split_xpt(path, 20, HEAD + 160)  # 16 records
    assert [(p.first, p.last, p.subjects) for p in parts] == [(1, 10, ("", "")), (11, 20, ("", ""))]


def test_long_names_are_cut_and_names_of_datasets_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "adpriora.xpt", ["S-1", "S-2", "S-3"])
    names = [p.dataset for p in split_xpt(path, 3, HEAD + 80, taken=["ADPRIOR2"])]
    assert names == ["ADPRIOR1"]
    path = write(tmp_path / "adpriora.xpt", ["S-1"] * 8 + ["S-2"] * 8)
    assert [p.dataset for p in split_xpt(path, 16, HEAD + 80, taken=["ADPRIOR1"])] == ["ADPRIOR2", "ADPRIOR3"]


def test_names_of_ten_parts_are_in_their_order(tmp_path: Path) -> None:
    path = write(tmp_path / "adpriora.xpt", ["S-1"] * 80)
    names = [p.dataset for p in split_xpt(path, 80, HEAD + 80)]
    assert names == sorted(names) == [*(f"ADPRIO0{n}" for n in range(1, 10)), "ADPRIO10"]


def test_a_limit_below_one_record_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"])
    with pytest.raises(
        OutputError, match=r"its header has 1040 bytes and a record 10, more than the limit of 1.045 KB"
    ):
        split_xpt(path, 1, HEAD + 5)


def test_parts_that_are_not_of_the_whole_file(tmp_path: Path) -> None:
    path = write(tmp_path / "lb.xpt", ["S-1"] * 8 + ["S-2"] * 8)
    one, two = split_xpt(path, 16, HEAD + 80)
    second = tmp_path / two.file
    assert split_problems(path, 16, [one]) == ["lb.xpt: its parts have 8 of 16 records"]
    assert split_problems(path, 16, [two]) == ["split/lb2.xpt: records 9 to 16, and 0 come before"]
    second.write_bytes(second.read_bytes().replace(b"0000012", b"0000021"))
    assert split_problems(path, 16, [one, two]) == ["split/lb2.xpt: not the records 9 to 16 of lb.xpt"]
    second.unlink()
    assert split_problems(path, 16, [one, two]) == ["split/lb2.xpt: not the records 9 to 16 of lb.xpt"]


@pytest.mark.parametrize(
    ("subjects", "width", "expected"),
    [
        (["A"], 3, 1),
        (["A"] * 3, 50, 3),  # 57 bytes a record: 64 blanks in the last 80 bytes, all of them padding
        (["A"] * 3, 33, 2),  # 40 bytes a record: 40 of padding, and 24 blanks of USUBJID that pandas takes for more
        (["A" * 33] * 3, 33, 3),
        (["A"] * 3, 74, 3),  # 81 bytes a record: pandas does not look at blanks
    ],
)
def test_the_records_that_pandas_finds(tmp_path: Path, subjects: list[str], width: int, expected: int) -> None:
    path = write(tmp_path / "x.xpt", subjects, width)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = len(pd.read_sas(path))
    assert (pandas_records(path), theirs) == (expected, expected)
