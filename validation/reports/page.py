"""HTML pages from the templates of a package, and texts that every output format can hold.

Not for the contents of a page: each report has its module. Nothing from the web, no clock, no random ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

# characters that XML 1.0 cannot hold or a reader cannot see: controls but tab and line feed, lone surrogates,
# non-characters, marks that turn the direction of writing and so disguise a text
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def printable(text: str) -> str:
    """``text`` with characters that XML cannot hold, or that cannot be seen, written as \\x1b or \\u202e."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda m: m[0].encode("unicode_escape").decode("ascii"), text)


def html_page(template: str, package: str = "", head: Mapping[str, Any] | None = None, **values: Any) -> bytes:
    """The page in UTF-8; every value is escaped. ``package``: another package that has templates too.

    ``head``: the values of a RunHead for this page; None for a page that is not of a run.
    """
    return _environment(package).get_template(template).render(head=head, **values).encode("utf-8")


@lru_cache(maxsize=4)
def _environment(package: str) -> Any:
    from jinja2 import DictLoader, Environment, StrictUndefined

    from ...define.compiled_templates import CompiledTemplates

    folders = [resources.files(p).joinpath("templates") for p in (__package__ or "raw2adam.validation", package) if p]
    sources = {f.name: f.read_text("utf-8") for d in folders for f in d.iterdir() if f.name.endswith(".j2")}
    # autoescape for every template: the names end in .j2, so a choice by suffix would leave HTML unescaped
    environment = Environment(
        loader=DictLoader(sources),
        bytecode_cache=CompiledTemplates(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda n: f"{n:,}"
    return environment
