"""Plans the supplemental qualifiers of an SDTM dataset.

Source: SDTMIG 3.4 section 8.4. Not for their records: supplemental.py.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from ..engine.building.original_text import OriginalText
from ..engine.plan.plan import PlannedVariable
from ..engine.plan.planned_variable import planned_variable
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import place_of
from ..mappings.facts.facts import DatasetFacts
from ..mappings.facts.terminology import Codelist
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.study import StudySpec

_QNAM = re.compile(r"[A-Z][A-Z0-9_]{0,7}", re.ASCII)
#: the variables of SUPP-- itself (SDTMIG 3.4 section 8.4.1)
_OF_SUPPLEMENTAL = ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "QVAL", "QORIG", "QEVAL")
#: classes whose records have supplemental qualifiers; comments go on in COVALn and have none
QUALIFIED_CLASSES = ("Events", "Findings", "Findings About", "Interventions")


def with_originals(file: DatasetSpec, study: StudySpec, facts: DatasetFacts, variables: Container[str]) -> DatasetSpec:
    """The spec of a dataset with a qualifier for the collected text of each translated variable."""
    spec = study.translations
    if spec is None or spec.original != "supplemental" or facts.observation_class not in QUALIFIED_CLASSES:
        return file
    added = {}
    for name in spec.variables:
        dataset, _, variable = name.partition(".")
        qualifier = f"{variable[:7]}O"
        if dataset == file.dataset and variable in variables and qualifier not in file.supplemental:
            label = f"{variable} in the Original Language"
            added[qualifier] = OriginalText(original_text=variable, label=label)
    return file.model_copy(update={"supplemental": {**file.supplemental, **added}}) if added else file


def planned_qualifiers(
    file: DatasetSpec,
    facts: DatasetFacts,
    variables: Container[str],
    study_codelists: dict[str, Codelist],
    problems: list[SpecProblem],
) -> dict[str, PlannedVariable]:
    """The supplemental qualifiers of a dataset. ``variables``: those of the dataset itself."""
    collected: dict[str, tuple[DerivationSpec | None, dict[int, DerivationSpec]]] = {
        n: (r, {}) for n, r in file.supplemental.items()
    }
    for number, block in enumerate(file.blocks):
        for name, rule in block.supplemental.items():
            collected.setdefault(name, (None, {}))[1][number] = rule
    out = {}
    for name, (shared, blocks) in collected.items():
        rules = [r for r in (shared, *blocks.values()) if r is not None]
        place = place_of(rules[0])
        if not any(r.label for r in rules):
            problems.append(SpecProblem(place, "a supplemental qualifier needs label:, its QLABEL", file.dataset, name))
        problems += [p for r in rules if r.label for p in _label_of_qualifier(r, file.dataset, name)]
        if not _QNAM.fullmatch(name):
            message = f"'{name}' is no QNAM: at most 8 capital letters, digits and underscores, a letter first"
            problems.append(SpecProblem(place, message, file.dataset, name))
        elif name in variables or facts.variable(name) is not None or name in _OF_SUPPLEMENTAL:
            where = file.dataset if name not in _OF_SUPPLEMENTAL else f"SUPP{file.dataset}"
            message = f"'{name}' is a variable of {where}; give the qualifier another name"
            hint = f"put {name} under variables:" if where == file.dataset else ""
            problems.append(SpecProblem(place, message, file.dataset, name, hint))
        out[name] = planned_variable(
            name,
            None,
            rule=shared,
            block_rules=blocks,
            study_codelists=study_codelists,
            place=place,
            problems=[],
            dataset=file.dataset,
            package="sdtm",
        )
    return out


def _label_of_qualifier(rule: DerivationSpec, dataset: str, name: str) -> Iterator[SpecProblem]:
    """A QLABEL that is longer than 40 characters, the limit of SDTMIG 3.4 section 8.4.2, or not plain ASCII."""
    label = rule.label or ""
    if len(label) > 40 or not (label.isascii() and label.isprintable()):
        message = f"the label '{label}' has {len(label)} characters; QLABEL holds 40, of printable ASCII"
        yield SpecProblem(place_of(rule, "label"), message, dataset, name)


def idvar_problems(
    qualifiers: dict[str, PlannedVariable], variables: Container[str], names: list[str], dataset: str
) -> Iterator[SpecProblem]:
    """idvar: of qualifiers that is no variable of the dataset. ``names``: the variables, for the hint."""
    for qualifier, planned in qualifiers.items():
        for rule in planned.rules:
            if rule.idvar is not None and rule.idvar not in variables:
                message = f"idvar: {dataset} has no variable '{rule.idvar}'"
                hint = nearest(rule.idvar, names)
                about = frozenset({rule.idvar})
                place = place_of(rule, "idvar")
                yield SpecProblem(place, message, dataset, qualifier, hint, refers_to=about)
