"""Text templates of the specs, ``{STUDYID}-{SITE_ID}-{SUBJ_ID:04}``: filled from columns, or read back into them.

A small language without attribute access and without the mini-language of format(). ``{NAME}`` is the text of a
column, ``{NAME:04}`` the same padded with zeros to four characters; ``{{`` and ``}}`` are braces. A name with a brace,
a colon, a backtick or blanks around it is written in backticks, and a backtick inside is doubled: ``{`Visit: no.`}``.
Not for filling columns (engine/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_FIELD = re.compile(r"\{(`(?:[^`]|``)+`(?::0[1-9][0-9]?)?)\}|\{\{|\}\}|\{([^{}]*)\}|[{}]")
_WIDTH = r"(?::0([1-9][0-9]?))?\Z"
_PLAIN = re.compile(r"[^\s`:{}](?:[^`:{}]*[^\s`:{}])?")
_NAME = re.compile(f"({_PLAIN.pattern})" + _WIDTH)
_QUOTED = re.compile(r"`((?:[^`]|``)+)`" + _WIDTH)
MAX_LENGTH = 1_000


def field_of(name: str) -> str:
    """The template of one column, for any name."""
    return f"{{{name}}}" if _PLAIN.fullmatch(name) else "{`" + name.replace("`", "``") + "`}"


class TemplateError(ValueError):
    """A template that cannot be read; ``offset`` is the 0-based column in its text."""

    def __init__(self, message: str, offset: int):
        super().__init__(message)
        self.offset = offset


def template_problem(text: str, *, read_back: bool = False) -> str:
    """The mistake in a template, '' for none. ``read_back``: it must also read a text into its fields."""
    try:
        template = parse_template(text)
        if read_back:
            template.pattern()
            if not template.names:
                return f"'{text}' has no field; write the identifiers in braces, {{SITE}}-{{SUBJ}}"
    except TemplateError as error:
        return str(error)
    return ""


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
        """The unique columns that it reads, in order."""
        return tuple(dict.fromkeys(p.name for p in self.parts if p.name))

    def pattern(self) -> str:
        """A regular expression (RE2 syntax) that reads a text written by this template back into its fields.

        Raises TemplateError if two fields touch, because the end of the first one is then unknown.
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


@lru_cache(maxsize=1024)
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
        if match.group(1) is None and match.group(2) is None:
            raise TemplateError(f"'{token}' is not part of a field; write '{token * 2}' for a brace", match.start())
        quoted = match.group(1) is not None
        field = _QUOTED.match(match.group(1)) if quoted else _NAME.match(match.group(2))
        if not field:
            raise TemplateError(
                f"'{token}' is not a field; write {{NAME}} or {{NAME:04}} (zeros in front to 4 characters), and a name "
                "with a colon or a brace in backticks: {`NAME`}",
                match.start(),
            )
        if literal:
            parts.append(Part(text=literal))
            literal = ""
        name = field.group(1).replace("``", "`") if quoted else field.group(1)
        parts.append(Part(name=name, width=int(field.group(2) or 0)))
    literal += text[at:]
    if literal:
        parts.append(Part(text=literal))
    return Template(text, tuple(parts))
