"""Turns an error of a YAML parser into one plain sentence, at the place where a person would look for the mistake.

Not for the rules that a spec adds to YAML (composer.py).
"""

from __future__ import annotations

import re
from typing import Any

from ...errors import Place, SpecProblem

_QUOTE_IT = "put the whole value in quotes"
_CLOSE = {"list": "close the list with ]", "mapping": "close the mapping with }"}

# The text of libyaml and of PyYAML's Python parser ("context: problem") -> message, hint of a SpecProblem. The two
# parsers have different texts for the same mistake, so each pattern covers both. {open}: where the enclosing list or
# mapping starts; {char}: the character found.
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (r"while scanning a (double-|single-)?quoted scalar: found unexpected (end|document)",
     "the quote opened here is not closed", "close it on the same line, and double a quote inside it"),
    (r"tab character|found character '\\t'",
     "a tab is not allowed here: only blanks can indent", "replace the tab with blanks"),
    (r"cannot start any token", "an unquoted value cannot start with {char}", _QUOTE_IT),
    (r"while parsing a flow sequence",
     "',' or ']' is expected here, in the list opened at {open}", "close the list with ]"),
    (r"while parsing a flow mapping",
     "',' or '}}' is expected here, in the mapping opened at {open}",
     "close the mapping with }, and put a value that holds a bracket or a comma in double quotes"),
    (r"mapping values are not allowed",
     "a ':' is not expected here", "quote a text that holds ': ', and indent this line like its neighbours"),
    (r"while parsing a block collection",
     "a list item is expected here, in the list that starts at {open}", "start it with '- ', indented like the others"),
    (r"while parsing a block mapping",
     "a key is expected here, in the mapping that starts at {open}",
     "indent this line like the other keys; where a value starts with a quoted part, put all of it in quotes"),
    (r"escape|hexdecimal|hexadecimal", "the escape after this backslash is not one that YAML knows",
     "use single quotes, where a backslash is an ordinary character"),
    (r"alphabetic or numeric", "a name is expected after & or *", "quote the text if no anchor or alias is meant"),
    (r"\btag\b", "this tag is not allowed: a spec holds only text, lists and mappings", "quote a text starting with !"),
    (r"while scanning a block scalar", "after | or > only a line end or a comment can follow", _QUOTE_IT),
    (r"sequence entries are not allowed", "a list item cannot start here", "start the list on a new line"),
    (r"mapping keys are not allowed", "a '?' key cannot start here", _QUOTE_IT),
    (r"node content", "a value is expected here, not {char}", "quote a value that starts with such a character"),
    (r"simple key|could not find expected ':'", "a ':' is expected after this key", "write 'key: value'"),
    (r"directive|incompatible YAML", "lines that start with % have no meaning in a spec", "remove the line"),
    (r"<?document start>?", "nothing more is expected here: the document has ended",
     "check the indentation of this line and the brackets before it"),
)  # fmt: skip
_AT_CONTEXT = re.compile(r"quoted scalar: found unexpected (end|document)|while scanning a simple key")


def syntax_problem(error: Any, text: str, file: str) -> SpecProblem:
    """A yaml.YAMLError about ``text`` as one SpecProblem; an unknown error has the text of the parser."""
    problem, context = getattr(error, "problem", None) or str(error), getattr(error, "context", None) or ""
    reported = f"{context}: {problem}"
    mark, opened = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    # if the text ends inside a list, mapping or quote, the mistake is at its opening
    if opened is not None and (mark is None or _AT_CONTEXT.search(reported) or not text[mark.index :].strip()):
        mark = opened
    place = Place(file, mark.line + 1, mark.column + 1) if mark is not None else Place(file)
    found = text[mark.index : mark.index + 1] if mark is not None else ""
    if found == "\t" and "cannot start any token" in reported:
        reported = "found a tab character"
    start = f"line {opened.line + 1}, column {opened.column + 1}" if opened is not None else "its start"
    for pattern, message, hint in _SENTENCES:
        if re.search(pattern, reported):
            if mark is opened and pattern.startswith("while parsing a flow"):
                kind = "list" if "sequence" in pattern else "mapping"
                return SpecProblem(place, f"the {kind} opened here is not closed", hint=_CLOSE[kind])
            return SpecProblem(
                place,
                message.format(
                    char=f"'{found}'" if found.strip() else "the end of the text; is a bracket not closed?", open=start
                ),
                hint=hint,
            )
    return SpecProblem(place, f"this is not valid YAML: {problem}", hint=_QUOTE_IT)
