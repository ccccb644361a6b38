"""Exports the terms of a study that have no code yet, as a list to fill in: `raw2adam coding export`.

It builds SDTM in memory and writes nothing but the list. Not for reading a completed list
(dictionaries/coding_file.py).
"""

from __future__ import annotations

import os
from pathlib import Path

from ..dictionaries.term_list import TermList, term_lists
from ..errors import OutputError, UsageError, nearest
from ..validation.reports.workbook import write_text_sheets
from .from_raw import RawRun
from .options import Options

_SUFFIXES = (".csv", ".xlsx")


class _TermsRun(RawRun):
    """A run as far as SDTM is built. Nothing needs to be coded before."""

    lenient = True

    def built_terms(self, every: bool) -> list[TermList]:
        """The lists of terms. Raises SpecError and InputError as a build does."""
        self.plan_study()
        self.read_dictionaries()
        self.read()
        self.examine()
        self.build()
        lists = term_lists(self.plan.dictionaries, self.built.ledger.terms, self.plan.translations, every)
        self.built.stored.close()
        return lists


def export_terms(
    study: str, raw: Path, out: Path, *, dictionary: str = "", every: bool = False, options: Options
) -> list[tuple[str, int]]:
    """Write the list to ``out``, a new CSV or XLSX file; (dictionary, number of its terms) of what it has.

    ``dictionary``: list the terms of this one alone; a CSV file has one list. ``every``: list terms with a code too.
    Raises UsageError, OutputError, and the errors of a build; nothing is then written.
    """
    if out.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--out {out}: a list of terms is a .csv or .xlsx file")
    if out.exists():
        raise OutputError(f"{out}: exists already, and may be a list that somebody has filled in; name another file")
    run = _TermsRun(study, raw, out, options)
    declared = list(run.loaded.file.dictionaries)
    if not declared:
        raise UsageError(f"{study}: study.yaml has no dictionaries:, so there is nothing to code")
    if dictionary and dictionary not in declared:
        hint = nearest(dictionary, declared) or f"one of {', '.join(declared)}"
        raise UsageError(f"--dictionary {dictionary}: study.yaml has no dictionary of this name ({hint})")
    lists = [x for x in run.built_terms(every) if dictionary in ("", x.name)]
    if len(lists) > 1 and out.suffix.lower() == ".csv":
        names = ", ".join(x.name for x in lists)
        raise UsageError(
            f"--out {out}: a CSV file has the terms of one dictionary, and {names} have some; choose with --dictionary "
            "or write .xlsx"
        )
    if lists:
        _write(out, lists, run)
    return [(x.name, len(x.rows)) for x in lists]


def _write(out: Path, lists: list[TermList], run: _TermsRun) -> None:
    """Write the file whole: under another name first, which then replaces none. Raises OutputError."""
    partial = out.with_name(f".{out.name}.part")
    try:
        if out.suffix.lower() == ".csv":
            partial.write_bytes(lists[0].csv())
        else:
            write_text_sheets(partial, [(x.name, x.header, x.columns()) for x in lists], run.declared)
        os.replace(partial, out)  # noqa: PTH105
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
