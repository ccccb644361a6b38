"""Text templates of the specs: ``{STUDYID}-{SITE_ID}-{SUBJ_ID:04}``, filled column by column, and read backwards.

Our own small language: no attribute access, no format() mini-language. ``{NAME}`` is the text of a column,
``{NAME:04}`` the same padded with zeros to four characters; ``{{`` and ``}}`` are braces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_. ]*)(?::0([1-9][0-9]?))?$")
MAX_LENGTH = 1_000


class TemplateError(ValueError):
    """A template that cannot be read; ``offset`` is the 0-based column in its text."""

    def __init__(self, message: str, offset: int):
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True)
class Part:
    """Literal text, or a field (``name`` not empty) padded with zeros to ``width`` characters (0: not padded)."""

    text: str = ""
    name: str = ""
    width: int = 0


@dataclass(frozen=True)
class Template:
    """A parsed template."""

    text: str
    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns it reads, each once, in order."""
        return tuple(dict.fromkeys(p.name for p in self.parts if p.name))

    def pattern(self) -> str:
        """A regular expression (RE2 syntax) that reads a text written by this template back into its fields.

        Raises TemplateError when two fields touch, since nothing then says where one ends.
        """
        out, previous_field = ["^"], False
        for part in self.parts:
            if part.name:
                if previous_field:
                    raise TemplateError(f"fields '{part.name}' and the one before it touch; put a separator between", 0)
                out.append(f"(?P<f{len([o for o in out if o.startswith('(?P')])}>.+?)")
            else:
                out.append(re.escape(part.text))
            previous_field = bool(part.name)
        return "".join(out) + "$"


def parse_template(text: str) -> Template:
    """Read a template. Raises TemplateError at the column of the first mistake."""
    if len(text) > MAX_LENGTH:
        raise TemplateError(f"a template may have {MAX_LENGTH} characters, this one has {len(text)}", MAX_LENGTH)
    parts: list[Part] = []
    literal, at = "", 0
    for match in _FIELD.finditer(text):
        literal += text[at : match.start()]
        at = match.end()
        token = match.group()
        if token in ("{{", "}}"):
            literal += token[0]
            continue
        if match.group(1) is None:
            raise TemplateError(f"'{token}' stands alone; write '{token * 2}' for a brace", match.start())
        field = _NAME.match(match.group(1))
        if not field:
            raise TemplateError(
                f"'{token}' is not a field; write {{NAME}} or {{NAME:04}} (zeros in front to 4 characters)",
                match.start(),
            )
        if literal:
            parts.append(Part(text=literal))
            literal = ""
        parts.append(Part(name=field.group(1), width=int(field.group(2) or 0)))
    literal += text[at:]
    if literal:
        parts.append(Part(text=literal))
    return Template(text, tuple(parts))
