"""Writes the corrections of a specification back into the specs of a study: titles, labels, methods, comments, origins.

A correction is a difference between the specification and the define.xml that it was exported from. Files change only
at the keys of the corrections, and only if the specs then have no new mistake. Not for finding the keys
(corrections.py).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..define.content import DefineContent
from ..define.differences import DATASET, DOCUMENT, TERM, VALUE, VARIABLE, Element, differences
from ..errors import FileName, SpecError, SpecProblem, UsageError
from ..mappings.binding.bind import place_of
from ..mappings.loader import PACKS, LoadedStudy, find_study, load_study
from ..mappings.models.dataset import DatasetSpec
from ..mappings.yaml.edit import EditError, NoSuchKey, set_key
from ..mappings.yaml.read import examine_text, node_data
from ..runs.plan_study import examine_study
from .corrections import Change, Corrections
from .export import write_whole
from .open_content import WORKBOOK, open_content, read_workbook
from .sheet_reader import SheetReader
from .sheets import CODELISTS, COMMENTS, DATASETS, DOCUMENTS, METHODS, VALUES, VARIABLES
from .yaml_text import entry_lines, flow

#: fields that differ in name from the column of the sheet
_COLUMNS = {"Keys": "Key Variables", "Decode": "Decoded Value", "Title": "Title"}
#: kind of element -> the column with its name
_NAMES = {VARIABLE: "Variable", VALUE: "Where Clause", DATASET: "Dataset", TERM: "Term", DOCUMENT: "ID"}


@dataclass
class Applied:
    """What became of the corrections: sentences on keys that were ``changed``, and on those that were ``refused``."""

    changed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def apply_corrections(
    specification: Path, study: str, base: Path, *, say: Callable[[str], None], write: bool
) -> Applied:
    """Set the keys of a study that a corrected specification changes; without ``write`` only list them.

    Raises UsageError for a pack that ships, InputError for a specification that cannot be read, SpecError where the
    specs have mistakes, or would have new ones; no file then changes.
    """
    root = find_study(study)
    if root.resolve().is_relative_to(PACKS.resolve()):
        raise UsageError(f"{study} is a pack that ships with raw2adam: copy its folder, and correct the copy")
    before = open_content(base, say)
    after, reader = _opened(specification, say)
    if not {d.name for d in before.datasets} & {d.name for d in after.datasets}:
        raise UsageError(f"--base {base} and {specification} have no dataset in common; FILE was exported from --base")
    loaded = load_study(root)
    errors = [p for p in examine_study(loaded)[1] if p.severity == "error"]
    if errors:
        raise SpecError(errors)
    corrections = Corrections(loaded.file, _files(loaded, root), after)
    corrections.add(differences(before, after))
    applied = Applied()
    texts: dict[str, str] = {}
    for file in dict.fromkeys(c.file for c in corrections.changes):
        of_file = [c for c in corrections.changes if c.file == file]
        text = _read(root / file)
        texts[file], refused = _changed(text, of_file)
        for change in of_file:
            place = f"{file}: {change.about}"
            if change in refused:
                applied.refused.append(f"{place}: {refused[change]}")
            else:
                applied.changed.append(f"{place}: {change.key}: {flow(change.value)}")
    for element, of, sentence in corrections.refused:
        where = _place(reader, after, element, of)
        applied.refused.append(f"{where}{element}{f', {of}' if of else ''}: {sentence}")
    applied.files = sorted(n for n, text in texts.items() if text != _read(root / n))
    _check(root, texts, errors)
    for name in applied.files if write else ():
        write_whole(root / name, texts[name].encode("utf-8"))
    return applied


def _opened(path: Path, say: Callable[[str], None]) -> tuple[DefineContent, SheetReader | None]:
    if path.suffix.lower() == WORKBOOK:
        return read_workbook(path, say)
    return open_content(path, say), None


def _files(loaded: LoadedStudy, root: Path) -> dict[str, tuple[str, DatasetSpec]]:
    """Dataset -> (file relative to the study, spec), of the files in the folder of the study itself."""
    found = {}
    for _, spec in loaded.datasets:
        file = place_of(spec, "dataset").file
        path = file.path.resolve() if isinstance(file, FileName) else root / file
        if path.is_relative_to(root.resolve()):
            found[spec.dataset] = (path.relative_to(root.resolve()).as_posix(), spec)
    return found


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _edited(text: str, change: Change) -> str:
    """The text of a file with a change; its byte order mark and its line ends stay."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    plain = text.removeprefix(mark)
    ends = "\r\n" if "\r\n" in plain else "\n"
    lines = entry_lines(change.key, change.value)
    new = set_key(
        plain.replace("\r\n", "\n"), change.path, change.key, flow(change.value), lines, shorthand=change.shorthand
    )
    return mark + new.replace("\n", ends)


def _changed(text: str, changes: Sequence[Change]) -> tuple[str, dict[Change, str]]:
    """The text of a file with its changes, and why some of them cannot be made.

    The result is read again: it has the changes and nothing else. If not, each change is checked by itself.
    """
    new, refused, wanted = _all(text, changes, each=False)
    if _data(new) == wanted:
        return new, refused
    return _all(text, changes, each=True)[:2]


def _all(text: str, changes: Sequence[Change], each: bool) -> tuple[str, dict[Change, str], Any]:
    """The text with the changes, those refused, and the data that it should have. ``each``: check every change."""
    refused: dict[Change, str] = {}
    wanted = _data(text)
    for change in changes:
        try:
            new = _edited(text, change)
        except NoSuchKey:
            refused[change] = "a layer of parents: has it; correct it there"
            continue
        except EditError as error:
            refused[change] = f"{error}; correct it by hand"
            continue
        if each and _data(new) != _with(_data(text), change):
            refused[change] = "the text around it does not allow the change; correct it by hand"
            continue
        text, wanted = new, _with(wanted, change)
    return text, refused, wanted


def _data(text: str) -> Any:
    """The data of a file; None where it is not read."""
    node, problems = examine_text(text, "")
    return None if problems or node is None else node_data(node)


def _with(data: Any, change: Change) -> Any:
    """The data of a file with one key changed."""
    parent, step = None, None
    at = data
    for step in change.path:
        parent, at = at, at[step]
    if not isinstance(at, dict):
        at = {change.shorthand: at}
        if parent is not None:
            parent[step] = at
    at[change.key] = _plain(change.value)
    return data


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {k: _plain(v) for k, v in tree.items()}
    return [_plain(v) for v in tree] if isinstance(tree, list) else tree


def _check(root: Path, texts: Mapping[str, str], known: list[SpecProblem]) -> None:
    """Raise SpecError where the specs with the changes have mistakes."""
    with tempfile.TemporaryDirectory(prefix="raw2adam-") as folder:
        copy = Path(folder) / root.resolve().name
        shutil.copytree(root, copy)
        for name, text in texts.items():
            (copy / name).write_bytes(text.encode("utf-8"))
        problems = examine_study(load_study(copy))[1]
    errors = [p for p in problems if p.severity == "error" and p not in known]
    if errors:
        raise SpecError(errors)


def _place(reader: SheetReader | None, after: DefineContent, element: Element, of: str) -> str:
    """The cell of a field of an element in the workbook, ``Variables!C5: ``; '' where it is not known."""
    if reader is None:
        return ""
    return next((f"{place}: " for place in _places(reader, after, element, of)), "")


def _places(reader: SheetReader, after: DefineContent, element: Element, of: str) -> Iterator[str]:
    column = _COLUMNS.get(of, of) or _NAMES.get(element.kind, "")
    dataset, _, variable = element.name.partition(".")
    if element.kind == VARIABLE:
        for row in reader.rows(VARIABLES):
            if (row.get("Dataset"), row.get("Variable")) == (dataset, variable):
                for sheet, known in ((METHODS, "Method"), (COMMENTS, "Comment")):
                    name = row.get(known)
                    if of == known and name:
                        yield from (r.at("Description") for r in reader.rows(sheet) if r.get("ID") == name)
                yield row.at(column)
    if element.kind == VALUE:
        yield from (
            r.at(column) for r in reader.rows(VALUES) if (r.get("Dataset"), r.get("Variable")) == (dataset, variable)
        )
    if element.kind == DATASET:
        yield from (r.at(column) for r in reader.rows(DATASETS) if r.get("Dataset") == element.name)
    if element.kind == TERM:
        names = {oid: c.name for oid, c in after.codelists.items()}
        for row in reader.rows(CODELISTS):
            if names.get(reader.codelists.get(row.get("ID"), "")) == element.name and row.get("Term") == element.part:
                yield row.at(column)
    if element.kind == DOCUMENT:
        yield from (r.at(column) for r in reader.rows(DOCUMENTS) if r.get("Href") == element.name)
