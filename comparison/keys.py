"""The key of each dataset: from the command line, the specs of the study, Dataset-JSON or define.xml.

No key is guessed: a dataset without a known key is wrong usage. Not for matching records by it (pairing.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.tables.dataset import DatasetMetadata
from ..errors import InputError, OutputError, UsageError, nearest

_ODM = "{http://www.cdisc.org/ns/odm/v1.3}"


@dataclass
class KeySources:
    """``named``: dataset -> key of --keys; ``everywhere``: the --keys without a dataset; ``study``: of the specs."""

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    everywhere: tuple[str, ...] = ()
    study: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _defines: dict[Path, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def of(self, name: str, sides: Sequence[tuple[str, Path, DatasetMetadata]]) -> tuple[tuple[str, ...], str]:
        """(key, its source) of a dataset. ``sides``: BASE and COMPARE with their file and spec.

        The first of these that has it: --keys DATASET=, --keys, --study, then of BASE and of COMPARE the file and the
        define.xml beside it. Raises UsageError if none has it, or if a side does not have a key variable.
        """
        key, source = self._known(name, sides)
        if not key:
            raise UsageError(
                f"{name}: the key of its records is unknown. There is no define.xml with a key beside the files; add "
                f"--keys {name}=USUBJID,... or --study STUDY"
            )
        for side, path, spec in sides:
            absent = [k for k in key if k not in spec.names]
            if absent:
                hint = nearest(absent[0], spec.names)
                raise UsageError(
                    f"{name}: the key {', '.join(key)} ({source}) names {', '.join(absent)}, which {side} ({path}) "
                    f"does not have; add --keys {name}=..." + (f" ({hint})" if hint else "")
                )
        return key, source

    def _known(self, name: str, sides: Sequence[tuple[str, Path, DatasetMetadata]]) -> tuple[tuple[str, ...], str]:
        if name in self.named:
            return self.named[name], "--keys"
        if self.everywhere:
            return self.everywhere, "--keys"
        if self.study.get(name):
            return self.study[name], "--study"
        for side, path, spec in sides:
            if spec.keys:
                return spec.keys, f"{path.name} of {side}"
            key = self._define(path.parent).get(spec.name)
            if key:
                return key, f"define.xml of {side}"
        return (), ""

    def _define(self, folder: Path) -> dict[str, tuple[str, ...]]:
        if folder not in self._defines:
            self._defines[folder] = define_keys(folder / "define.xml")
        return self._defines[folder]


def option_keys(texts: Sequence[str]) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """(dataset -> key, key of all others) of the --keys options. Raises UsageError for one that is no key."""
    named: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, listed = text.rpartition("=")
        name = name.strip().upper()
        key = tuple(k.strip().upper() for k in listed.split(","))
        if not all(key) or (equals and not name) or "=" in name:
            raise UsageError(f"--keys {text}: write USUBJID,AESEQ for every dataset or ADAE=USUBJID,AESEQ for one")
        if len(set(key)) < len(key):
            raise UsageError(f"--keys {text}: a variable is named twice")
        if name in named:
            what = f"of {name}" if name else "of every dataset"
            raise UsageError(f"--keys {text}: the key {what} is written twice")
        named[name] = key
    return {n: k for n, k in named.items() if n}, named.get("", ())


def study_keys(study: str) -> dict[str, tuple[str, ...]]:
    """Dataset -> key of the specs of a study. Raises SpecError or UsageError if they cannot be used."""
    from ..mappings.loader import find_study, load_study
    from ..runs.plan_study import plan_study

    plan, _ = plan_study(load_study(find_study(study)))
    return {name: dataset.keys for name, dataset in plan.datasets.items() if dataset.keys}


def define_keys(path: Path) -> dict[str, tuple[str, ...]]:
    """Dataset -> its variables with a KeySequence, in that order; {} without the file. InputError if it is broken."""
    from ..define.xml_tree import parsed

    if not path.is_file():
        return {}
    try:
        root = parsed(path.read_bytes()).getroot()
    except (OutputError, OSError) as error:
        raise InputError(f"{path}: cannot be read for the keys: {error}") from None
    names = {item.get("OID"): item.get("Name", "") for item in root.iter(f"{_ODM}ItemDef")}
    found = {}
    for group in root.iter(f"{_ODM}ItemGroupDef"):
        keyed = []
        for ref in group.findall(f"{_ODM}ItemRef"):
            sequence = ref.get("KeySequence", "")
            if sequence.isdecimal() and ref.get("ItemOID") in names:
                keyed.append((int(sequence), names[ref.get("ItemOID")].upper()))
        if keyed:
            found[group.get("Name", "").upper()] = tuple(name for _, name in sorted(keyed))
    return found
