"""Fuzzes a reader of files with atheris for a bounded time: it ends in content or in an error of raw2adam, nothing else.

    python -m venv FUZZ && FUZZ/bin/pip install atheris
    PYTHONPATH=tests:SITE_PACKAGES FUZZ/bin/python -m tools.fuzz_files xpt 300 FOLDER

atheris is no dependency of raw2adam, so FUZZ is an environment for it alone; SITE_PACKAGES are those of .venv. The
kinds are xpt, json, ndjson, dsjc and xml (define.xml). FOLDER has files to begin with, and gets those that reach new code. A hang of 10 seconds, more than 1.5 GB
and any other exception stop it; the file that did so is beside it. Make it a literal test. Not for values that a property
test draws (make fuzz).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

OPTIONS = ("-timeout=10", "-rss_limit_mb=1500", "-max_len=60000")


def reader(kind: str) -> Any:
    """(bytes) -> None for a kind of file."""
    from raw2adam.define.reading import read_define
    from raw2adam.errors import InputError, OutputError
    from raw2adam.transport.dataset_files import dataset_names, read_records

    path = Path(tempfile.mkdtemp(prefix="raw2adam-fuzz-")) / f"x.{kind}"

    def read(data: bytes) -> None:
        try:
            if kind == "xml":
                read_define(data, "define.xml")
                return
            path.write_bytes(data)
            names = dataset_names(path)
            read_records(path, dataset=names[0] if len(names) > 1 else "")
        except (InputError, OutputError):  # the latter of XML that is not well-formed
            return

    return read


def main() -> None:
    import atheris  # pyright: ignore[reportMissingImports]

    kind, seconds, folder = sys.argv[1:4]
    with atheris.instrument_imports(include=["raw2adam.transport", "raw2adam.sources.statistical", "raw2adam.define"]):
        read = reader(kind)
    atheris.Setup([sys.argv[0], f"-max_total_time={seconds}", *OPTIONS, folder], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
