"""Where the code writes the message of a refusal, and which of these places the refusals reach.

``python tests/tools/refusal_sites.py FOLDER`` runs all refusals with every place marked and writes outcome.json: the results of the
cases, the places that none of them reached. A place is a call that creates an error or a problem of a spec, or a ``yield`` of a
function that lists problems. No message is read or compared here.
"""

from __future__ import annotations

import ast
import builtins
import gc
import json
import os
import re
import sys
import tempfile
from bisect import bisect_left
from dataclasses import asdict, dataclass
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from kit.package_files import package_files  # noqa: E402

#: of the job that the runner of the suite begins, and the file of an outcome
NAME, OUTCOME = "refusals", "outcome.json"
#: classes of errors and problems
ERRORS = {
    "SpecProblem", "InputError", "OutputError", "UsageError", "FieldMistake", "OptionError", "PatternError",
    "TemplateError", "ExpressionError", "FormatError", "ScalarMistake",
}  # fmt: skip
#: functions that write a message from the text of an argument: each call is a place, their body is not
FUNNELS = {"problem", "_problem", "_add", "_stop", "_refuse", "refuse", "_error", "error", "_mistake"}
#: a line of each place has one of these
PLACES = re.compile(rf"\b(?:{'|'.join(sorted({*ERRORS, *FUNNELS, 'ValueError'}))})\s*\(|\byield\b")
#: rooms whose ValueError becomes a message at the line of a spec
VALUE_ERRORS = ("mappings/models/", "mappings/binding/", "mappings/facts/")
#: rooms without refusals: generated pages, synthetic data, the self-test itself
OUTSIDE = frozenset({"tests", "benchmarks", "docs", "demo", "build", "dist", "pages", "selftest", "synth"})


@dataclass(frozen=True)
class Site:
    """A place: its file in the package, the function with its classes, its line."""

    file: str
    function: str
    line: int

    @property
    def name(self) -> str:
        return f"{self.file}:{self.function}"

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}"


class Marker(ast.NodeTransformer):
    """Lists the places of a module, and puts ``__reached__(place) or`` before each."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.function: list[str] = []
        self.sites: list[Site] = []
        #: the lines with the start of a place: a statement without one has no place, so its parts are not visited
        self.lines = [number for number, line in enumerate(text.splitlines(), start=1) if PLACES.search(line)]

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.stmt):
            first = bisect_left(self.lines, node.lineno)
            if first == len(self.lines) or self.lines[first] > (node.end_lineno or node.lineno):
                return node
        return super().visit(node)

    def _inside(self, node: Any) -> ast.AST:
        self.function.append(node.name)
        self.generic_visit(node)
        self.function.pop()
        return node

    visit_FunctionDef = visit_ClassDef = _inside

    def _marked(self, node: ast.expr, value: ast.expr) -> ast.expr:
        site = Site(self.file, ".".join(self.function), node.lineno)
        self.sites.append(site)
        mark = ast.Call(ast.Name("__reached__", ast.Load()), [ast.Constant(str(site))], [])
        new = [mark, mark.func, *mark.args, whole := ast.BoolOp(ast.Or(), [mark, value])]
        for part in new:
            ast.copy_location(part, node)
        return whole

    def visit_Call(self, node: ast.Call) -> ast.expr:
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        value_error = called == "ValueError" and self.file.startswith(VALUE_ERRORS)
        inside = self.function[-1] if self.function else ""
        if inside not in FUNNELS and (called in ERRORS or called in FUNNELS or value_error):
            return self._marked(node, node)  # a message that contains another message is one place
        self.generic_visit(node)
        return node

    def visit_Yield(self, node: ast.Yield) -> ast.expr:
        inside = self.function[-1] if self.function else ""
        if (inside == "problems" or inside.endswith("_problems")) and node.value is not None:
            return ast.copy_location(ast.Yield(self._marked(node, node.value)), node)
        self.generic_visit(node)
        return node


@cache
def marked(path: Path) -> tuple[ast.Module | None, list[Site]]:
    """A module with its places marked, and the places; None for a module without any."""
    text = path.read_text(encoding="utf-8")
    file = path.relative_to(ROOT).as_posix()
    kinds = {text[m.start() : m.end()].rstrip("( ") for m in PLACES.finditer(text)}
    kinds -= set() if file.startswith(VALUE_ERRORS) else {"ValueError"}
    if not kinds - (set() if "problems(" in text else {"yield"}):
        return None, []  # to parse a module takes most of the time
    marker = Marker(file, text)
    module = marker.visit(ast.parse(text))
    return (module, marker.sites) if marker.sites else (None, [])


def sites() -> list[Site]:
    """All places, in the order of files and lines."""
    found: list[Site] = []
    for path in package_files(outside=OUTSIDE):
        found += marked(path)[1]
    return found


def mark_modules() -> set[str]:
    """Mark every module of raw2adam: those that are loaded, and those that are imported from now on.

    Returns the set of the places that run.
    """
    reached: set[str] = set()
    plain = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> Any:
        path = Path(self.get_filename(name))
        if name.startswith("raw2adam.") and path.is_relative_to(ROOT) and (code := _marked_code(path)) is not None:
            return code
        return plain(self, name)

    builtins.__reached__ = reached.add  # type: ignore[attr-defined]
    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    _mark_loaded()
    return reached


def _marked_code(path: Path) -> CodeType | None:
    module = marked(path)[0]
    return None if module is None else compile(module, str(path), "exec", dont_inherit=True)


def _mark_loaded() -> None:
    """Give the functions of the modules that are loaded their marked code: what refers to a function then runs it."""
    loaded: dict[str, list[FunctionType]] = {}
    for function in gc.get_objects():
        if isinstance(function, FunctionType):
            loaded.setdefault(function.__code__.co_filename, []).append(function)
    for path in package_files(outside=OUTSIDE):
        functions = loaded.get(str(path), [])
        code = _marked_code(path) if functions else None
        if code is not None:
            codes = _codes(code)
            for function in functions:
                function.__code__ = codes.get(_place_of(function.__code__)) or function.__code__


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType | None]:
    """The codes of all functions inside a code by their place; None for two of one name in one line."""
    found: dict[tuple[str, int], CodeType | None] = {}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for place, function in ((_place_of(inner), inner), *_codes(inner).items()):
                found[place] = None if place in found else function
    return found


def _place_of(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def outcome() -> dict[str, Any]:
    """Run all refusals: the results of the cases, the places that none reached, the number of places.

    The process ends after that: it runs other code than the files have.
    """
    os.fsync = lambda handle: None  # no power fails while tests run
    gc.disable()  # the process ends soon; the garbage of all cases is 50 MB
    reached = mark_modules()
    from raw2adam.cli import main as raw2adam
    from raw2adam.selftest.refusals import read_refusals, run_refusals

    results = [asdict(result) for result in run_refusals(read_refusals(), raw2adam)]
    every = sites()
    unreached = [asdict(site) for site in every if str(site) not in reached]
    return {"results": results, "unreached": unreached, "sites": len(every)}


def write_outcome(folder: Path) -> int:
    """Write outcome.json into a folder, which is then the current one."""
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None  # it is asked for again
    os.chdir(folder)
    (folder / OUTCOME).write_text(json.dumps(outcome()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(write_outcome(Path(sys.argv[1]).resolve()))
