"""Breaks builds in every way that a machine can, and checks that OUT is the previous output or the new one.

``python tests/tools/break_builds.py --moments 50`` kills builds (SIGKILL) at random moments, in the plain and in the eCTD
layout with all formats, and packages (``raw2adam package``). After each kill the next command must find the previous
output or the new one, whole, with nothing left beside it. Then it fills the disk, makes the folder read-only, loses an
input in mid-run, holds a file of OUT open, and starts two runs into one OUT. Linux only: it forks. Root is needed for mounts.

It prints a line for each kill and exits with 1 if a check fails. Not a part of the package.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

FORMATS = ("json", "ndjson", "dsjc", "parquet")
STUDY = {
    "study.yaml": """\
study: {id: S1, title: A study}
subject: {columns: [SUBJ], usubjid: "{STUDYID}-{SUBJ}"}
dates: {formats: [yyyy-mm-dd]}
trial: {summary: {SSTDTC: {first: DM.RFICDTC}, TITLE: {study: title}}}
sources: {dm: {file: dm.csv}}
""",
    "sdtm/dm.yaml": "dataset: DM\nrows: {source: dm}\n"
    "variables: {SEX: SEX, COUNTRY: {value: DEU}, RFICDTC: {date: CONSENT}}\n",
    "sdtm/ts.yaml": "dataset: TS\nrows: {trial: TS}\n",
    "adam/adsl.yaml": "dataset: ADSL\nrows: {from: DM}\nvariables: {SEX: SEX}\n",
}
#: two exports of the study: a build of one replaces that of the other
RAW = {
    "before": "SUBJ,SEX,CONSENT\n01,F,2020-03-05\n02,M,2020-02-01\n",
    "after": "SUBJ,SEX,CONSENT\n01,F,2020-03-05\n02,M,2020-02-01\n03,F,2020-05-01\n",
}

Contents = dict[str, bytes]


class Broken(Exception):
    """A check that failed."""


def contents(folder: Path) -> Contents:
    """Every file below a folder; {} if it is not there."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def child(work: Callable[[], object]) -> int:
    """Start ``work`` in a fork of this process, which has the package imported; its pid. It exits with 0 or 1, or 2."""
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(300)  # a child that hangs ends, and the check fails
    code = 2
    try:
        with Path(os.devnull).open("w") as quiet:
            os.dup2(quiet.fileno(), 1)
            os.dup2(quiet.fileno(), 2)
        code = int(bool(work()))
    except BaseException as error:  # the child never returns to the parent's code
        code = getattr(error, "exit_code", 2) if isinstance(error, Exception) else 2
        with contextlib.suppress(OSError):
            Path(os.environ["BREAK_BUILDS_ERROR"]).write_text("".join(traceback.format_exception(error)))
    finally:
        os._exit(code)


def finished(pid: int) -> int:
    """The exit code of a child; the negative number of the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def preload(study: Study, kinds: list[str]) -> None:
    """Import what a run imports. Imports start no thread, which a fork would lose, and no child pays for them again."""
    listed = study.root / "modules.txt"

    def run() -> int:
        for kind in kinds:
            study.start(kind)(kind, "before", study.root / f"preload-{kind}")()
        listed.write_text("\n".join(sys.modules))
        return 0

    finished(child(run))
    for name in listed.read_text().splitlines() if listed.exists() else ():
        with contextlib.suppress(Exception):
            importlib.import_module(name)


class Study:
    """The study, its two exports, and what each build and package of them has."""

    def __init__(self, root: Path):
        self.root = root
        self.out = root / "work" / "out"
        self.out.parent.mkdir()
        for name, text in STUDY.items():
            (root / "study" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "study" / name).write_text(text, "utf-8")
        for version, text in RAW.items():
            (root / version).mkdir()
            (root / version / "dm.csv").write_text(text, "utf-8")

    def build(self, layout: str, version: str, out: Path | None = None) -> Callable[[], object]:
        """A build as the command runs it, with its line in the run log."""

        def run() -> int:
            import datetime as dt

            from raw2adam.runs.from_raw import Options, build
            from raw2adam.runs.logged_run import run_with_log

            target = out or self.out
            argv = ("raw2adam", "build", layout, version)
            options = Options(
                as_of=dt.date(2026, 1, 31), quality=False, formats=FORMATS, layout=layout, argv=argv,
            )  # fmt: skip
            return run_with_log(
                target, lambda: build(str(self.root / "study"), self.root / version, target, options),
                fail_on="never", argv=argv, show=lambda _: None, say=lambda _: None,
            )  # fmt: skip

        return run

    def package(self, _: str, version: str, out: Path | None = None) -> Callable[[], object]:
        """A package of a finished build of ``version``."""

        def run() -> int:
            from raw2adam.runs.package import Packaging, package_output

            package_output(Packaging(source=self.root / f"plain-{version}", out=out or self.out))
            return 0

        return run

    def simplified(self, _: str, version: str, out: Path | None = None) -> Callable[[], object]:
        """The ts.xpt of a study without SDTM, which needs no build."""

        def run() -> int:
            import datetime as dt

            from raw2adam.runs.simplified_ts import SimplifiedTs, write_simplified_ts

            start = dt.date(2014, 5, 2 if version == "before" else 3)
            about = SimplifiedTs(study="S1", out=out or self.out, start=start, declared=dt.date(2026, 1, 31))
            write_simplified_ts(about)
            return 0

        return run

    def start(self, kind: str) -> Callable[..., Callable[[], object]]:
        """What starts a run of a kind: plain, ectd, package, ts."""
        return {"package": self.package, "ts": self.simplified}.get(kind, self.build)

    def beside(self) -> list[str]:
        """What lies beside OUT and is no run log."""
        usual = {"out", "out.runs.jsonl", ".out.runs.jsonl.head"}
        return sorted(p.name for p in self.out.parent.iterdir() if p.name not in usual)

    def verified(self) -> None:
        """The next command: it repairs what the kill left, and finds no problem."""

        def run() -> int:
            from raw2adam.output_folder.swap import recover
            from raw2adam.runs.verify import verify_folder

            recover(self.out)
            return int(bool(verify_folder(self.out)))

        if code := finished(child(run)):
            raise Broken(f"verify ends with {code}{_error()}")


def _error() -> str:
    path = Path(os.environ["BREAK_BUILDS_ERROR"])
    return "\n" + path.read_text() if path.exists() else ""


def kills(study: Study, kind: str, moments: int, chance: random.Random) -> Iterator[str]:
    """Kill a run at random moments, half of them near its end, where OUT is replaced. A line for each kill."""
    start = study.start(kind)
    wanted: dict[str, Contents] = {}
    took = 0.0
    for version in RAW:
        target = study.root / f"{kind}-{version}"
        began = time.monotonic()
        if finished(child(start(kind, version, target))):
            raise Broken(f"{kind}: the build of {version} fails{_error()}")
        took = max(took, time.monotonic() - began)
        wanted[version] = contents(target)
    shutil.rmtree(study.out.parent)
    study.out.parent.mkdir()
    finished(child(start(kind, "before")))
    there = "before"
    for number in range(1, moments + 1):
        other = "after" if there == "before" else "before"
        began = time.monotonic()
        pid = child(start(kind, other))
        if number % 2:
            time.sleep(took * chance.uniform(0, 1))
        else:  # from its manifest on, a stage is brought to disk and swapped
            while not list(study.out.parent.glob(".out.raw2adam-stage-*/manifest.json")) and _runs(pid):
                time.sleep(0.001)
            time.sleep(took * chance.uniform(0, 0.3))
        took_now = time.monotonic() - began
        os.kill(pid, signal.SIGKILL)
        code = finished(pid)
        state = "killed" if code == -signal.SIGKILL else "was done"
        study.verified()
        found = contents(study.out)
        now = next((v for v, files in wanted.items() if files == found), None)
        if now is None:
            differing = sorted({n for files in wanted.values() for n in {*files} ^ {*found}})
            raise Broken(f"{kind}, kill {number}: OUT is neither output; files that differ: {differing[:5]}")
        if litter := study.beside():
            raise Broken(f"{kind}, kill {number}: left beside OUT: {', '.join(litter)}")
        there, result = now, "the new output" if now == other else "the previous output"
        yield f"{kind} {number:3}: {state} after {took_now:.3f} s: {result}"


def _runs(pid: int) -> bool:
    """Whether a child is still at work; it stays a child to wait for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def other_ways(study: Study, layout: str) -> Iterator[str]:
    """The other ways, each with the previous output in OUT. A line for each."""
    shutil.rmtree(study.out.parent)
    study.out.parent.mkdir()
    finished(child(study.build(layout, "before")))
    before = contents(study.out)

    def unchanged(what: str, code: int, expected: int) -> str:
        if code != expected:
            raise Broken(f"{layout}, {what}: exit code {code}, not {expected}{_error()}")
        study.verified()
        if contents(study.out) != before or study.beside():
            raise Broken(f"{layout}, {what}: OUT has changed, or there is litter: {study.beside()}")
        return f"{layout} {what}: exit code {code}, the previous output, no litter"

    yield unchanged("file too large", finished(child(_limited(study.build(layout, "after")))), 4)
    with read_only(study.out.parent) as usable:
        code = finished(child(study.build(layout, "after"))) if usable else None
    yield unchanged("read-only folder", code, 4) if code is not None else f"{layout} read-only folder: not tried"
    yield _full_disk(study, layout)
    yield unchanged("lost input", finished(child(_losing(study, study.build(layout, "lost")))), 3)
    with (study.out / "manifest.json").open("rb") as held:
        first = held.read(10)
        two = [child(_slowly(study.build(layout, "after"))), child(_slowly(study.build(layout, "after")))]
        codes = sorted(finished(pid) for pid in two)
        held.seek(0)
        if held.read(10) != first:
            raise Broken(f"{layout}: a file that a reader holds open has changed under it")
    study.verified()
    if codes != [0, 4] or contents(study.out) == before or study.beside():
        raise Broken(f"{layout}, two runs into one OUT: exit codes {codes}, litter {study.beside()}{_error()}")
    yield f"{layout} two runs into one OUT, a file of it open: exit codes {codes}, the new output, no litter"


def _full_disk(study: Study, layout: str) -> str:
    """A volume that has room for one output and a half."""
    small = study.root / "small"
    small.mkdir(exist_ok=True)
    size = sum((4095 + p.stat().st_size) // 4096 * 4096 for p in study.out.rglob("*") if p.is_file())
    with mounted(small, "-t", "tmpfs", "-o", f"size={size * 3 // 2}", "tmpfs") as usable:
        if not usable:
            return f"{layout} full disk: not tried"
        finished(child(study.build(layout, "before", small / "out")))
        before = contents(small / "out")
        code = finished(child(study.build(layout, "after", small / "out")))
        found, beside = contents(small / "out"), sorted(p.name for p in small.iterdir())
    if code != 4 or not before or found != before or beside != [".out.runs.jsonl.head", "out", "out.runs.jsonl"]:
        raise Broken(
            f"{layout}, full disk: exit code {code}, {len(before)} files before, beside OUT: {beside}{_error()}"
        )
    return f"{layout} full disk: exit code {code}, the previous output, no litter"


def _limited(run: Callable[[], object]) -> Callable[[], object]:
    """No file may have more than 12 kB: the system refuses to write."""

    def limited() -> object:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
        return run()

    return limited


@contextlib.contextmanager
def mounted(folder: Path, *words: str) -> Iterator[bool]:
    """A mount on ``folder``; False where this user may not mount."""
    done = subprocess.run(["mount", *words, str(folder)], capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", str(folder)], capture_output=True, check=False)


@contextlib.contextmanager
def read_only(folder: Path) -> Iterator[bool]:
    """A folder that cannot be written: its rights for a user, a read-only mount for root. False where neither works."""
    if os.getuid():
        folder.chmod(0o555)
        try:
            yield True
        finally:
            folder.chmod(0o755)
        return
    with mounted(folder, "--bind", str(folder)) as bound:
        remount = ["mount", "-o", "remount,ro,bind", str(folder)]
        yield bound and subprocess.run(remount, capture_output=True, check=False).returncode == 0


def _losing(study: Study, run: Callable[[], object]) -> Callable[[], object]:
    """The raw file disappears after it was read."""
    folder = study.root / "lost"
    folder.mkdir(exist_ok=True)
    (folder / "dm.csv").write_text(RAW["after"], "utf-8")

    def losing() -> object:
        from raw2adam.runs.from_raw import RawRun

        build = RawRun.build

        def lost(self: RawRun) -> None:
            (folder / "dm.csv").unlink()
            build(self)

        RawRun.build = lost
        return run()

    return losing


def _slowly(run: Callable[[], object]) -> Callable[[], object]:
    """A run that takes so long that the other one starts meanwhile."""

    def slowly() -> object:
        from raw2adam.runs.from_raw import RawRun

        build = RawRun.build

        def late(self: RawRun) -> None:
            time.sleep(1.0)
            build(self)

        RawRun.build = late
        return run()

    return slowly


def main(words: list[str] | None = None) -> int:
    """Run everything; 1 if a check fails. ``words``: of the command line; None: those of this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50, help="kills of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default="plain,ectd,package")
    parser.add_argument("--others", default="plain,ectd", help="layouts in which the other ways are tried")
    options = parser.parse_args(words)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="break-builds-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        os.environ["BREAK_BUILDS_ERROR"] = str(root / "error.txt")
        study = Study(root)
        kinds = [k for k in options.kinds.split(",") if k]
        others = [k for k in options.others.split(",") if k]
        try:
            for version in RAW if "package" in kinds else ():  # a package needs a finished build
                finished(child(study.build("plain", version, root / f"plain-{version}")))
            preload(study, kinds or others)
            for kind in kinds:
                lines = []
                for line in kills(study, kind, options.moments, chance):
                    print(line, flush=True)
                    lines.append(line.rpartition(": ")[2])
                print(f"{kind}: {len(lines)} moments: " + ", ".join(f"{n} {w}" for w, n in Counter(lines).items()))
            for layout in others:
                for line in other_ways(study, layout):
                    print(line, flush=True)
        except Broken as error:
            print(f"BROKEN: {error}")
            return 1
    print("OUT was the previous output or the new one each time, and nothing was left beside it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
