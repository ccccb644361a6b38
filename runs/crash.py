"""What the command says where raw2adam itself is at fault: one line, and the traceback in a file to send along.

Not for errors that a user can mend: those are Raw2AdamError, with place and exit code (errors.py).
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

#: exit code of a fault of raw2adam itself (EX_SOFTWARE of sysexits.h); 1 means that there are findings
CRASH = 70
#: environment variable that has the traceback printed, for whoever works on raw2adam
DEBUG = "RAW2ADAM_DEBUG"


def crash_line(error: BaseException) -> str:
    """One line about an unexpected exception; its traceback is printed with RAW2ADAM_DEBUG, else kept in a file.

    The file lies in the folder for temporary files and only its owner can read it: the text of an exception may hold
    a raw cell. It is printed where no file can be written.
    """
    said = "".join(c if c.isprintable() else " " for c in f"{type(error).__name__}: {error}")
    said = said if len(said) <= 200 else said[:197] + "..."
    text = "".join(traceback.format_exception(error))
    kept = "" if os.environ.get(DEBUG) else _kept(text)
    if not kept:
        sys.stderr.write(text)
    where = f"the traceback is in {kept}" if kept else "the traceback is above"
    return f"a fault of raw2adam itself, not of your files: {said}; {where}; please send it with your report"


def _kept(text: str) -> str:
    """The path of the file with the traceback; '' where it cannot be written."""
    try:
        number, path = tempfile.mkstemp(prefix="raw2adam-crash-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return ""
    return Path(path).as_posix()
