"""Checks that a built folder is unchanged: manifest, run log, define.xml, and every dataset as other readers read it.

The files of a dataset in several formats must have equal cells.

Not for printing (commands/), nor for the checks themselves (output_folder/, define/checks.py, transport/readback.py).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..define.checks import define_against_data, unresolved_leaves, xsd_problems
from ..define.references import reference_problems
from ..errors import OutputError
from ..output_folder.layout import datasets_folders, layout_of_output
from ..output_folder.manifest import Manifest, read_manifest, verify_manifest
from ..output_folder.run_log import runs_path, verify_chain
from ..transport.equality import File, unequal_files
from ..transport.output_formats import built_dataset, written_files
from .agency_files import split_faults
from .verify_define import define_against_values

#: the rule of a required variable without a value in a record
_REQUIRED_VALUE = "R2A-CONF-001"


def verify_folder(out: Path) -> list[str]:
    """The problems of an output folder, a sentence each; empty when every file is as the build wrote it.

    Raises InputError for a folder without a manifest that can be read.
    """
    manifest = read_manifest(out)
    problems = list(verify_manifest(out))
    if runs_path(out).exists():
        problems += verify_chain(runs_path(out), manifest_sha256=manifest.sha256)
    records = manifest.counts.get("records", {})
    reported = _records_without_required_value(out / "reports" / "findings.json")
    converted = "convert" in manifest.options  # its define.xml describes the files that were converted
    placed = {} if converted else datasets_folders(out, layout_of_output(manifest))
    problems += _split_faults(manifest, [folder for folder, _ in placed.values()])
    for kind, (folder, further) in ({"": (out, out)} if converted else placed).items():
        xml = folder / "define.xml"
        if xml.is_file() and not converted:
            data = xml.read_bytes()
            try:
                found = xsd_problems(data) + unresolved_leaves(data, folder)
                found += define_against_data(data, folder, further) + define_against_values(data, folder, reported)
                found += _references(placed["sdtm"][0], kind, data)
            except OutputError as error:  # not well-formed: one problem among the others
                found = [str(error)]
            problems += [f"{xml.relative_to(out).as_posix()}: {p}" for p in found]
        files: dict[str, list[File]] = {}  # of each dataset, in the order of the formats
        unread: set[Path] = set()
        for form, path in written_files(folder, further):
            files.setdefault(path.stem, []).append((form, path))
            found = form.readback(path, records.get(path.stem.upper()))
            place = path.relative_to(out).as_posix().removesuffix(path.name)
            problems += [f"{place}{p}" for p in found]
            unread |= {path} if found else set()
        for first, *others in files.values():
            if first[1] not in unread:
                found = unequal_files(first, [f for f in others if f[1] not in unread])
                name = first[1].name
                problems += [f"{path.relative_to(out).as_posix()}: not as {name}: {text}" for path, text in found]
    return problems


def _records_without_required_value(findings: Path) -> Counter[tuple[str, str]]:
    """Dataset and variable -> the records that the build reported; none where the file of findings is damaged."""
    try:
        rows = json.loads(findings.read_bytes())["findings"]
        return Counter((r["dataset"], r["variable"]) for r in rows if r["rule"] == _REQUIRED_VALUE)
    except (OSError, ValueError, LookupError, TypeError):
        return Counter()


def _split_faults(manifest: Manifest, folders: Sequence[Path]) -> list[str]:
    """The problems of the files in split: each is a part of its whole file."""
    splits, records = manifest.counts.get("split", {}), manifest.counts.get("records", {})
    files = {name: path for name in splits if (path := built_dataset(folders, name))}
    try:
        return split_faults(splits, files, records)
    except (TypeError, ValueError, LookupError):
        return ["manifest.json: its list of split files is damaged; build the folder again"]


def _references(sdtm: Path, kind: str, xml: bytes) -> list[str]:
    """The problems of methods and predecessors. ADaM names variables of SDTM: it is checked where SDTM is.

    ``sdtm``: the folder of the define.xml of SDTM.
    """
    if kind == "sdtm":
        return reference_problems(xml)
    file = sdtm / "define.xml"
    return reference_problems(xml, [file.read_bytes()]) if file.is_file() else []
