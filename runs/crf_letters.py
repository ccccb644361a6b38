"""Findings about the letters of a generated annotated CRF: those that no font has, and fonts that are not embedded.

Not for drawing it (acrf.py) nor for the fonts (acrf/lettering.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..acrf.forms import CrfField, CrfForm
from ..acrf.lettering import further_letters, not_drawn, not_embedded, shown
from ..engine.plan.plan import PlannedStudy
from ..findings.table import Findings
from ..mappings.binding.spec_model import place_of
from ..mappings.models.documents import CrfSpec
from .drawn_crf import Drawn


def report_letters(plan: PlannedStudy, drawn: Drawn, findings: Findings) -> None:
    """One finding for each text of a form with letters that no font has, and one for fonts that are not embedded."""
    with further_letters(drawn.crf.font):
        seen: set[tuple[str, str]] = set()
        texts = [(form, *found) for form in drawn.forms for found in _texts(plan, form)]
        for form, what, text, place in texts:
            written = shown(text)
            letters = not_drawn([written]) if written != text else []
            if not letters or (form.file, text) in seen:
                continue
            seen.add((form.file, text))
            message = f"{what} of the form {form.title}, {place or form.file}: no font has {', '.join(letters)}"
            findings.add("R2A-DOC-003", message, file=form.file, value=text)
        outside = not_embedded(shown(text) for _, _, text, _ in texts)
        if outside:
            findings.add("R2A-DOC-004", f"fonts of the annotated CRF that are not embedded: {', '.join(outside)}")


def _texts(plan: PlannedStudy, form: CrfForm) -> Iterator[tuple[str, str, str]]:
    """(what it is, text, place in a spec or '') of each text of a form."""
    title = next((p for p in (_place(plan, s, "title") for s in form.sources) if p), "")
    yield "the title", form.title, title
    for field in form.fields:
        question = _question_place(plan, field)
        yield f"the question of {field.name}", field.label, question
        yield f"the section of {field.name}", field.section, ""
        for code, label in field.choices:
            yield f"a choice of {field.name}", f"{code} {label}", ""
        for unit in field.units:
            yield f"a unit of {field.name}", unit, ""


def _question_place(plan: PlannedStudy, field: CrfField) -> str:
    """Where a spec has the question of a field: ``crf: labels:`` of a source, else the file of questions."""
    for source, column in field.columns:
        if place := _place(plan, source, "labels", column):
            return place
        if (question := plan.questions.get((source, column))) is not None:
            return question.place.shown()
    return ""


def _place(plan: PlannedStudy, source: str, key: str, column: str = "") -> str:
    """The place of ``crf:`` of a source with such a key; '' where it has none."""
    crf = plan.spec.sources[source].crf
    value = getattr(crf, key) if isinstance(crf, CrfSpec) else ""
    if not isinstance(crf, CrfSpec) or not value or (column and column not in value):
        return ""
    return place_of(crf, key, *([column] if column else [])).shown()
