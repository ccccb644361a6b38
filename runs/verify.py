"""Checks that a built folder is unchanged: manifest, run log, define.xml, and every dataset as other readers read it.

Not for printing (cli.py), nor for the checks themselves (output_folder/, define/checks.py, transport/readback.py).
"""

from __future__ import annotations

from pathlib import Path

from ..define.checks import define_against_data, unresolved_leaves, xsd_problems
from ..errors import OutputError
from ..output_folder.manifest import read_manifest, verify_manifest
from ..output_folder.run_log import runs_path, verify_chain
from ..transport.output_formats import written_files


def verify_folder(out: Path) -> list[str]:
    """The problems of an output folder, a sentence each; empty when every file is as the build wrote it.

    Raises InputError for a folder without a manifest that can be read.
    """
    manifest = read_manifest(out)
    problems = list(verify_manifest(out))
    if runs_path(out).exists():
        problems += verify_chain(runs_path(out), manifest_sha256=manifest.sha256)
    records = manifest.counts.get("records", {})
    for kind in ("sdtm", "adam"):
        xml = out / kind / "define.xml"
        if xml.is_file():
            data = xml.read_bytes()
            try:
                found = xsd_problems(data) + unresolved_leaves(data, xml.parent) + define_against_data(data, xml.parent)
            except OutputError as error:  # not well-formed: one problem among the others
                found = [str(error)]
            problems += [f"{kind}/define.xml: {p}" for p in found]
        for form, path in written_files(out / kind):
            where = path.parent.relative_to(out).as_posix()
            problems += [f"{where}/{p}" for p in form.readback(path, records.get(path.stem.upper()))]
    return problems
