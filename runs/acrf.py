"""The annotated CRF of a study: the command raw2adam acrf, and the pages that a build gives to define.xml.

Not for its forms, annotations and pages (acrf/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..acrf.annotations import NOT_SUBMITTED, SUBJECT
from ..acrf.compose import TITLE
from ..acrf.forms import CrfForm, is_form
from ..acrf.lettering import not_drawn
from ..acrf.pdf import crf_pdf
from ..acrf.sponsor_pdf import SponsorPdf, find_fields, pages_yaml, read_pdf
from ..acrf.workbook import write_workbook
from ..acrf.xfdf import crf_xfdf, found_notes, generated_notes, has_sponsor_pages, sponsor_notes
from ..engine.plan.plan import PlannedStudy
from ..errors import InputError, SpecError, UsageError
from ..findings.table import Findings
from ..mappings.loader import LoadedStudy, find_study, load_study
from ..output_folder.installed import package_versions
from ..output_folder.manifest import FileHash, hash_file, write_manifest
from ..output_folder.swap import OutputFolder
from ..sources.cell_parts import divide
from ..sources.options import option_problems
from ..sources.read import read_source
from ..sources.reader import ParsedFiles
from ..sources.table import RawTable
from .drawn_crf import Drawn, draw, font_of, generated_document
from .plan_study import plan_study

#: so many fields that were not found are named
_LISTED = 12
#: the date in the workbook of a study that declares none
_NO_DATE = dt.datetime(1980, 1, 1)


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
