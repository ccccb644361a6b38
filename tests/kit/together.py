"""One build for many tests that differ in their subjects alone.

Each test declares its rows. One study has the rows of all, and each test sees its subjects, findings and rows as if it had
been built alone. Not for tests of partitions, ledgers or lineage: these are of a whole study.
"""

from __future__ import annotations

import copy
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.tiny import Tiny

Files = Mapping[str, str]


@dataclass
class Cases:
    """The files of the tests by name. The first column of every file is the number of the subject, up to 99.

    ``mark``: what USUBJID has before the number. ``digits``: of a number, as the tests write USUBJID.
    """

    mark: str = "S1-"
    digits: int = 2
    of: dict[str, Files] = field(default_factory=dict)

    def rows(self, files: Files):
        """Decorator: the test function has these files."""

        def mark(test):
            self.add(test.__name__, files)
            return test

        return mark

    def add(self, name: str, files: Files) -> None:
        """One case, or one of a test that has several."""
        assert name not in self.of
        self.of[name] = files

    def files(self) -> dict[str, str]:
        """The files of one study with the subjects of all tests: 03 of the second test is 1103."""
        assert len(self.of) <= 90  # the number of a test has two digits
        texts: dict[str, str] = {}
        for number, files in enumerate(self.of.values(), start=1):
            for name, text in files.items():
                header, *rows = csv.reader(io.StringIO(text))
                out = io.StringIO()
                lines = csv.writer(out, lineterminator="\n")
                if name not in texts:
                    lines.writerow(header)
                lines.writerows([f"{number + 9}{int(subject):02}", *cells] for subject, *cells in rows)
                texts[name] = texts.get(name, "") + out.getvalue()
        return texts

    def alone(self, built: Tiny, name: str) -> Tiny:
        """What one case sees of the study: its subjects and rows, with the numbers that it declared."""
        number = list(self.of).index(name)
        mark = f"{self.mark}{number + 10}"
        first = {
            file: sum(_count(files[file]) for files in list(self.of.values())[:number] if file in files)
            for file in self.of[name]
        }
        data = {
            dataset: [{**r, "USUBJID": self.shown(r["USUBJID"])} for r in records if str(r["USUBJID"]).startswith(mark)]
            for dataset, records in built.data.items()
            if not records or "USUBJID" in records[0]
        }
        found = built.findings
        rows = [
            row - first[file] if row > 0 and file in first else row
            for file, row in zip(found["file"], found["row"], strict=True)
        ]
        mine = [
            subject.startswith(mark)
            or (not subject and (file not in first or row <= 0 or 0 < rows[i] <= _count(self.of[name][file])))
            for i, (subject, file, row) in enumerate(zip(found["subject"], found["file"], found["row"], strict=True))
        ]
        findings = found.assign(row=rows, subject=[self.shown(s) for s in found["subject"]])[mine].reset_index(
            drop=True
        )
        seen = copy.copy(built)
        seen.data, seen.findings = data, findings
        return seen

    def shown(self, subject: object) -> str:
        """The subject as the test numbers it: S1-03 of S1-1103, the third subject of the second test."""
        return f"{self.mark}{int(str(subject)[-2:]):0{self.digits}}" if subject else ""


def _count(text: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(text))) - 1
