"""The rows of an Excel specification from the content of a define.xml. Their way back is read_content.py.

Not for the cells of a file (workbook.py). A column that repeats a name that follows from another column is empty: an
OID is written only if it is not its prefix and its ID.
"""

from __future__ import annotations

from ..define.content import DefineContent
from .analysis_rows import AnalysisRows
from .element_rows import ElementRows
from .item_rows import ItemRows
from .row_names import Row, RowNames
from .sheets import (
    CODELISTS,
    COMMENTS,
    CRITERIA,
    DATASETS,
    DEFINE,
    DICTIONARIES,
    DISPLAYS,
    DOCUMENTS,
    METHODS,
    ODM_FIELDS,
    ORIGINS,
    RESULTS,
    STANDARD_NAME,
    STANDARD_VERSION,
    STANDARDS,
    STUDY_FIELDS,
    TRANSLATIONS,
    VALUES,
    VARIABLES,
    VERSION_COMMENT,
    WHERE,
)


def specification_rows(content: DefineContent) -> dict[str, list[Row]]:
    """Sheet -> its rows in order, without empty cells."""
    names = RowNames(content)
    items, elements, analyses = ItemRows(names), ElementRows(names), AnalysisRows(names)
    found = {
        DEFINE.name: _study(names),
        STANDARDS.name: elements.standards(),
        DATASETS.name: list(map(items.dataset, content.datasets)),
        VARIABLES.name: items.variables(),
        VALUES.name: items.value_rows(),
        WHERE.name: elements.where_clauses(),
        CODELISTS.name: elements.codelists(),
        DICTIONARIES.name: elements.dictionaries(),
        METHODS.name: elements.methods(),
        COMMENTS.name: elements.comments(),
        DOCUMENTS.name: elements.documents(),
        ORIGINS.name: items.further_origins,
        DISPLAYS.name: analyses.displays(),
        RESULTS.name: analyses.results(),
        CRITERIA.name: analyses.criteria(),
        TRANSLATIONS.name: [
            {"Language": language, "Text": text, "Translation": translation}
            for language, texts in content.translations.items()
            for text, translation in texts.items()
        ],
    }
    return {name: [{c: t for c, t in row.items() if t} for row in of_sheet] for name, of_sheet in found.items()}


def _study(names: RowNames) -> list[Row]:
    """The rows of the sheet Define."""
    c = names.content
    texts = {name: getattr(c, attribute) for name, attribute in STUDY_FIELDS.items()}
    guide = next((s for s in c.standards.values() if s.type == "IG"), None)
    texts[STANDARD_NAME], texts[STANDARD_VERSION] = (guide.name, guide.version) if guide else ("", "")
    texts[VERSION_COMMENT] = names.comment(c.version_comment)
    texts |= {name: c.odm.get(name, "") for name in ODM_FIELDS}
    first = ("StudyName", "StudyDescription", "ProtocolName", STANDARD_NAME, STANDARD_VERSION, "Language")
    order = (*first, *(n for n in texts if n not in first))
    return [{"Attribute": name, "Value": texts[name]} for name in order if texts[name]]
