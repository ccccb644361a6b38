"""Why a variable or the records of a dataset differ between two runs: a rule, a raw file, a spec, an input, an option.

A rule has changed where its sentence or what it reads differs; a line that moved in its file is no change. Not for
finding what differs (compare_runs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .run_folder import RunFolder, Use

#: so many variables a change may pass through
DEPTH = 12


@dataclass(frozen=True)
class Cause:
    """``kind``: rule, raw, spec, input, option or version. ``what``: the place of the rule, the file, the name.

    ``old``, ``new``: the sentence of a rule or the value of an option on each side. ``through``: the variable whose
    change it explains first, '' for the variable itself. ``column``: of the raw file, '' for its rows.
    """

    kind: str
    what: str
    old: str = ""
    new: str = ""
    through: str = ""
    column: str = ""


@dataclass(frozen=True)
class FileChange:
    """``change``: changed, only in OLD, or only in NEW."""

    name: str
    change: str


def file_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[FileChange]:
    """What differs between two lists of files, name -> sha256; sorted."""
    found = []
    for name in sorted({*old, *new}):
        if name not in new:
            found.append(FileChange(name, "only in OLD"))
        elif name not in old:
            found.append(FileChange(name, "only in NEW"))
        elif old[name] != new[name]:
            found.append(FileChange(name, "changed"))
    return found


def setting_changes(old: RunFolder, new: RunFolder) -> list[Cause]:
    """The version, the declared date and the options that differ."""
    a, b = old.manifest, new.manifest
    found = [Cause("version", "raw2adam", a.version, b.version)] if a.version != b.version else []
    names = sorted({*a.packages, *b.packages})
    packages = [(n, a.packages.get(n, "none"), b.packages.get(n, "none")) for n in names]
    found += [Cause("version", n, one, two) for n, one, two in packages if one != two]
    options = {"declared date": (a.declared, b.declared)}
    options |= {n: (a.options.get(n, ""), b.options.get(n, "")) for n in sorted({*a.options, *b.options})}
    found += [Cause("option", n, str(one), str(two)) for n, (one, two) in options.items() if one != two]
    return found


class Causes:
    """The causes of changes between two runs. ``changed``: whether a variable of a dataset differs.

    ``variable`` '' asks for the records of the dataset.
    """

    def __init__(self, old: RunFolder, new: RunFolder, changed: Callable[[str, str], bool]):
        self._old, self._new, self._changed = old, new, changed
        self.specs = file_changes(old.spec_files(), new.spec_files())
        self.inputs = file_changes(*({n: f.sha256 for n, f in r.manifest.inputs.items()} for r in (old, new)))
        self.settings = setting_changes(old, new)

    def of_variable(self, dataset: str, variable: str) -> list[Cause]:
        """The nearest causes of the change of a variable; [] where nothing that it reads has changed."""
        return self._follow(dataset, variable) or self._weak(dataset)

    def of_records(self, dataset: str) -> list[Cause]:
        """The causes of records that one run alone has: the raw files of its blocks, its keys, its spec."""
        found = {(c.kind, c.what): c for c in self._of_tables(dataset, every=False)}
        for key in dict.fromkeys((*self._old.key_of(dataset), *self._new.key_of(dataset))):
            for cause in self._follow(dataset, key):
                found.setdefault((cause.kind, cause.what), cause)
        causes = list(found.values()) or self._of_tables(dataset, every=True)
        return causes + [Cause("spec", c.name) for c in self._spec_of(dataset)] or self._weak(dataset)

    def _follow(self, dataset: str, variable: str) -> list[Cause]:
        """The causes of a variable, through the variables that it reads."""
        found: dict[tuple[str, str], Cause] = {}
        seen = {(dataset, variable)}
        level = [(dataset, variable, "")]
        for _ in range(DEPTH):
            deeper: list[tuple[str, str, str]] = []
            for table, name, through in level:
                for cause in self._direct(table, name, through):
                    found.setdefault((cause.kind, cause.what), cause)
                for read in self._reads(table, name):
                    if read not in seen and self._may_pass(*read):
                        seen.add(read)
                        deeper.append((*read, through or f"{read[0]}.{read[1]}"))
            if not deeper:
                break
            level = deeper
        return list(found.values())

    def _of_tables(self, dataset: str, *, every: bool) -> list[Cause]:
        """The raw files of the blocks of a dataset, and of datasets that they read; ``every``: of joins too."""
        found: dict[tuple[str, str], Cause] = {}
        seen, level = {dataset}, [(dataset, "")]
        while level:
            deeper: list[tuple[str, str]] = []
            for name, through in level:
                tables = (*self._old.tables(name, every=every), *self._new.tables(name, every=every))
                for table in dict.fromkeys(tables):
                    if cause := self._raw_file(table, "", through):
                        found.setdefault((cause.kind, cause.what), cause)
                    elif table not in seen and self._changed(table, ""):
                        seen.add(table)
                        deeper.append((table, through or table))
            level = deeper
        return list(found.values())

    def _direct(self, table: str, name: str, through: str) -> list[Cause]:
        found = []
        old, new = (r.uses(table, name) for r in (self._old, self._new))
        gone, came = _without(old, new), _without(new, old)
        if gone or came:
            place = next((u.place for u in (*came, *gone) if u.place), f"{table}.{name}")
            texts = ("; ".join(dict.fromkeys(u.sentence for u in us)) for us in (gone, came))
            found.append(Cause("rule", place, *texts, through=through))
        for source, column in self._reads(table, name):
            if cause := self._raw_file(source, column, through):
                found.append(cause)
        return found

    def _reads(self, table: str, name: str) -> list[tuple[str, str]]:
        uses = (*self._old.uses(table, name), *self._new.uses(table, name))
        return list(dict.fromkeys(read for use in uses for read in use.reads))

    def _raw_file(self, source: str, column: str, through: str) -> Cause | None:
        """A raw file that has changed; with the copies of both runs, only if the values of its column have too."""
        old, new = self._old.source(source), self._new.source(source)
        if old == new or (old and new and old[1] == new[1]):
            return None
        if column:
            values = [r.raw_values(source, column) for r in (self._old, self._new)]
            if values[0] is not None and values[0] == values[1]:
                return None
        return Cause("raw", (new or old or ("", ""))[0], through=through, column=column)

    def _may_pass(self, table: str, name: str) -> bool:
        """Whether a change can come from a variable that is read: it differs, or no output has it."""
        if self._old.source(table) is not None or self._new.source(table) is not None:
            return False
        return self._changed(table, name) or self._changed(table, "")

    def _spec_of(self, dataset: str) -> list[FileChange]:
        parent = dataset.removeprefix("SUPP").lower()
        return [c for c in self.specs if c.name in (f"sdtm/{parent}.yaml", f"adam/{parent}.yaml")]

    def _weak(self, dataset: str) -> list[Cause]:
        """What may explain a change although no rule and no raw file of it differs.

        The spec of the dataset, else specs and inputs of the whole study, versions and options.
        """
        if changed := self._spec_of(dataset):
            return [Cause("spec", c.name) for c in changed]
        shared = [c for c in self.specs if not c.name.startswith(("sdtm/", "adam/", "analyses/", "checks/"))]
        inputs = [c for c in self.inputs if not c.name.startswith(("raw/", "documents/", "previous/"))]
        found = [Cause("spec", c.name) for c in shared] + [Cause("input", c.name) for c in inputs]
        return found + self.settings


def _without(uses: list[Use], others: list[Use]) -> list[Use]:
    """The rules that no rule of ``others`` is equal to, whatever its line and block."""
    known = {(u.sentence, u.reads) for u in others}
    return [u for u in uses if (u.sentence, u.reads) not in known]
