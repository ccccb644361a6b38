"""Reads the refusals (tests/refusals/*.yaml) and runs them: small studies that raw2adam must refuse, with the message.

docs/refusals.md describes how to write a case. Not for values that raw2adam derives (``examples.py``).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .case_folder import CaseFolder
from .files import Content, NoLinks, write_files
from .result import Result

#: runs ``raw2adam`` with the words of sys.argv and ends by SystemExit
Main = Callable[[], None]

#: how a message names the folder of the case, which differs from run to run
HERE = "HERE"
#: the place of a text of the system or a library in a message: any text of one line
_ANY = re.compile(r"<<[^<>\n]*>>")
#: the file with the study that all cases change
STUDY = "study"
_KEYS = {"name", "why", "files", "change", "before", "then", "run", "exit", "says"}
_AREA_KEYS = {"area", "about", "files", "run", "refusals"}


@dataclass(kw_only=True, frozen=True)
class Refusal:
    """A small study and a command that must be refused.

    ``files``: all files of the case, those of the shared study included; ``before``: commands that must end with 0 or 1
    before ``then`` changes files again; ``says``: all lines that the command prints.
    """

    area: str
    name: str
    why: str
    files: Mapping[str, Content]
    run: str
    exit: int
    says: str
    before: tuple[str, ...] = ()
    then: Mapping[str, Content] = field(default_factory=dict)


def folder() -> Path:
    """The folder of the cases: beside this module in an installed package, under tests/ in the repository."""
    here = Path(__file__).parent
    installed = here / "refusals"
    return installed if installed.is_dir() else here.parent / "tests" / "refusals"


def read_refusals(where: Path | None = None) -> list[Refusal]:
    """All refusals, by file name and then as they are written. Raises ValueError for a case that cannot be run."""
    paths = sorted(p for p in (where or folder()).glob("*.yaml") if p.stem != STUDY)
    cases = [case for path in paths for case in area_refusals(path)]
    names = [case.name for case in cases]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"two refusals have the name {', '.join(twice)}; rename one")
    return cases


def area_refusals(path: Path) -> list[Refusal]:
    """The refusals of one file, over the files of the shared study (study.yaml beside it)."""
    shared = _document(path.with_name(f"{STUDY}.yaml"))["files"]
    area = _document(path)
    files = {**shared, **area.get("files", {})}
    command = {"run": area["run"]} if "run" in area else {}
    return [_refusal(path.name, area["area"], files, {**command, **case}) for case in area["refusals"]]


def _document(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a text; libyaml where it is built in
    document = yaml.load(path.read_text("utf-8"), loader)
    unknown = set(document) - _AREA_KEYS
    if unknown:
        raise ValueError(f"{path.name}: unknown key {', '.join(sorted(unknown))}")
    return document


def _refusal(file: str, area: str, files: Mapping[str, Content], case: Mapping[str, Any]) -> Refusal:
    name = str(case.get("name"))
    unknown, missing = set(case) - _KEYS, {"name", "why", "run"} - set(case)
    if unknown or missing:
        raise ValueError(f"{file}: {name}: unknown keys {sorted(unknown)}, missing keys {sorted(missing)}")
    every: dict[str, Content] = {**files, **case.get("files", {})}
    for changed, texts in case.get("change", {}).items():
        for old, new in texts.items():
            text = every[changed]
            if not isinstance(text, str) or text.count(old) != 1:
                raise ValueError(f"{file}: {name}: {changed} does not contain the text {old!r} exactly once")
            every[changed] = text.replace(old, new)
    before = case.get("before", [])
    return Refusal(
        area=area,
        name=name,
        why=str(case["why"]),
        files=every,
        run=str(case["run"]),
        exit=int(str(case.get("exit", -1))),
        says=str(case.get("says", "")),
        before=(before,) if isinstance(before, str) else tuple(before),
        then=case.get("then", {}),
    )


def run_refusal(case: Refusal, main: Main) -> Result:
    """Run a case in a temporary folder. It passes if exit code and every line are as written."""
    (result,) = run_refusals([case], main)
    return result


def run_refusals(cases: Sequence[Refusal], main: Main) -> Iterator[Result]:
    """Run cases, one after the other in one folder, which holds the files of the case and nothing else.

    A file that cases share has one path for all of them, so raw2adam parses it once. Commands that several cases run
    before they change files run once; the other cases get a copy of what these commands have written.
    """
    several = Counter(map(_preparation, cases))
    with tempfile.TemporaryDirectory(prefix="raw2adam-selftest-") as name:
        prepared = _Prepared(Path(name, "prepared"), {key for key, number in several.items() if number > 1})
        folder = CaseFolder(Path(name, "work"))
        folder.clear()
        for case in cases:
            yield _result(case, main, prepared, folder)


class _Prepared:
    """What the commands before a case have written, for the next case with the same files and the same commands."""

    def __init__(self, folder: Path, shared: Collection[str]) -> None:
        self.folder = folder
        self.shared = shared
        self.copies: dict[str, Path] = {}

    def fetch(self, key: str, work: Path) -> bool:
        """Copy the state into ``work``, if a case has prepared it."""
        if key not in self.copies:
            return False
        shutil.copytree(self.copies[key], work, symlinks=True, dirs_exist_ok=True)
        return True

    def keep(self, key: str, work: Path) -> None:
        """Remember the state of ``work``, if another case needs it."""
        if key in self.shared:
            copy = self.folder / str(len(self.copies))
            self.copies[key] = Path(shutil.copytree(work, copy, symlinks=True))


def _preparation(case: Refusal) -> str:
    """What decides the state before ``then``: the files and the commands; '' for a case without commands."""
    return json.dumps([case.before, case.files], sort_keys=True) if case.before else ""


def _result(case: Refusal, main: Main, prepared: _Prepared, folder: CaseFolder) -> Result:
    """The result of a case in its folder."""
    try:
        if (wrong := _prepare(case, main, prepared, folder)) is not None:
            return wrong
        write_files(folder.case, case.then)
    except NoLinks:
        return Result(case.area, case.name, True, "", "not run: this system cannot create links")
    with _inside(folder.case):
        code, text = run_words(case.run, main)
    wanted = f"exit code {case.exit}\n{case.says.rstrip()}"
    got = f"exit code {code}\n{text.rstrip()}"
    return Result(case.area, case.name, agrees(wanted, got), wanted, got)


def _prepare(case: Refusal, main: Main, prepared: _Prepared, folder: CaseFolder) -> Result | None:
    """Bring the folder to the state before ``then``. The result of the case if a command before it fails."""
    if not case.before and not case.then:
        folder.fill(case.files)
        return None
    folder.clear()
    key = _preparation(case)
    if key and prepared.fetch(key, folder.work):
        return None
    write_files(folder.case, case.files)
    for words in case.before:
        with _inside(folder.case):
            code, text = run_words(words, main)
        if code not in (0, 1):
            return Result(case.area, case.name, False, f"{words}: exit code 0 or 1", f"exit code {code}\n{text}")
    if key:
        prepared.keep(key, folder.work)
    return None


def agrees(wanted: str, got: str) -> bool:
    """Whether a text is the expected one; ``<<...>>`` in the expected text is any text of one line."""
    if "<<" not in wanted:
        return wanted == got
    parts = map(re.escape, _ANY.split(wanted))
    return re.fullmatch("[^\n]*".join(parts), got) is not None


def run_words(words: str, main: Main) -> tuple[int, str]:
    """Run ``raw2adam WORDS`` in this process; the exit code, and what it prints of the refusal.

    That is the problems of ``lint`` or ``verify``; for other commands the lines of stderr from ``raw2adam:`` on.
    """
    out, err, arguments = io.StringIO(), io.StringIO(), shlex.split(words)
    before = sys.argv
    sys.argv = ["raw2adam", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    finally:
        sys.argv = before
    progress, found, message = f"\n{err.getvalue()}".partition("\nraw2adam: ")
    text = f"raw2adam: {message}" if found else out.getvalue() or progress.lstrip("\n")
    text = text.replace(str(Path.cwd().resolve()), HERE)
    return code, text.replace("\\", "/") if os.sep == "\\" else text


@contextlib.contextmanager
def _inside(place: Path) -> Iterator[None]:
    """Makes the folder the current one, so that messages name files as a user sees them."""
    before = Path.cwd()
    os.chdir(place)
    try:
        yield
    finally:
        os.chdir(before)
