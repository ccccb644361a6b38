"""Completes refusals: ``python tests/tools/fill_refusals.py FILE ...`` runs each case and writes ``exit:`` and ``says:``.

A case that has both is changed only with ``--again``, and only where the message of the command is different now. Read
the new messages: a message that does not help is a fault of raw2adam, not of the case. Not for running the self-test.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml
from raw2adam.cli import main as raw2adam
from raw2adam.selftest.refusals import area_refusals, folder, run_refusal


def main(arguments: list[str] | None = None) -> int:
    """Complete the files that are named, or all; 0, and 1 where a case cannot be run."""
    parser = argparse.ArgumentParser(prog="python tests/tools/fill_refusals.py")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--again", action="store_true", help="write the messages that have changed")
    options = parser.parse_args(arguments)
    paths = options.files or sorted(p for p in folder().glob("*.yaml") if p.stem != "study")
    return max([fill(path, options.again) for path in paths], default=0)


def fill(path: Path, again: bool) -> int:
    """Complete one file in place."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    document = yaml.compose(text, yaml.BaseLoader)
    node = next(value for key, value in document.value if key.value == "refusals")
    code = 0
    cases = area_refusals(path)
    for item, case in reversed(list(zip(node.value, cases, strict=True))):
        keys = {key.value: key.start_mark.line for key, _ in item.value}
        if case.says and not again:
            continue
        result = run_refusal(case, raw2adam)
        if result.passed:
            continue
        head, _, message = result.got.partition("\n")
        exit_code = head.removeprefix("exit code ")
        if not exit_code.isdecimal() or exit_code in ("0", "70"):
            print(f"{path.name}: {case.name}: {result.got}", file=sys.stderr)
            code = 1
            continue
        end = _end(lines, item.end_mark.line)
        start = min((keys[k] for k in ("exit", "says") if k in keys), default=end)
        written = [f"  exit: {exit_code}", "  says: |", *(f"    {line}".rstrip() for line in message.splitlines())]
        lines[start:end] = written
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return code


def _end(lines: list[str], end: int) -> int:
    """The line after the last one of a case, without the blank lines and comments before the next case."""
    while end and (end > len(lines) or not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


if __name__ == "__main__":
    raise SystemExit(main())
