"""The annotations of the fields of forms: what each names, and the text that a form shows of it.

Not for finding them in the rules (from_rules.py), nor for forms (forms.py) and pages (layout.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ..engine.standard import tabulation
from ..sdtm import standard as _sdtm_standard  # noqa: F401 - registers the standard
from .forms import CrfField, CrfForm, RawColumn

#: endings of variables of a test, which are annotated with the test
OF_TEST = ("ORRES", "ORRESU", "STRESC", "STRESN", "STRESU", "ORNRLO", "ORNRHI", "STAT", "REASND")
COLLECTED, ASSIGNED, DERIVED, CONSTANT = "collected", "assigned", "derived", "constant"
RELATION, SUBJECT, SELECTS, NOT_SUBMITTED = "relation", "subject", "selects", "not submitted"
#: annotations of a variable whose values are those of the field; the others are notes
SOLID = (COLLECTED, CONSTANT, NOT_SUBMITTED)


@dataclass(frozen=True, order=True)
class Annotation:
    """One annotation. ``variables``: of ``dataset``, with one where clause: ``where`` is (variable, value) or ().

    ``kind``: collected, assigned, derived, constant, relation, subject, selects or not submitted. ``value``: of a
    constant; the datasets of a relation.
    ``origin``: type and source of define.xml. ``place``: file:line of the rule. ``reason``: why it is not submitted.
    """

    kind: str
    dataset: str = ""
    variables: tuple[str, ...] = ()
    where: tuple[str, str] | tuple[()] = ()
    value: tuple[str, ...] = ()
    origin: str = ""
    place: str = ""
    reason: str = ""

    @property
    def domain(self) -> str:
        """The dataset whose colour it has: a supplemental qualifier has that of its parent."""
        return tabulation().qualified(self.dataset) or self.dataset

    @property
    def of_test(self) -> bool:
        """Whether it is of derived results of a test, which follow from the collected one."""
        return self.kind == DERIVED and all(v.removeprefix(self.dataset[:2]) in OF_TEST for v in self.variables)

    @property
    def solid(self) -> bool:
        return self.kind in SOLID

    @property
    def text(self) -> str:
        """The text of the annotation on the form."""
        if self.kind == NOT_SUBMITTED:
            return "[NOT SUBMITTED]"
        if self.kind == SUBJECT:
            return "USUBJID (identifies the subject)"
        if self.kind == RELATION:
            return f"{self.dataset} (links {' and '.join(self.value)})"
        if self.kind == SELECTS:
            return f"Selects records of {self.dataset}" if self.dataset else "Read by the rules, no variable"
        names = ", ".join(f"{self.dataset}.{v}" for v in self.variables)
        if self.kind == CONSTANT:
            return f"{names} = {', '.join(map(_quoted, self.value))}"
        where = f" where {self.where[0]} = {_quoted(self.where[1])}" if self.where else ""
        return f"{names}{where}" + ("" if self.kind == COLLECTED else f" ({self.kind})")


def _quoted(text: str) -> str:
    return f'"{text}"'


@dataclass
class Annotations:
    """The annotations of a study: ``fields`` by raw column, ``constants`` by source; ``domains``: dataset -> label.

    ``reasons``: why a column is not submitted, as the specs state it.
    """

    fields: dict[RawColumn, list[Annotation]] = field(default_factory=dict)
    constants: dict[str, list[Annotation]] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    reasons: dict[RawColumn, str] = field(default_factory=dict)
    _of_fields: dict[tuple[tuple[RawColumn, ...], bool], list[Annotation]] = field(default_factory=dict, repr=False)

    def of_field(self, crf_field: CrfField) -> list[Annotation]:
        """The annotations of a field, those of variables first; one that it is not submitted if it has none."""
        key = crf_field.columns, crf_field.identifies
        if key not in self._of_fields:
            self._of_fields[key] = self._found(crf_field)
        return self._of_fields[key]

    def _found(self, crf_field: CrfField) -> list[Annotation]:
        found = joined(dict.fromkeys(a for c in crf_field.columns for a in self.fields.get(c, ())))
        results = {a.dataset for a in found if a.kind == COLLECTED}
        of_variables = [a for a in found if a.kind != SELECTS and not (a.of_test and a.dataset in results)]
        if of_variables:
            return of_variables
        if crf_field.identifies or found:
            return [Annotation(SUBJECT)] if crf_field.identifies else found
        reason = next((self.reasons[c] for c in crf_field.columns if c in self.reasons), "")
        return [Annotation(NOT_SUBMITTED, reason=reason)]

    def unnamed(self, constants: Iterable[Annotation]) -> list[Annotation]:
        """Constants without the test codes that a where clause names already."""
        named = {(a.dataset, *a.where) for found in self.fields.values() for a in found if a.where}
        return [a for a in constants if (a.dataset, *a.variables, *a.value) not in named]

    def of_form(self, form: CrfForm) -> list[Annotation]:
        """The constants that the records of a form have."""
        found: dict[tuple[str, tuple[str, ...]], Annotation] = {}
        for annotation in (a for s in form.sources for a in self.constants.get(s, ())):
            key = annotation.dataset, annotation.variables
            if key in found:
                values = tuple(dict.fromkeys((*found[key].value, *annotation.value)))
                annotation = replace(found[key], value=values)
            found[key] = annotation
        return list(found.values())


def joined(found: Iterable[Annotation]) -> list[Annotation]:
    """Annotations of one field: variables of one dataset with the same where clause share an annotation."""
    out: dict[tuple[str, str, tuple[str, ...], str], Annotation] = {}
    for a in found:
        key = a.kind, a.dataset, tuple(a.where), a.origin if a.kind == COLLECTED else ""
        mine = out.get(key)
        if mine is None:
            out[key] = a
        elif a.kind not in (SELECTS, RELATION):
            names = tuple(dict.fromkeys((*mine.variables, *a.variables)))
            places = ", ".join(dict.fromkeys(filter(None, (*mine.place.split(", "), a.place))))
            out[key] = replace(mine, variables=names, place=places)
    ranks = (COLLECTED, ASSIGNED, DERIVED, RELATION, SELECTS)
    return sorted(out.values(), key=lambda a: ranks.index(a.kind))
