"""Adds entries that are open to findings.yaml, for findings without one; what somebody wrote in the file stays.

Not for deciding: a person replaces open by a disposition, and adds the explanation, the name and the date.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from ..errors import InputError, OutputError, SpecError
from ..mappings.yaml.read import examine_text, node_data
from ..validation.reports.page import printable
from .findings_list import FEW, RESOLVED, Listing, names_of, title

#: findings about the entries themselves
_OF_ENTRIES = "R2A-DISP-"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
_NULLS = ("null", "Null", "NULL", "y", "n", "yes", "no", "on", "off", "true", "false")
_HEAD = "# What the team decided about findings. docs/dispositions.md describes the file.\nfindings:\n"
_LONGEST = 160  # of a comment
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def write_entries(file: Path, found: Listing, *, each: bool) -> int:
    """Add an entry to ``file`` for every rule, dataset or source, and variable or column with findings without one.

    ``each``: one for every finding, by its identity. Returns how many are added. The file is replaced as a whole.
    Raises SpecError (the file has mistakes), InputError (its layout does not allow the change), OutputError.
    """
    entries = list(_entries(found, each=each))
    if not entries:
        return 0
    old = _text(file)
    new = with_entries(old, entries, file)
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(new.encode("utf-8"))
        partial.replace(file)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"{file}: cannot be written: {error.strerror}") from error
    return len(entries)


def with_entries(text: str, entries: list[list[str]], file: Path) -> str:
    """``text`` of findings.yaml with ``entries`` at its end; each is its lines, comments first.

    Raises SpecError or InputError where it cannot be changed for certain.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    plain = text.removeprefix(mark)
    ends = "\r\n" if "\r\n" in plain else "\n"
    plain = plain.replace("\r\n", "\n")
    before = _data(plain, file)
    start, indent = _start(plain, file) if before is not None else (plain + ("\n" if plain.strip() else "") + _HEAD, 2)
    added = "".join(f"{' ' * indent}{line}\n" for entry in entries for line in entry)
    new = start + added
    wanted = [*((before or {}).get("findings") or []), *(_data(f"findings:\n{added}", file) or {})["findings"]]
    node, problems = examine_text(new, str(file))
    if problems or node is None or node_data(node) != {"findings": wanted}:
        raise InputError(f"{file}: cannot get an entry at its end; write findings: as a list with a line for each key")
    return mark + new.replace("\n", ends)


def _start(text: str, file: Path) -> tuple[str, int]:
    """The text before the new entries, which ends with a line end, and the indent of an entry."""
    root: Any = yaml.compose(text, _LOADER)
    value = next((v for k, v in root.value if k.value == "findings"), None)
    if value is None or (isinstance(value, yaml.SequenceNode) and value.flow_style and value.value):
        raise InputError(f"{file}: cannot get an entry at its end; write findings: as a list with a line for each key")
    if isinstance(value, yaml.SequenceNode) and value.flow_style:
        text = text[: value.start_mark.index].rstrip(" ") + text[value.end_mark.index :]
        return _ended(text), 2
    indent = value.start_mark.column if isinstance(value, yaml.SequenceNode) else 2
    return _ended(text), indent


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text: {error}") from error


def _data(text: str, file: Path) -> Any:
    """The data of a text; None for one with comments alone."""
    node, problems = examine_text(text, str(file))
    if problems or node is None:
        raise SpecError(problems)
    return node_data(node)


def _entries(found: Listing, *, each: bool) -> Iterator[list[str]]:
    """The lines of an entry for each group of findings without one, in the order of the findings."""
    table = found.table
    wanted = (table["entry"] < 0) & (table["state"] != RESOLVED) & ~table["rule"].str.startswith(_OF_ENTRIES)
    known = np.array([bool(title(r)) for r in table["rule"].tolist()], dtype=bool)
    table = table[wanted & known].reset_index(drop=True)
    if each:
        for row in table.to_dict("records"):
            yield [_comment(row, 1), f"- id: {row['id']}", *_decision()]
        return
    at_cell = _at_shared_cells(table)
    place, name = names_of(table)
    place, name = np.where(at_cell, table["source"], place), np.where(at_cell, table["column"], name)
    of_place = [f"{r}\0{p}" for r, p in zip(table["rule"], place, strict=True)]
    several: dict[str, set[str]] = {}
    for key, one in zip(of_place, name.tolist(), strict=True):
        several.setdefault(key, set()).add(one)
    keys = [k if len(several[k]) > FEW else f"{k}\0{n}" for k, n in zip(of_place, name.tolist(), strict=True)]
    groups: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        groups.setdefault(key, []).append(at)
    for key, members in groups.items():
        row = table.iloc[members[0]].to_dict()
        fields = ("dataset", "variable") if row["dataset"] and not at_cell[members[0]] else ("source", "column")
        values = key.split("\0")[1:]
        parts = [f"  {field}: {_scalar(value)}" for field, value in zip(fields, values, strict=False) if value]
        yield [_comment(row, len(members)), f"- rule: {_scalar(row['rule'])}", *parts, *_decision()]


def _at_shared_cells(table: pd.DataFrame) -> np.ndarray:
    """Which findings are about a raw column from which their rule has findings of several variables.

    One entry for the column describes them all: one wrong date is one decision, whatever variables it reaches.
    """
    known = ((table["source"] != "") & (table["column"] != "")).to_numpy(dtype=bool)
    cell = table["rule"] + "\0" + table["source"] + "\0" + table["column"]
    codes, cells = pd.factorize(cell.to_numpy(dtype=object))
    pairs, _ = pd.factorize((cell + "\0" + table["dataset"] + "\0" + table["variable"]).to_numpy(dtype=object))
    _, first = np.unique(pairs, return_index=True)
    return known & (np.bincount(codes[first], minlength=len(cells))[codes] > 1)


def _decision() -> list[str]:
    return ["  disposition: open", '  explanation: ""', '  by: ""', "  on:"]


def _comment(row: dict[Any, Any], number: int) -> str:
    """What the findings are, on one line."""
    place = ".".join(p for p in (row["dataset"], row["variable"]) if p) or f"{row['file']} {row['column']}".strip()
    about = row["keys"] or row["subject"]
    value = f"'{row['value']}'" if row["value"] else ""
    parts = [p for p in (place, about, value) if p]
    many = f"{number} {row['severity']}" + ("" if number == 1 else "s")
    text = printable(f"{many}: {title(row['rule'])}. {'For example ' if number > 1 else ''}{'; '.join(parts)}")
    text = " ".join(text.split())
    return f"# {text}" if len(text) <= _LONGEST else f"# {text[:_LONGEST].rsplit(' ', 1)[0]} ..."


def _scalar(text: str) -> str:
    """A text as a YAML scalar on one line."""
    return text if _PLAIN.fullmatch(text) and text not in _NULLS else json.dumps(text)
