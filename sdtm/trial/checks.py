"""The mistakes in the trial design of a study: epochs:, and arms, elements and criteria of trial:, at their lines.

Not for the records of the design: records.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import key_place_of, place_of
from ...mappings.models.study import StudySpec
from ...mappings.models.trial import TrialSpec
from ..derivations.elements import named


def design_problems(study: StudySpec, datasets: set[str], variables: set[str]) -> Iterator[SpecProblem]:
    """The mistakes in trial: and epochs:. ``variables``: of DM, as planned."""
    known = variables if "DM" in datasets else None
    yield from _epoch_problems(study, datasets, known)
    trial = study.trial
    if trial is None:
        return
    yield from _start_problems(trial, known)
    for etcd in trial.elements:
        if len(etcd) > 8:
            yield SpecProblem(key_place_of(trial, "elements", etcd), f"ETCD '{etcd}' has more than 8 characters", "TE")
    yield from _arm_problems(study, trial)
    for code in trial.criteria:
        if len(code) > 8:
            place = key_place_of(trial, "criteria", code)
            yield SpecProblem(place, f"IETESTCD '{code}' has more than 8 characters", "TI")


def _epoch_problems(study: StudySpec, datasets: set[str], variables: set[str] | None) -> Iterator[SpecProblem]:
    """Starts of epochs that are no variable of DM, and datasets of reached: that the study does not have."""
    for name, spec in study.epochs.items():
        for variable in _unknown_of_dm(named(spec.start), variables):
            hint = nearest(variable, sorted(variables or ()))
            yield SpecProblem(key_place_of(study, "epochs", name), f"DM has no variable '{variable}'", "DM", hint=hint)
        if spec.reached is not None and spec.reached.from_ not in datasets:
            hint = nearest(spec.reached.from_, sorted(datasets))
            message = f"there is no dataset '{spec.reached.from_}'"
            about = frozenset({spec.reached.from_})
            yield SpecProblem(place_of(spec.reached, "from_"), message, hint=hint, refers_to=about)


def _start_problems(trial: TrialSpec, variables: set[str] | None) -> Iterator[SpecProblem]:
    """Starts of elements and the end of participation that are no variable of DM."""
    dates = [(trial, "end", named(trial.end)), *((e, "start", named(e.start)) for e in trial.elements.values())]
    for owner, field, names in dates:
        for variable in _unknown_of_dm(names, variables):
            hint = nearest(variable, sorted(variables or ()))
            message, about = f"DM has no variable '{variable}'", frozenset({variable})
            yield SpecProblem(place_of(owner, field), message, "DM", hint=hint, refers_to=about)


def _unknown_of_dm(names: list[str], variables: set[str] | None) -> list[str]:
    """The variables of DM among ``names`` that it does not have; none where the study has no DM."""
    if variables is None:
        return []
    return [n[3:] for n in names if n.startswith("DM.") and n[3:] not in variables]


def _arm_problems(study: StudySpec, trial: TrialSpec) -> Iterator[SpecProblem]:
    """Codes of arms that are too long, and epochs and elements of their paths that the study does not have."""
    for armcd, arm in trial.arms.items():
        if len(armcd) > 20:
            yield SpecProblem(key_place_of(trial, "arms", armcd), f"ARMCD '{armcd}' has more than 20 characters", "TA")
        for epoch, etcd in arm.steps:
            place = key_place_of(trial, "arms", armcd, "path", epoch)
            if study.epochs and epoch not in study.epochs:
                hint = nearest(epoch, list(study.epochs))
                yield SpecProblem(place, f"epochs: has no '{epoch}'", "TA", "EPOCH", hint, refers_to=frozenset({epoch}))
            if etcd not in trial.elements:
                hint, about = nearest(etcd, list(trial.elements)), frozenset({etcd})
                yield SpecProblem(place, f"elements: has no '{etcd}'", "TA", "ETCD", hint, refers_to=about)
        for field, elements in (("branch", arm.branch), ("transition", arm.transition)):
            for etcd in elements:
                if etcd not in [e for _, e in arm.steps]:
                    message = f"the path of {armcd} has no '{etcd}'"
                    yield SpecProblem(place_of(arm, field), message, "TA", refers_to=frozenset({etcd}))


def element_problems(study: StudySpec, trial: TrialSpec, datasets: set[str]) -> Iterator[SpecProblem]:
    """Elements without a start, which SE needs."""
    if "DM" not in datasets:
        yield SpecProblem(place_of(trial), "SE needs DM, whose dates start the elements", "SE")
    for armcd, arm in trial.arms.items():
        for epoch, elements in arm.path.items():
            for position, etcd in enumerate(elements):
                spec, place = trial.elements.get(etcd), key_place_of(trial, "arms", armcd, "path", epoch)
                if spec is None or spec.start:
                    continue
                if position:
                    message = f"{etcd} is not the first element of {epoch}: give it start:, the date on which it starts"
                    yield SpecProblem(place, message, "SE", "SESTDTC")
                elif epoch in study.epochs and study.epochs[epoch].start is None:
                    yield SpecProblem(place, f"the epoch {epoch} has no start:, which SE needs", "SE", "SESTDTC")
