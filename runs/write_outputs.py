"""Writes the datasets of a run into its stage, with define.xml, its page and the listings of programs, per standard.

Not for reports (write_reports.py), lineage (lineage_files.py) nor the manifest (output_folder/manifest.py), nor for the
content of a file: each has its module.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from .. import __version__
from ..acrf.value_pages import with_pages_of_values
from ..define.checks import xsd_problems
from ..define.derived_lists import with_lists
from ..define.document import DefineDataset, DefineStudy, define_xml, metadata_version_oid
from ..define.documents import documents_of
from ..define.items import value_level_name
from ..define.page import define_html, stylesheet
from ..define.standards import Standard, guide, terminology_package
from ..define.value_lists import with_value_lists
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError
from ..mappings.facts.document_pages import DocumentPages
from ..mappings.facts.facts import packages
from ..mappings.models.documents import StandardComments, comment_pages, comment_text
from ..output_folder.layout import Layout, datasets_folders
from ..programs.analysis_listing import FILE as ANALYSES
from ..programs.analysis_listing import analyses_listing
from ..programs.formal_expressions import formal_expressions
from ..programs.listing import ListingHead, dataset_listing
from ..transport.dataset_writer import FileContext, OutputFormat
from ..transport.output_formats import submitted, write_dataset
from ..validation.reports.run_head import FRONT_PAGE, href
from .build_partitions import Built, plain_text
from .documents import DocumentFile, copy_documents, define_documents

_DEFINE = "define.xml"


def kind_of(plan: PlannedStudy, name: str) -> str:
    """sdtm or adam. SUPP-- is of the kind of its parent. Raises KeyError for a dataset that is not planned."""
    planned = plan.datasets.get(name) or plan.datasets[name.removeprefix("SUPP")]
    return planned.kind


def described_datasets(built: Built, names: Sequence[str]) -> list[DefineDataset]:
    """The datasets of these names as define.xml needs them, with their values."""
    summary = built.summary
    found: dict[str, DefineDataset] = {}
    for name in names:
        terms = {v: tuple(sorted(t)) for (d, v), t in summary.terms.items() if d == name}
        terms |= {v: tuple(sorted(t)) for (d, v), t in summary.values.items() if d == name and t is not None}
        levels = summary.levels.get(name, {})
        for value in built.specs[name].values:
            facts = levels.get((value.variable, value.where))
            if value.codelist is not None and facts is not None and facts.texts:
                terms[value_level_name(value)] = tuple(sorted(facts.texts))
        pairs = {(c, t): tuple(sorted(p)) for (d, c, t), p in summary.pairs.items() if d == name and p is not None}
        file, codes = submitted().file(name), summary.codes.get(name, {})
        found[name] = DefineDataset(built.specs[name], summary.records[name], terms, file, pairs, codes)
    return list(found.values())


def with_expressions(plan: PlannedStudy, described: Sequence[DefineDataset]) -> list[DefineDataset]:
    """The datasets with the formal expressions of their rules; SUPP-- has none."""
    planned = plan.datasets
    return [
        replace(d, expressions=formal_expressions(plan, planned[d.spec.name])) if d.spec.name in planned else d
        for d in described
    ]


def write_kind(
    stage: Path,
    kind: str,
    plan: PlannedStudy,
    built: Built,
    *,
    declared: dt.datetime,
    say: Callable[[str], None],
    documents: Mapping[str, DocumentFile],
    formats: Sequence[OutputFormat],
    layout: Layout,
    existing: Mapping[str, DatasetMetadata] | None = None,
) -> None:
    """Datasets in ``formats``, define.xml, define.html, stylesheet and documents of SDTM or ADaM.

    An empty dataset is not written. ``existing``: datasets that these copy and that this run does not build.
    """
    names = [n for n in built.specs if kind_of(plan, n) == kind]
    if not names:
        return
    folder, further = datasets_folders(stage, layout)[kind]
    for path in (folder, further):
        path.mkdir(parents=True, exist_ok=True)
    study = _define_study(plan, kind, declared, documents)
    context = FileContext(
        declared=declared,
        study_oid=study.oid,
        metadata_version_oid=metadata_version_oid(study, [built.specs[n] for n in names]),
        define=_DEFINE,
        originator=study.originator,
        system=study.system,
        system_version=study.system_version,
    )
    for name in names:
        records = built.summary.records[name]
        if records:
            say(f"{plan.id}: writing {kind}/{submitted().file(name)}, {records} records")
            frames, spec = built.stored.frames(name), built.specs[name]
            write_dataset(folder, spec, frames, records=records, context=context, formats=formats, further=further)
    origins = dict(existing or {})
    if kind != "sdtm":  # its copies have the lists of their origins
        others = with_lists(described_datasets(built, [n for n in built.specs if n not in names]))
        origins |= {d.spec.name: d.spec for d in others}
    described = with_value_lists(with_lists(described_datasets(built, names), origins), origins)
    described = with_expressions(plan, described)
    for name, document in documents.items():
        described = [replace(d, spec=with_pages_of_values(d.spec, name, document.pages)) for d in described]
    xml = define_xml(study, described)
    wrong = xsd_problems(xml)
    if wrong:
        raise OutputError(f"{kind}/define.xml does not follow its schema: " + "; ".join(wrong[:5]))
    (folder / _DEFINE).write_bytes(xml)
    page = layout.place(f"{kind}/define.html")
    beside = href(f"{layout.datasets(kind)}/", page) if (stage / page).parent != folder else ""
    (stage / page).write_bytes(define_html(xml, href(FRONT_PAGE, page), beside))
    (folder / "define2-1.xsl").write_bytes(stylesheet())
    copy_documents(documents, documents_of(xml, study.documents), folder)
    if kind == "adam":
        _write_programs(stage, plan, {n: built.specs[n] for n in names}, study, layout)


def _write_programs(
    stage: Path, plan: PlannedStudy, specs: Mapping[str, DatasetMetadata], study: DefineStudy, layout: Layout
) -> None:
    """The rules of each ADaM dataset as a listing: what an agency calls its program; and one of tables and figures."""
    head = ListingHead(plan.id, study.system_version, study.declared.date().isoformat())
    plain = partial(plain_text, languages=plan.translations.languages)
    for name, metadata in specs.items():
        path = stage / layout.place(f"adam/programs/{name.lower()}.txt")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(dataset_listing(plan, name, metadata, head, plain))
    listing = analyses_listing(plan.displays, plan.is_number, head, plain)
    if listing:
        (stage / layout.place(f"adam/programs/{ANALYSES}")).write_bytes(listing)


def _define_study(
    plan: PlannedStudy, kind: str, declared: dt.datetime, documents: Mapping[str, DocumentFile]
) -> DefineStudy:
    """The study of a define.xml of SDTM or ADaM."""
    info = plan.spec.study
    ig = guide("SDTMIG", info.sdtmig) if kind == "sdtm" else guide("ADaMIG", info.adamig)
    ct = terminology_package("SDTM" if kind == "sdtm" else "ADaM", info.ct.sdtm if kind == "sdtm" else info.ct.adam)
    return DefineStudy(
        info.id,
        info.id,
        ". ".join(t.rstrip(".") for t in (info.title, info.description) if t) or info.id,
        info.protocol or info.id,
        (ig, ct, terminology_package("DEFINE-XML", packages()["define"])),
        declared,
        system_version=__version__,
        documents=define_documents(documents, kind),
        comments=standard_comments(info.comments, kind, ig, ct),
        comment=whole_comment(info.comments, kind),
        displays=plan.displays if kind == "adam" else (),
        translations=plan.define_texts,
    )


def standard_comments(
    comments: StandardComments, kind: str, ig: Standard, ct: Standard
) -> dict[Standard, tuple[str, tuple[DocumentPages, ...]]]:
    """Standard -> text and pages of its comment, for define.xml of sdtm or adam."""
    of_kind = (comments.sdtmig, comments.sdtm_ct) if kind == "sdtm" else (comments.adamig, comments.adam_ct)
    pairs = zip((ig, ct), of_kind, strict=True)
    return {s: (comment_text(c), comment_pages([c])) for s, c in pairs if c is not None}


def whole_comment(comments: StandardComments, kind: str) -> tuple[str, tuple[DocumentPages, ...]]:
    """Text and pages of the comment on define.xml of sdtm or adam as a whole; no text for none."""
    comment = comments.sdtm if kind == "sdtm" else comments.adam
    return comment_text(comment), comment_pages([comment])
