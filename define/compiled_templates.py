"""Compiled templates of pages: they lie beside the compiled modules of a folder, as Python itself does it.

Not for the templates (define/templates/, validation/reports/templates/).
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(FileSystemBytecodeCache):
    """The compiled templates of a folder of the package, in its __pycache__.

    A template that has changed is compiled again. Where nothing can be written, each process compiles its templates.
    """

    def __init__(self, folder: Path):
        super().__init__(str(folder / "__pycache__"), "%s.jinja")

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)
