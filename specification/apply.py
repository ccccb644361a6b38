"""Writes the corrections of a specification back into the specs of a study: titles, labels, methods, comments, origins.

A correction is a difference between the specification and the define.xml that it was exported from. Files change only
at the keys of the corrections, and only if the specs then have no new mistake. Not for finding the keys
(corrections.py).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..define.content import DefineContent
from ..define.differences import CODELIST, DATASET, DOCUMENT, TERM, VALUE, VARIABLE, Element, differences
from ..engine.plan.plan import PlannedStudy
from ..errors import FileName, SpecError, SpecProblem, UsageError
from ..mappings.binding.bind import place_of
from ..mappings.loader import PACKS, LoadedStudy, find_study, load_study
from ..mappings.models.dataset import DatasetSpec
from ..runs.plan_study import examine_study
from .changes import Action, Change, changed, in_order
from .corrections import Corrections
from .export import write_whole
from .open_content import WORKBOOK, open_content, read_workbook
from .sheet_reader import SheetReader
from .sheets import CODELISTS, COMMENTS, DATASETS, DOCUMENTS, METHODS, VALUES, VARIABLES
from .spec_places import SpecPlaces

#: fields that differ in name from the column of the sheet
_COLUMNS = {"Keys": "Key Variables", "Decode": "Decoded Value", "Title": "Title"}
#: kind of element -> the column with its name
_NAMES = {VARIABLE: "Variable", VALUE: "Where Clause", DATASET: "Dataset", TERM: "Term", DOCUMENT: "ID"}
#: kind of element -> its sheet
_SHEETS = {
    VARIABLE: VARIABLES.name, VALUE: VALUES.name, DATASET: DATASETS.name, TERM: CODELISTS.name,
    CODELIST: CODELISTS.name, DOCUMENT: DOCUMENTS.name,
}  # fmt: skip


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
    plan, problems = examine_study(loaded)
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise SpecError(errors)
    corrections = Corrections(SpecPlaces(loaded.file, _files(loaded, root)), before, after, plan.datasets)
    corrections.add(differences(before, after))
    edited = _edited(root, corrections.changes)
    applied = Applied([str(c) for c in edited.changes])
    refused = {
        f"{_place(reader, after, c.element, '') if c.element else ''}{c.file}: {c.about}: {reason}": None
        for c, reason in edited.refused.items()
    }
    applied.refused += refused
    for element, of, sentence in corrections.refused:
        where = _place(reader, after, element, of)
        applied.refused.append(f"{where}{element}{f', {of}' if of else ''}: {sentence}")
    applied.files = sorted(n for n, text in edited.texts.items() if text != _read(root / n))
    for name in applied.files if write else ():
        write_whole(root / name, edited.texts[name].encode("utf-8"))
    return applied


@dataclass
class _Edited:
    """The files with the changes that can be applied, and why the others cannot."""

    texts: dict[str, str]
    changes: list[Change]
    refused: dict[Change, str]


def _edited(root: Path, changes: Sequence[Change]) -> _Edited:
    """The files with the changes. Elements whose rules then have mistakes are refused, one by one.

    Raises SpecError where the corrected fields have mistakes.
    """
    edited, plan, errors = _tried(root, changes)
    if errors:
        accepted = [c for c in changes if c.element is None or c.element.kind == CODELIST]
        refused: dict[Change, str] = {}
        for element in dict.fromkeys(c.element for c in changes if c.element is not None and c not in accepted):
            wanted = [c for c in changes if c.element == element]
            found = _tried(root, [*accepted, *wanted])[2]
            if found:
                refused |= dict.fromkeys(wanted, f"the specs would have a mistake: {found[0].message}")
            else:
                accepted += wanted
        edited, plan, errors = _tried(root, [c for c in changes if c in accepted])
        if errors:
            raise SpecError(errors)
        edited.refused |= refused
    still = _still_planned(edited.changes, plan)
    return _tried(root, [*still, *edited.changes])[0] if still else edited


def _still_planned(changes: Sequence[Change], plan: PlannedStudy) -> list[Change]:
    """``null`` for each removed variable that a convention then derives."""
    found: dict[Element, Change] = {}
    for change in changes:
        element = change.element
        if element is None or element.kind != VARIABLE or change.action is not Action.REMOVE:
            continue
        dataset, _, name = element.name.partition(".")
        if name in plan.datasets[dataset].variables:
            found[element] = Change(change.file, ("variables",), name, None, str(element), element=element)
    return list(found.values())


def _tried(root: Path, changes: Sequence[Change]) -> tuple[_Edited, PlannedStudy, list[SpecProblem]]:
    """The files with the changes, the plan of the study with them, and its mistakes."""
    edited = _Edited({}, [], {})
    nulls = {(c.file, c.path, c.key) for c in changes if c.action is Action.SET and c.value is None}
    for file in dict.fromkeys(c.file for c in changes):
        of_file = [
            c for c in changes
            if c.file == file and not (c.action is Action.REMOVE and (c.file, c.path, c.key) in nulls)
        ]  # fmt: skip
        edited.texts[file], refused = changed(_read(root / file), in_order(of_file))
        edited.refused |= refused
        edited.changes += [c for c in of_file if c not in refused]
    with tempfile.TemporaryDirectory(prefix="raw2adam-") as folder:
        copy = Path(folder) / root.resolve().name
        shutil.copytree(root, copy)
        for name, text in edited.texts.items():
            (copy / name).write_bytes(text.encode("utf-8"))
        plan, problems = examine_study(load_study(copy))
    return edited, plan, [p for p in problems if p.severity == "error"]


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


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


def _place(reader: SheetReader | None, after: DefineContent, element: Element, of: str) -> str:
    """The cell of a field of an element in the workbook, ``Variables!C5: ``; its sheet where it has no row."""
    if reader is None:
        return ""
    place = next(_places(reader, after, element, of), _SHEETS.get(element.kind, ""))
    return f"{place}: " if place else ""


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
