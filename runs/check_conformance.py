"""Runs the conformance rules over the finished datasets of a build: SDTM, and ADaM beside it.

Not for the rules (conformance/) nor for a folder of finished files.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

from ..conformance.language.read import shipped_rules
from ..conformance.language.rule import Rule
from ..conformance.package import Package
from ..conformance.run import run_rules
from ..engine.building.stored_partitions import Parts, WholeDatasets
from ..engine.columns import column as col
from ..engine.standard import tabulation
from ..engine.tables.dataset import Dataset, DatasetMetadata
from ..engine.tables.existing import ExistingDataset
from ..findings.table import Findings

#: rules of metadata that a build reports by its agency profile (validation/agency_rules.py), and of empty variables,
#: which R2A-SPEC-002 reports with the line of the spec
ELSEWHERE = frozenset({"R2A-GEN-005", "R2A-GEN-006", "R2A-GEN-008", "R2A-GEN-023", "R2A-AD-014", "R2A-AD-015"})


#: with these datasets a study is one that can be submitted
WHOLE = frozenset({"DM", "TS"})
#: kinds of checks that ask for what a whole study has: datasets, parameters of TS, variables and their values
OF_WHOLE = frozenset({"contains", "core", "datasets", "not_empty", "present", "together"})
#: rules of SDTM that a build judges also where it only reads the dataset: numbers of ADaM depend on them
OF_INPUTS = frozenset({"R2A-RSLT-008"})
#: the rules that are for every build, whatever their kind
OF_ALL = "R2A-CONF-"


@dataclass(frozen=True)
class WaitingRules:
    """Rules that a part of a study does not run. ``absent``: the datasets that a whole study has."""

    rules: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


def chosen_rules(datasets: Collection[str]) -> dict[str, Rule]:
    """The rules of a build with these datasets of SDTM. A part of a study is not asked for what it does not have."""
    judged = shipped_rules().keys() - ELSEWHERE
    if not WHOLE.issubset(datasets):
        judged -= _of_whole()
    return {i: r for i, r in shipped_rules().items() if i in judged}


@cache
def _of_whole() -> frozenset[str]:
    """The rules that are for whole studies alone."""
    rules = shipped_rules().items()
    return frozenset(i for i, r in rules if not i.startswith(OF_ALL) and r.check.verb in OF_WHOLE)


def waiting_rules(datasets: Collection[str], standards: Collection[str]) -> WaitingRules:
    """The rules that a build with these datasets of SDTM, of these standards (sdtm, adam), does not run."""
    absent = tuple(sorted(WHOLE.difference(datasets)))
    if not absent:
        return WaitingRules()
    rules, scopes = shipped_rules(), {"both", *standards}
    return WaitingRules(tuple(sorted(i for i in _of_whole() - ELSEWHERE if rules[i].scope.standard in scopes)), absent)


def _written(dataset: Dataset) -> Dataset:
    """A dataset of a part of a study, without the variables that a whole study would fill and that have no value."""
    spec = dataset.metadata
    needed = [v for v in spec.variables if v.core == "Req" or not col.missing(dataset.columns[v.name]).all()]
    if len(needed) == len(spec.variables):
        return dataset
    metadata = replace(spec, variables=tuple(needed))
    return Dataset.of_clean(metadata, col.frame_of({n: dataset.columns[n] for n in metadata.names}, len(dataset)))


def check_conformance(
    specs: Mapping[str, DatasetMetadata],
    stored: Parts,
    existing: Mapping[str, ExistingDataset],
    findings: Findings,
    only: Collection[str] | None = None,
) -> WaitingRules:
    """Report what the finished datasets break; the rules that wait for a whole study.

    ``existing``: SDTM that the build reads, of which it judges only what numbers depend on (OF_INPUTS).
    ``only``: the ids of the rules that run; None for all of them.
    """
    whole = WholeDatasets(stored)
    built = {name: Dataset.of_clean(specs[name], whole[name].frame) for name in specs}
    purpose = tabulation().purpose
    sdtm = {name: d for name, d in built.items() if d.metadata.purpose == purpose}
    adam = {name: d for name, d in built.items() if name not in sdtm}
    read = {name: table.dataset for name, table in existing.items() if name not in sdtm}
    rules = {i: r for i, r in chosen_rules({*sdtm, *read}).items() if only is None or i in only}
    if not WHOLE.issubset({*sdtm, *read}):
        sdtm, adam = ({n: _written(d) for n, d in of.items()} for of in (sdtm, adam))
    related = Package(standard="sdtm", datasets=read) if read else None
    package = Package(standard="sdtm", datasets=sdtm, related=related, planned=True)
    run_rules(package, {id_: r for id_, r in rules.items() if r.scope.standard != "adam"}, findings)
    if related is not None:
        run_rules(related, {id_: r for id_, r in rules.items() if id_ in OF_INPUTS}, findings)
    if adam:
        beside = Package(standard="sdtm", datasets={**read, **sdtm})
        analysis = Package(standard="adam", datasets=adam, related=beside, planned=True)
        run_rules(analysis, {id_: r for id_, r in rules.items() if r.scope.standard != "sdtm"}, findings)
    return waiting_rules({*sdtm, *read}, [n for n, of in (("sdtm", sdtm), ("adam", adam)) if of])
