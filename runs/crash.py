"""The message for a fault of raw2adam itself: one line, and the traceback in a file that the user can send.

Not for errors that a user can correct: those are Raw2AdamError, with place and exit code (errors.py).
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

#: exit code of a fault of raw2adam itself (EX_SOFTWARE of sysexits.h); 1 means that there are findings
CRASH = 70
#: environment variable that prints the traceback, for developers of raw2adam
DEBUG = "RAW2ADAM_DEBUG"


def crash_line(error: BaseException) -> str:
    """One line about an unexpected exception; its traceback is printed with RAW2ADAM_DEBUG, else written to a file.

    The file is in the folder for temporary files, and only its owner can read it: the text of an exception may contain
    a raw cell. If no file can be written, the traceback is printed.
    """
    reason = "".join(c if c.isprintable() else " " for c in f"{type(error).__name__}: {error}")
    reason = reason if len(reason) <= 200 else reason[:197] + "..."
    text = "".join(traceback.format_exception(error))
    path = "" if os.environ.get(DEBUG) else _written(text)
    if not path:
        sys.stderr.write(text)
    where = f"the traceback is in {path}" if path else "the traceback is above"
    return f"a fault of raw2adam itself, not of your files: {reason}; {where}; please send it with your report"


def _written(text: str) -> str:
    """Write the traceback to a file: its path, or '' if it cannot be written."""
    try:
        number, path = tempfile.mkstemp(prefix="raw2adam-crash-", suffix=".txt")
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return ""
    return Path(path).as_posix()
