"""The content of a define.xml from the rows of an Excel specification; the way back of content_rows.py.

Not for the cells of a file (workbook.py). Every problem names sheet and cell, and all are reported at once.
"""

from __future__ import annotations

from ..define.content import DefineContent
from .read_analyses import read_displays
from .read_elements import ElementReader
from .read_items import ItemReader
from .sheet_reader import SheetReader
from .sheets import COMMENTS, DATASETS, DEFINE, ODM_FIELDS, STUDY_FIELDS, TRANSLATIONS, VERSION_COMMENT
from .workbook import SpecificationSheets


def read_content(sheets: SpecificationSheets) -> tuple[DefineContent, SheetReader]:
    """The content of a workbook, and its reader, which has the problems; the content is of use only without them."""
    base = SheetReader(sheets)
    items, elements = ItemReader(base), ElementReader(base)
    datasets = items.datasets()
    values = items.value_lists(datasets)
    datasets = tuple(items.with_lists(d, values) for d in datasets)
    oids = {(d.name, i.name): i.oid for d in datasets for i in d.items}
    texts = {f: base.study_text(name) for name, f in STUDY_FIELDS.items()}
    texts["version"] = texts["version"] or ("2.1.0" if base.has(DATASETS, "Standard") else "2.0.0")
    if not texts["study"]:
        base.problems.append(f"{DEFINE.name}: the row StudyName is missing; it names the study")
    odm = {name: base.study_text(name) for name in ODM_FIELDS if base.study_text(name)}
    of_version = base.study.get(VERSION_COMMENT)
    content = DefineContent(
        **texts,
        created=odm.get("CreationDateTime", ""),
        system=" ".join(t for n in ("SourceSystem", "SourceSystemVersion") if (t := odm.get(n, ""))),
        odm=odm,
        version_comment=base.refer(of_version, "Value", base.comments, COMMENTS.name) if of_version else "",
        standards=elements.standards(texts["version"]),
        crf=elements.of_role("crf"),
        supplements=elements.of_role("supplements"),
        leaves=elements.leaves(),
        datasets=datasets,
        value_lists={oid: of_list for oid, (_, of_list) in values.items()},
        where=elements.where(oids),
        codelists=elements.codelists(),
        methods=elements.methods(),
        comments=elements.comments(),
        displays=read_displays(base, {d.name: d.oid for d in datasets}, oids),
        translations=_translations(base),
    )
    return content, base


def _translations(base: SheetReader) -> dict[str, dict[str, str]]:
    """Language -> text -> its translation; the first of two that differ, and a problem."""
    found: dict[str, dict[str, str]] = {}
    for row in base.rows(TRANSLATIONS):
        language, text, translation = row.get("Language").strip(), row.get("Text"), row.get("Translation")
        if not language or not text or not translation:
            continue
        known = found.setdefault(language, {}).setdefault(text, translation)
        if known != translation:
            base.problem(row, "Translation", f"the text has another translation already: '{known}'")
    return found
