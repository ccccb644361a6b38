"""Writes docs/cli.md: every command with its arguments and options, from the functions of commands/ and cli.py.

``python -m raw2adam.pages.cli_reference FILE`` writes it, with ``--check`` it only compares. It reads the
annotations of the functions, so that every version of typer gives the same page.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from typer import Typer
from typer.models import ArgumentInfo, OptionInfo

from ..cli import app
from .page import write_page

_HEAD = """\
# Commands

This page is written by `make format` from `commands/` and `cli.py`; change it there.
`raw2adam COMMAND --help` prints the same.
[README](../README.md) has an example of each command, and the exit codes.

"""

#: type of an argument or option -> what a user writes for it
_KINDS: dict[object, str] = {Path: "PATH", int: "NUMBER", float: "NUMBER", str: "TEXT"}


@dataclass(frozen=True)
class Parameter:
    """One argument or option of a command. ``shown``: as a user writes it; ``default``: '' for none."""

    shown: str
    is_option: bool
    required: bool
    default: str
    help: str


def cli_page() -> str:
    """docs/cli.md."""
    commands = dict(_commands(app))
    contents = "".join(
        f"- [`{name}`](#{name.replace(' ', '-')}): {_paragraphs(function)[0]}\n" for name, function in commands.items()
    )
    return _HEAD + contents + "".join(text for name, function in commands.items() for text in _section(name, function))


def _commands(of: Typer, group: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Name and function of each command, those of groups after the others: define read."""
    for command in of.registered_commands:
        if command.callback:
            yield f"{group}{command.name or command.callback.__name__.rstrip('_')}", command.callback
    for below in of.registered_groups:
        if below.typer_instance is not None:
            yield from _commands(below.typer_instance, f"{group}{below.name} ")


def _paragraphs(function: Callable[..., Any]) -> list[str]:
    """The paragraphs of a help text, each on one line."""
    return [" ".join(p.split()) for p in (inspect.getdoc(function) or "").split("\n\n")]


def _section(name: str, function: Callable[..., Any]) -> Iterator[str]:
    """One command: what it does, its call, its arguments and options."""
    found = list(_parameters(function))
    needed = [p.shown for p in found if p.required or not p.is_option]
    more = " [OPTIONS]" if any(p.is_option and not p.required for p in found) else ""
    yield f"\n## {name}\n\n"
    yield "\n\n".join(_paragraphs(function)) + "\n\n"
    yield f"    {' '.join(['raw2adam', name, *needed])}{more}\n"
    if found:
        yield "\n| argument or option | default | meaning |\n|---|---|---|\n"
    for p in found:
        yield f"| `{p.shown}` | {'required' if p.required else p.default and f'`{p.default}`'} | {p.help} |\n"


def _parameters(function: Callable[..., Any]) -> Iterator[Parameter]:
    """The arguments and options of a command, arguments first."""
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, *notes = get_args(hints[name])
        info = next(n for n in notes if isinstance(n, ArgumentInfo | OptionInfo))
        required = parameter.default is inspect.Parameter.empty
        help_text = " ".join((info.help or "").split()).replace("|", "\\|")
        default = "" if required else _default(parameter.default)
        if isinstance(info, ArgumentInfo):
            shown = name.upper() if required else f"[{name.upper()}]"
            found.append(Parameter(shown, False, required, default, help_text))
        else:
            shown, default = _option(name, kind, info, default)
            found.append(Parameter(shown, True, required, default, help_text))
    yield from sorted(found, key=lambda p: p.is_option)


def _option(name: str, kind: object, info: OptionInfo, default: str) -> tuple[str, str]:
    """An option as a user writes it, --out PATH or --quality / --no-quality, and its default."""
    # within Annotated the first spelling is the first argument of typer.Option, which typer calls default
    declared = [d for d in (info.default, *(info.param_decls or ())) if isinstance(d, str) and d.startswith("-")]
    spelled = declared or [f"--{name.replace('_', '-')}"]
    if kind is bool:
        both = spelled if declared else [spelled[0], f"--no-{spelled[0].removeprefix('--')}"]
        return " / ".join(both), "" if declared else both[default != "True"]
    kind = next((k for k in get_args(kind) if k is not type(None)), kind) if get_origin(kind) is not list else kind
    repeats = " ..." if get_origin(kind) is list else ""
    return f"{' / '.join(spelled)} {_KINDS[get_args(kind)[0] if repeats else kind]}{repeats}", default


def _default(value: object) -> str:
    if isinstance(value, Path):
        return value.as_posix()
    return "" if value in (None, "", (), []) else str(value)


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.cli_reference", cli_page(), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
