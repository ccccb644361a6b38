"""What a comparison found, as plain values that every report prints.

Not for finding it (compare_datasets.py). Counts are complete; the lists stop at the limit of the options.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .options import Options

Key = dict[str, object]  # key variable -> text, number or None


@dataclass(frozen=True)
class AttributeDifference:
    """``kind``: dataset, variable, label, type, length or format; '' on the side that has none. ``variable`` '' for
    an attribute of the dataset. ``reason``: why it is accepted, '' if it is not."""

    kind: str
    variable: str
    base: str
    compare: str
    reason: str = ""


@dataclass(frozen=True)
class CellDifference:
    """One cell; numbers as numbers, missing ones None. ``format``: the variable's, for dates that stay numbers."""

    key: Key
    variable: str
    base: object
    compare: object
    format: str = ""
    reason: str = ""


@dataclass(frozen=True)
class RecordDifference:
    """One record that one side has alone."""

    key: Key
    reason: str = ""


@dataclass
class RecordsOfOneSide:
    count: int = 0
    accepted: int = 0
    listed: list[RecordDifference] = field(default_factory=list)
    listed_accepted: list[RecordDifference] = field(default_factory=list)


@dataclass
class RepeatedKeys:
    """``keys``: how many keys stand on more than one record of the side, ``records``: on how many records."""

    keys: int = 0
    records: int = 0
    listed: list[tuple[Key, int]] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class VariableResult:
    """``largest``: the largest |base - compare| among different cells filled on both sides, None where there is none.
    ``base_missing``, ``compare_missing``: different cells that are missing on one side only."""

    name: str
    numeric: bool
    compared: int
    different: int
    accepted: int
    base_missing: int = 0
    compare_missing: int = 0
    largest: float | None = None

    @property
    def share_equal(self) -> float:
        return 1.0 if not self.compared else 1 - self.different / self.compared


@dataclass
class DatasetResult:
    """One dataset; with a file on one side only, nothing else is reported. ``different`` of a variable counts
    accepted cells too."""

    name: str
    base_file: str
    compare_file: str
    keys: tuple[str, ...] = ()
    keys_from: str = ""
    base_records: int = 0
    compare_records: int = 0
    common: int = 0
    notes: list[str] = field(default_factory=list)
    attributes: list[AttributeDifference] = field(default_factory=list)
    only_base: RecordsOfOneSide = field(default_factory=RecordsOfOneSide)
    only_compare: RecordsOfOneSide = field(default_factory=RecordsOfOneSide)
    repeated_base: RepeatedKeys = field(default_factory=RepeatedKeys)
    repeated_compare: RepeatedKeys = field(default_factory=RepeatedKeys)
    variables: list[VariableResult] = field(default_factory=list)
    cells: list[CellDifference] = field(default_factory=list)
    accepted_cells: list[CellDifference] = field(default_factory=list)

    @property
    def cells_compared(self) -> int:
        return sum(v.compared for v in self.variables)

    @property
    def cells_different(self) -> int:
        """Without the accepted ones."""
        return sum(v.different - v.accepted for v in self.variables)

    @property
    def cells_accepted(self) -> int:
        return sum(v.accepted for v in self.variables)

    @property
    def differences(self) -> int:
        """Everything that is not accepted: attributes, records of one side, cells, repeated keys."""
        records = sum(s.count - s.accepted for s in (self.only_base, self.only_compare))
        repeated = sum(r.keys for r in (self.repeated_base, self.repeated_compare) if not r.reason)
        return sum(not a.reason for a in self.attributes) + records + repeated + self.cells_different

    @property
    def accepted(self) -> int:
        records = self.only_base.accepted + self.only_compare.accepted
        repeated = sum(r.keys for r in (self.repeated_base, self.repeated_compare) if r.reason)
        return sum(bool(a.reason) for a in self.attributes) + records + repeated + self.cells_accepted


@dataclass(frozen=True)
class AcceptedEntry:
    """An entry of the file of accepted differences and how many it took; ``matched`` 0 is stale."""

    place: str
    text: str
    reason: str
    matched: int
    took: int


@dataclass
class Comparison:
    """``base`` and ``compare``: as the user named them."""

    base: str
    compare: str
    options: Options
    datasets: list[DatasetResult]
    entries: list[AcceptedEntry] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return sum(d.differences for d in self.datasets)

    @property
    def accepted(self) -> int:
        return sum(d.accepted for d in self.datasets)

    @property
    def stale(self) -> list[AcceptedEntry]:
        return [e for e in self.entries if not e.matched]

    @property
    def equal(self) -> bool:
        """Whether nothing differs that is not accepted."""
        return self.differences == 0
