"""The notice of a folder of data: the first line of its file SYNTHETIC.txt, as a synthetic export has it.

A run copies the file into its output and shows the line on every page, so that invented results are not taken for
results of patients. Not for writing a synthetic export (synth/).
"""

from __future__ import annotations

from pathlib import Path

from .manifest import MANIFEST_NAME

NOTICE_FILE = "SYNTHETIC.txt"
_LONGEST = 200  # characters of the line that a page shows


def notice_file(folder: Path) -> Path | None:
    """The file with the notice of ``folder``: in it, or in the output that it is a part of."""
    outputs = (f for f in folder.absolute().parents if (f / MANIFEST_NAME).is_file())
    found = (f / NOTICE_FILE for f in (folder, *outputs))
    return next((p for p in found if p.is_file()), None)


def notice_text(file: Path | None) -> str:
    """The first line of the file, cut after 200 characters; '' without a file. Any encoding can be shown."""
    if file is None:
        return ""
    with file.open(encoding="utf-8-sig", errors="replace") as text:
        line = text.readline(4 * _LONGEST).strip()
    return line if len(line) <= _LONGEST else line[: _LONGEST - 3] + "..."
