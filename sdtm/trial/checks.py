"""What is wrong with the trial design of a study: epochs:, and arms, elements and criteria of trial:, at their lines.

Not for making records of it: design.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import SpecProblem, nearest
from ...mappings.binding.bind import key_place_of, place_of
from ...mappings.models.study import StudySpec
from ...mappings.models.trial import TrialSpec
from ..derivations.elements import named


def design_problems(study: StudySpec, datasets: set[str], variables: set[str]) -> Iterator[SpecProblem]:
    """What is wrong with trial: and epochs: in themselves. ``variables``: of DM, as planned."""
    for name, spec in study.epochs.items():
        for start in named(spec.start):
            if "DM" in datasets and start.startswith("DM.") and start[3:] not in variables:
                hint = nearest(start[3:], sorted(variables))
                yield SpecProblem(
                    key_place_of(study, "epochs", name), f"DM has no variable '{start[3:]}'", "DM", hint=hint
                )
        if spec.reached is not None and spec.reached.from_ not in datasets:
            hint = nearest(spec.reached.from_, sorted(datasets))
            yield SpecProblem(
                place_of(spec.reached, "from_"),
                f"there is no dataset '{spec.reached.from_}'",
                hint=hint,
                refers_to=frozenset({spec.reached.from_}),
            )
    trial = study.trial
    if trial is None:
        return
    starts = [(n, trial, "end") for n in named(trial.end)]
    starts += [(n, e, "start") for e in trial.elements.values() for n in named(e.start)]
    for name, owner, field in starts:
        if "DM" in datasets and name.startswith("DM.") and name[3:] not in variables:
            hint = nearest(name[3:], sorted(variables))
            yield SpecProblem(
                place_of(owner, field),
                f"DM has no variable '{name[3:]}'",
                "DM",
                hint=hint,
                refers_to=frozenset({name[3:]}),
            )
    for etcd in trial.elements:
        if len(etcd) > 8:
            yield SpecProblem(key_place_of(trial, "elements", etcd), f"ETCD '{etcd}' has more than 8 characters", "TE")
    for armcd, arm in trial.arms.items():
        if len(armcd) > 20:
            yield SpecProblem(key_place_of(trial, "arms", armcd), f"ARMCD '{armcd}' has more than 20 characters", "TA")
        for epoch, etcd in arm.steps:
            place = key_place_of(trial, "arms", armcd, "path", epoch)
            if study.epochs and epoch not in study.epochs:
                hint = nearest(epoch, list(study.epochs))
                yield SpecProblem(place, f"epochs: has no '{epoch}'", "TA", "EPOCH", hint, refers_to=frozenset({epoch}))
            if etcd not in trial.elements:
                yield SpecProblem(
                    place,
                    f"elements: has no '{etcd}'",
                    "TA",
                    "ETCD",
                    nearest(etcd, list(trial.elements)),
                    refers_to=frozenset({etcd}),
                )
        for field, given in (("branch", arm.branch), ("transition", arm.transition)):
            for etcd in given:
                if etcd not in [e for _, e in arm.steps]:
                    yield SpecProblem(
                        place_of(arm, field), f"the path of {armcd} has no '{etcd}'", "TA", refers_to=frozenset({etcd})
                    )
    for code in trial.criteria:
        if len(code) > 8:
            place = key_place_of(trial, "criteria", code)
            yield SpecProblem(place, f"IETESTCD '{code}' has more than 8 characters", "TI")


def element_problems(study: StudySpec, trial: TrialSpec, datasets: set[str]) -> Iterator[SpecProblem]:
    """Elements whose start SE cannot tell."""
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
