"""The files of a run that a guide is built from: define.xml, findings.json, accounting.json, rules.json, datasets.

Each fact is read from one file, never from a sentence. Not for the guides themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..define.content import DatasetContent, DefineContent, Item
from ..define.reading import read_define
from ..findings.entries import FIXED, OPEN
from ..output_folder.layout import KINDS, Layout, layout_of_output
from ..output_folder.manifest import Manifest
from ..output_folder.notice import notice_file, notice_text
from ..validation.reports.run_head import RunHead, fingerprint
from .counts import DatasetCounts, count_dataset

#: findings about the entries of findings.yaml
_OF_ENTRIES = "R2A-DISP-"
_FINDINGS, _ACCOUNTS, _RULES = "reports/findings.json", "reports/accounting.json", "lineage/rules.json"


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What is known of a run beside its files.

    ``packages``: name -> version; ``specs``: name -> sha256; ``splits``: dataset -> sentences on its split files.
    """

    head: RunHead
    packages: Mapping[str, str]
    specs: Mapping[str, str]
    splits: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class RunPackage:
    """The files below ``root``. ``check`` is called with each file before it is read."""

    root: Path
    run: RunFacts
    layout: Layout
    check: Callable[[Path], None] = lambda _: None
    _counts: dict[tuple[str, str], DatasetCounts] = field(default_factory=dict)

    @cached_property
    def definitions(self) -> dict[str, DefineContent]:
        """sdtm and adam -> its define.xml, where the run has one."""
        found = {}
        for kind in KINDS:
            path = self.folder(kind) / "define.xml"
            if path.is_file():
                self.check(path)
                found[kind] = read_define(path.read_bytes(), f"{kind}/define.xml")
        return found

    def folder(self, kind: str) -> Path:
        """The folder of define.xml and the datasets of sdtm or adam."""
        return self.root / self.layout.datasets(kind)

    def programs(self) -> dict[str, str]:
        """Analysis dataset -> the path of its program listing, for those that have one."""
        names = (d.name for d in self.definitions["adam"].datasets)
        paths = {n: self.layout.place(f"adam/programs/{n.lower()}.txt") for n in names}
        return {n: path for n, path in paths.items() if (self.root / path).is_file()}

    @cached_property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of findings.json; ``explanation``: of their entry in findings.yaml, else its disposition.

        Findings about entries themselves are for the team, and not among them.
        """
        content = self._json(_FINDINGS)
        entries = [_explanation(e) for e in content.get("entries", [])]
        return [
            {**f, "explanation": entries[f["entry"] - 1] if f.get("entry") else ""}
            for f in content["findings"]
            if not f["rule"].startswith(_OF_ENTRIES)
        ]

    @cached_property
    def accounts(self) -> dict[str, Any]:
        """accounting.json: of raw rows, or of the records of existing SDTM."""
        return self._json(_ACCOUNTS)

    @cached_property
    def rules(self) -> dict[str, Any]:
        """rules.json: the tables and steps of each dataset."""
        return self._json(_RULES)

    def counts(self, kind: str, dataset: DatasetContent) -> DatasetCounts:
        """The counts of a dataset; zero where define.xml names no file."""
        key = kind, dataset.name
        if key not in self._counts:
            path = self.folder(kind) / dataset.leaf.href if dataset.leaf is not None else None
            if path is None or dataset.has_no_data:
                self._counts[key] = DatasetCounts()
            else:
                self.check(path)
                self._counts[key] = count_dataset(path)
        return self._counts[key]

    def _json(self, name: str) -> dict[str, Any]:
        self.check(self.root / name)
        return _read_json(self.root / name)


def _explanation(entry: Mapping[str, Any]) -> str:
    """What reviewers read of an entry of findings.yaml; '' for one that is open, or that calls a finding fixed."""
    disposition = str(entry["disposition"])
    if disposition in (OPEN, FIXED):  # a finding that is there is not fixed
        return ""
    return str(entry["explanation"]) or f"{disposition.capitalize()}."


def _read_json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes())


def finished_package(root: Path, manifest: Manifest, check: Callable[[Path], None]) -> RunPackage:
    """The files of a finished run, whose facts are those of its manifest. ``check``: as in RunPackage."""
    check(root / _ACCOUNTS)
    accounts = _read_json(root / _ACCOUNTS)
    inputs = {name: f.sha256 for name, f in manifest.inputs.items()}
    specs = {name: f.sha256 for name, f in manifest.specs.items()}
    head = RunHead(
        study=manifest.study,
        title="",  # the guides have that of define.xml
        version=manifest.version,
        as_of=manifest.declared,
        cutoff=(accounts.get("cutoff") or {}).get("date", ""),
        command="",
        fingerprint=fingerprint({**inputs, **{f"specs/{n}": s for n, s in specs.items()}}),
        notice=notice_text(notice_file(root)),
    )
    splits = {name: str(split["text"]) for name, split in manifest.counts.get("split", {}).items()}
    facts = RunFacts(head=head, packages=manifest.packages, specs=specs, splits=splits)
    return RunPackage(root=root, run=facts, layout=layout_of_output(manifest), check=check)


def keys_of(dataset: DatasetContent) -> list[str]:
    """The key variables in their order."""
    keys = [i for i in dataset.items if i.key.isdigit()]
    return [i.name for i in sorted(keys, key=lambda i: int(i.key))]


def rule_text(definition: DefineContent, item: Item) -> str:
    """How a variable gets its values, as define.xml has it: its method, else its comment, else its predecessor."""
    method = definition.methods.get(item.method)
    comment = definition.comments.get(item.comment)
    if method is not None:
        return method.text
    if comment is not None:
        return comment.text
    return " ".join(o.text for o in item.origins if o.text)
