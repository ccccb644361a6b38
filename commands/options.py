"""What the commands take: types of options, and the checks of their texts. Not for the commands themselves."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

#: what --fail-on takes
FAIL_ON = ("error", "warning", "note", "never", "new-error")
FORMATS = ("text", "json")
LAYOUTS = ("plain", "ectd")

Study = Annotated[str, typer.Argument(help="Study folder, or the name of a shipped pack (obs16577, cdiscpilot).")]
FailOn = Annotated[
    str,
    typer.Option(
        help="Exit with 1 if there is a finding of this severity or worse: error, warning, note, never; or new-error, "
        "an error without a disposition that the earlier output does not have."
    ),
]
Format = Annotated[str, typer.Option("--format", help="text or json")]


def choice(option: str, value: str, valid: tuple[str, ...]) -> None:
    from ..errors import UsageError

    if value not in valid:
        raise UsageError(f"{option} {value!r}: expected one of {', '.join(v for v in valid if v)}")


def names(text: str) -> tuple[str, ...]:
    return tuple(n.strip().upper() for n in text.split(",") if n.strip())


def format_names(text: str) -> tuple[str, ...]:
    """The names in --formats, checked. Raises UsageError."""
    from ..transport.output_formats import chosen_formats

    return tuple(form.name for form in chosen_formats(n for n in text.split(",")))


def date_of(text: str) -> dt.date | None:
    from ..errors import UsageError

    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a date; write YYYY-MM-DD") from None
