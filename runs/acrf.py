"""The annotated CRF of a study: the command raw2adam acrf, and the pages that a build gives to define.xml.

Not for its forms, annotations and pages (acrf/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from ..acrf.annotations import COLLECTED, NOT_SUBMITTED, SUBJECT, Annotations
from ..acrf.compose import TITLE, compose
from ..acrf.dry_run import run_without_rows, tables_of
from ..acrf.forms import CrfForm, RawColumn, forms_of, is_form
from ..acrf.from_rules import annotations_of
from ..acrf.lettering import not_drawn
from ..acrf.pages import AnnotatedCrf
from ..acrf.pdf import crf_pdf
from ..acrf.sponsor_pdf import SponsorPdf, find_fields, pages_yaml, read_pdf
from ..acrf.value_pages import ValuePages
from ..acrf.workbook import write_workbook
from ..acrf.xfdf import crf_xfdf, found_notes, generated_notes, has_sponsor_pages, sponsor_notes
from ..engine.building.study_build import StudyBuild
from ..engine.derivations.column_kinds import column_kinds
from ..engine.plan.plan import PlannedStudy
from ..engine.subjects.identity import identifying_columns
from ..errors import InputError, SpecError, UsageError
from ..findings.table import Findings
from ..mappings.loader import LoadedStudy, find_study, load_study
from ..mappings.models.documents import CrfSpec, DocumentSpec
from ..output_folder.installed import package_versions
from ..output_folder.manifest import FileHash, hash_file, write_manifest
from ..output_folder.swap import OutputFolder
from ..sources.cell_parts import divide
from ..sources.options import option_problems
from ..sources.read import read_source
from ..sources.reader import ParsedFiles
from ..sources.table import RawTable
from .plan_study import plan_study

#: the parts of the identity of a subject, which rules read beside the columns of the file
_IDENTITY = ("USUBJID", "SUBJID", "SITEID")
#: so many fields that were not found are named
_LISTED = 12
#: the date in the workbook of a study that declares none
_NO_DATE = dt.datetime(1980, 1, 1)


@dataclass(frozen=True)
class Drawn:
    """An annotated CRF with the forms and annotations that it shows."""

    crf: AnnotatedCrf
    forms: list[CrfForm]
    annotations: Annotations


def draw(plan: PlannedStudy, tables: Mapping[str, RawTable], title: str = TITLE, font: Path | None = None) -> Drawn:
    """The annotated CRF of a plan. ``tables``: source -> its table, of which only names and labels count.

    A source that is not there has the columns that the specs name. ``font``: a TrueType font with further letters.
    Raises SpecError for a mistake that only running rules shows, InputError for a font that cannot be embedded.
    """
    build = run_without_rows(plan, tables)
    annotations = annotations_of(build)
    forms = forms_of(plan.spec, tables_of(build), _kinds(build), plan.questions)
    return Drawn(compose(plan.spec, forms, annotations, title, font), forms, annotations)


def _kinds(build: StudyBuild) -> dict[tuple[str, str], str]:
    found = column_kinds(build.plan)
    return {place: "date" if "date" in kinds else "number" for place, kinds in found.items() if kinds & _READ_AS}


_READ_AS = frozenset({"date", "number"})


def with_pages(plan: PlannedStudy, drawn: Drawn, document: str) -> PlannedStudy:
    """The plan with the pages of the generated ``document`` at each source, as if ``crf:`` named them."""
    pages = _pages_of_columns(plan, drawn)
    sources = dict(plan.spec.sources)
    for name, source in sources.items():
        crf = source.crf if isinstance(source.crf, CrfSpec) else CrfSpec()
        if crf.has_pages or not is_form(source):
            continue
        columns = {c.column: tuple(sorted(numbers)) for c, numbers in pages.items() if c.source == name}
        columns |= {part: columns[column] for part, column in source.parts.items() if column in columns}
        filled = crf.model_copy(update={"document": document, "pages": (), "columns": columns})
        sources[name] = source.model_copy(update={"crf": filled})
    return replace(plan, spec=plan.spec.model_copy(update={"sources": sources}))


def _pages_of_columns(plan: PlannedStudy, drawn: Drawn) -> dict[RawColumn, set[int]]:
    """Raw column -> its pages; the parts of the identity of a subject have those of the columns that identify it."""
    found: dict[RawColumn, set[int]] = {}
    for number, form in enumerate(drawn.forms):
        for key in form.keys:
            found.setdefault(key, set()).add(drawn.crf.forms[number][0])
        for at, crf_field in enumerate(form.fields):
            for column in crf_field.columns:
                found.setdefault(column, set()).update(drawn.crf.fields[number, at])
    for name, source in plan.spec.sources.items():
        of_subject = [found.get(RawColumn(name, c), set()) for c in identifying_columns(source, plan.spec)]
        found |= {RawColumn(name, part): set().union(*of_subject) for part in _IDENTITY if any(of_subject)}
    return found


def pages_of_values(drawn: Drawn) -> ValuePages:
    """The pages of the annotations with a where clause."""
    found: ValuePages = {}
    for number, form in enumerate(drawn.forms):
        for at, crf_field in enumerate(form.fields):
            for annotation in drawn.annotations.of_field(crf_field):
                if annotation.kind != COLLECTED or not annotation.where:
                    continue
                for name in annotation.variables:
                    found.setdefault((annotation.dataset, name, *annotation.where), set()).update(
                        drawn.crf.fields[number, at]
                    )
    return found


def generated_document(plan: PlannedStudy) -> str:
    """The id of the document that is the generated annotated CRF; '' if the study has none."""
    return next((n for n, d in plan.spec.documents.items() if d.generated == "acrf"), "")


def font_of(loaded: LoadedStudy, document: DocumentSpec | None) -> Path | None:
    """The font with further letters that the annotated CRF has; None for none."""
    return loaded.specs.get(document.font or "") if document is not None else None


@dataclass(frozen=True)
class Report:
    """What was written, for the command to print."""

    lines: list[str]


def write_acrf(
    study: str,
    out: Path,
    raw: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    pdf: Path | None = None,
) -> Report:
    """Write acrf.pdf, acrf.xlsx and acrf.xfdf of a study into ``out``, which is replaced as a whole.

    ``raw``: folder of raw files, for their forms, columns, labels and choices; a file that is not there is known by
    the specs alone. ``pdf``: the sponsor's PDF of the CRF, in which the fields are sought; acrf-pages.yaml then has
    their pages. Raises SpecError, UsageError, InputError, OutputError; ``out`` then does not change.
    """
    loaded = load_study(find_study(study))
    plan, _ = plan_study(loaded)
    if not any(d.tabulated for d in plan.datasets.values()) or not plan.spec.sources:
        raise UsageError(f"{study}: the study has no SDTM dataset that reads a raw source, so it has no annotated CRF")
    tables = _headers(plan, raw) if raw is not None else {}
    sponsor = read_pdf(pdf) if pdf is not None else None
    name = generated_document(plan) or next((n for n, d in plan.spec.documents.items() if d.role == "crf"), "")
    document = plan.spec.documents[name] if name else None
    title = document.title if document is not None else TITLE
    drawn = draw(plan, tables, title, font_of(loaded, document))
    inputs = [p for p in (raw, pdf, loaded.root) if p is not None]
    folder = OutputFolder(out, inputs=inputs)
    folder.check_writable()
    day = plan.spec.study.as_of or plan.spec.study.cutoff
    declared = dt.datetime(day.year, day.month, day.day) if day is not None else _NO_DATE
    with folder.stage() as stage:
        for note in folder.notes:
            say(note)
        about = _About(plan, drawn, declared, document.file if document is not None else "acrf.pdf")
        lines = (
            _write(stage.path, about)
            if sponsor is None or pdf is None
            else _write_with(stage.path, about, sponsor, pdf.name)
        )
        _record(stage.path, plan, loaded, tables, declared, pdf)
    return Report([*lines, *_doubts(plan, tables, drawn)])


@dataclass(frozen=True)
class _About:
    """What the files of the command are about. ``file``: the annotated CRF that study.yaml declares."""

    plan: PlannedStudy
    drawn: Drawn
    declared: dt.datetime
    file: str

    def counts(self) -> str:
        fields = [f for form in self.drawn.forms for f in form.fields]
        unsent = sum(a.kind == NOT_SUBMITTED for f in fields for a in self.drawn.annotations.of_field(f))
        pages = len(self.drawn.crf.pages)
        return f"{len(self.drawn.forms)} forms, {len(fields)} fields, {pages} pages; {unsent} fields are not submitted"


def undrawn_letters(drawn: Drawn) -> list[str]:
    """A sentence on the letters that no font of the annotated CRF has; none where there are none."""
    pages = drawn.crf.pages
    texts = [t.text for page in pages for t in page.texts]
    letters = not_drawn([*texts, *(line for page in pages for note in page.notes for line in note.lines)])
    if not letters:
        return []
    listed = ", ".join(letters[:_LISTED]) + (f" and {len(letters) - _LISTED} more" if len(letters) > _LISTED else "")
    return [f"acrf.pdf: no font has {listed}; shown as their code points, acrf.xlsx has the letters"]


def _write(folder: Path, about: _About) -> list[str]:
    """The files without a PDF of the sponsor; lines about them."""
    drawn, lines = about.drawn, [about.counts(), *undrawn_letters(about.drawn)]
    (folder / "acrf.pdf").write_bytes(crf_pdf(drawn.crf))
    write_workbook(folder / "acrf.xlsx", drawn.forms, drawn.annotations, drawn.crf, about.declared)
    if not has_sponsor_pages(about.plan.spec):
        (folder / "acrf.xfdf").write_bytes(crf_xfdf(generated_notes(drawn.crf), "acrf.pdf"))
        return lines
    notes, without = sponsor_notes(about.plan.spec, drawn.forms, drawn.annotations, drawn.crf.colors)
    (folder / "acrf.xfdf").write_bytes(crf_xfdf(notes, about.file))
    text = f"acrf.xfdf: {len(notes)} annotations on the pages that study.yaml names; {without} fields have no page"
    return [*lines, text]


def _write_with(folder: Path, about: _About, pdf: SponsorPdf, name: str) -> list[str]:
    """The files with a PDF of the sponsor, called ``name``; lines about them."""
    drawn = about.drawn
    found = find_fields(pdf, drawn.forms)
    (folder / "acrf.pdf").write_bytes(crf_pdf(drawn.crf))
    pages = {place: line.page for place, line in found.items()}
    write_workbook(folder / "acrf.xlsx", drawn.forms, drawn.annotations, drawn.crf, about.declared, pages)
    notes = found_notes(pdf, found, drawn.forms, drawn.annotations, drawn.crf.colors)
    (folder / "acrf.xfdf").write_bytes(crf_xfdf(notes, name))
    (folder / "acrf-pages.yaml").write_text(pages_yaml(found, drawn.forms, name), "utf-8", newline="\n")
    lines = [about.counts(), f"acrf.xfdf: {len(notes)} annotations of {len(found)} fields that {name} has; check them"]
    for number, form in enumerate(drawn.forms):
        lost = [f.name for at, f in enumerate(form.fields) if (number, at) not in found]
        if lost:
            listed = ", ".join(lost[:_LISTED]) + (", ..." if len(lost) > _LISTED else "")
            lines.append(f"not found in {name}: {form.title}: {listed}")
    return lines


def _record(
    stage: Path,
    plan: PlannedStudy,
    loaded: LoadedStudy,
    tables: Mapping[str, RawTable],
    declared: dt.datetime,
    pdf: Path | None,
) -> None:
    read: dict[str, FileHash] = {
        f"raw/{t.file}": FileHash(t.sha256, t.path.stat().st_size) for t in tables.values() if t.present
    }
    if pdf is not None:
        read[f"pdf/{pdf.name}"] = hash_file(pdf)
    write_manifest(
        stage,
        study=plan.id,
        version=__version__,
        declared=declared.date(),
        inputs=read,
        specs={n: hash_file(p) for n, p in loaded.specs.items()},
        packages=package_versions(),
        counts={},
        findings={},
        options={"acrf": True},
    )


def _doubts(plan: PlannedStudy, tables: Mapping[str, RawTable], drawn: Drawn) -> list[str]:
    """Lines about sources that are known by the specs alone, and about forms that no spec reads."""
    out = []
    unknown = [n for n, s in plan.spec.sources.items() if is_form(s) and n not in tables]
    if unknown:
        out.append(
            f"known by the specs alone: {', '.join(unknown)}; --raw reads the columns, questions and choices of files"
        )
    unread = [form.title for form in drawn.forms if _is_unread(drawn, form)]
    if unread:
        out.append(f"no rule of SDTM reads a field of these forms: {', '.join(unread)}")
    return out


def _is_unread(drawn: Drawn, form: CrfForm) -> bool:
    """Whether no field of a form leads to a record: what identifies the subject does not count."""
    kinds = {a.kind for f in form.fields for a in drawn.annotations.of_field(f)}
    return kinds <= {NOT_SUBMITTED, SUBJECT}


def _headers(plan: PlannedStudy, raw: Path) -> dict[str, RawTable]:
    """The tables of the raw files that are there. Raises InputError with every file that cannot be read."""
    if not raw.is_dir():
        raise InputError(f"{raw}: there is no such folder of raw data")
    wrong = option_problems(plan.spec.sources)
    if wrong:
        raise SpecError(wrong)
    out, problems, parsed = {}, [], ParsedFiles()
    for name, source in plan.spec.sources.items():
        if not (raw / source.file).exists():
            continue
        try:
            out[name] = divide(read_source(name, raw, source, Findings(), parsed), source.cell_readers, Findings())
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(dict.fromkeys(problems)))
    return out
