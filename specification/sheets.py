"""The sheets and columns of an Excel specification.

The first columns of each sheet are those that Pinnacle 21 writes and reads, in its order; the columns after them hold
what else Define-XML has, so that nothing is lost. Not for the rows (content_rows.py, read_content.py) nor for cells of
a file (workbook.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: what a definition of a variable and one of some of its records have in common
_ITEM = ("Data Type", "Length", "Significant Digits", "Format", "Mandatory", "Assigned Value", "Codelist")
_SOURCE = ("Origin", "Source", "Pages", "Method", "Predecessor")
_MORE = ("Origin Description", "Origin Document", "Non Standard", "Role Codelist", "SAS Name")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its columns in order, the columns without which no row can be read, and further names of both.

    ``ours``: the position of the first column that is not of Pinnacle 21. ``unread``: columns that Define-XML has no
    place for. ``keys``: the columns that a row must fill.
    """

    name: str
    columns: tuple[str, ...]
    ours: int
    keys: tuple[str, ...]
    unread: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


def _sheet(
    name: str,
    theirs: Iterable[str],
    ours: Iterable[str] = (),
    *,
    keys: tuple[str, ...] = ("ID",),
    unread: tuple[str, ...] = (),
    aliases: tuple[str, ...] = (),
) -> Sheet:
    first = tuple(theirs)
    return Sheet(name, (*first, *ours), len(first), keys, unread, aliases)


DEFINE = _sheet("Define", ("Attribute", "Value"), keys=("Attribute",), aliases=("Study",))
STANDARDS = _sheet("Standards", ("ID", "Name", "Type", "Publishing Set", "Version", "Status", "Comment"), ("OID",))
DATASETS = _sheet(
    "Datasets",
    ("Dataset", "Label", "Class", "SubClass", "Structure", "Purpose", "Key Variables", "Standard", "Has No Data",
     "Repeating", "Reference Data", "Comment", "Developer Notes"),
    ("Domain", "Domain Description", "Non Standard", "SAS Name", "File", "File Title", "Leaf ID", "Location", "OID"),
    keys=("Dataset",),
    unread=("Developer Notes",),
)  # fmt: skip
VARIABLES = _sheet(
    "Variables",
    ("Order", "Dataset", "Variable", "Label", *_ITEM, "Common", *_SOURCE, "Role", "Has No Data", "Comment",
     "Developer Notes"),
    (*_MORE, "Key Sequence", "Value List OID", "OID"),
    keys=("Dataset", "Variable"),
    unread=("Assigned Value", "Common", "Developer Notes"),
)  # fmt: skip
VALUES = _sheet(
    "ValueLevel",
    ("Order", "Dataset", "Variable", "Where Clause", "Label", *_ITEM, *_SOURCE, "Comment", "Developer Notes"),
    (*_MORE, "Role", "Has No Data", "Key Sequence", "Item Name", "Value List OID", "OID"),
    keys=("Where Clause",),
    unread=("Assigned Value", "Developer Notes"),
)
WHERE = _sheet(
    "WhereClauses",
    ("ID", "Dataset", "Variable", "Comparator", "Value", "Comment"),
    ("Soft Hard", "Item OID", "OID"),
    keys=("ID", "Comparator"),
)
CODELISTS = _sheet(
    "Codelists",
    ("ID", "Name", "NCI Codelist Code", "Data Type", "Terminology", "Comment", "Order", "Term", "NCI Term Code",
     "Decoded Value"),
    ("Extended Value", "Decoded", "Rank", "Other Aliases", "Codelist Aliases", "Non Standard", "SAS Format", "OID"),
)  # fmt: skip
DICTIONARIES = _sheet(
    "Dictionaries",
    ("ID", "Name", "Data Type", "Dictionary", "Version"),
    ("Href", "Ref", "Terminology", "Comment", "NCI Codelist Code", "Codelist Aliases", "Non Standard", "SAS Format",
     "OID"),
)  # fmt: skip
METHODS = _sheet(
    "Methods",
    ("ID", "Name", "Type", "Description", "Expression Context", "Expression Code", "Document", "Pages"),
    ("OID",),
)
COMMENTS = _sheet("Comments", ("ID", "Description", "Document", "Pages"), ("OID",))
DOCUMENTS = _sheet("Documents", ("ID", "Title", "Href"), ("Role", "OID"))
ORIGINS = _sheet(
    "Origins",
    ("Dataset", "Variable", "Where Clause"),
    ("Origin", "Source", "Origin Description", "Origin Document", "Pages", "Item OID"),
    keys=("Item OID", "Origin"),
)
DISPLAYS = _sheet("Analysis Displays", ("ID", "Title", "Document", "Pages"), ("Name", "OID"))
RESULTS = _sheet(
    "Analysis Results",
    ("Display", "ID", "Description", "Reason", "Purpose", "Join Comment", "Documentation", "Documentation Refs",
     "Programming Context", "Programming Code", "Programming Document", "Pages"),
    ("Documentation Pages", "Parameter", "OID"),
    keys=("Display", "ID"),
)  # fmt: skip
CRITERIA = _sheet(
    "Analysis Criteria", ("Display", "Result", "Dataset", "Variables", "Where Clause"), keys=("Display", "Result")
)
TRANSLATIONS = _sheet("Translations", (), ("Language", "Text", "Translation"), keys=("Language", "Text"))

#: all sheets in the order of the workbook
SHEETS = (
    DEFINE, STANDARDS, DATASETS, VARIABLES, VALUES, WHERE, CODELISTS, DICTIONARIES, METHODS, COMMENTS, DOCUMENTS,
    ORIGINS, DISPLAYS, RESULTS, CRITERIA, TRANSLATIONS,
)  # fmt: skip
#: sheets without which a workbook is no specification
REQUIRED = (DEFINE, DATASETS, VARIABLES)
#: sheets that a workbook has only if they have rows
OPTIONAL = (STANDARDS, ORIGINS, DISPLAYS, RESULTS, CRITERIA, TRANSLATIONS)
#: columns of whole numbers, which a workbook holds as numbers
NUMBERS = frozenset({"Order", "Length", "Significant Digits", "Key Sequence", "Rank"})
#: columns whose texts keep the blanks around them
VERBATIM = frozenset(
    {"Term", "Value", "Expression Context", "Expression Code", "Programming Context", "Programming Code"}
)
#: further names of columns, by folded name
ALIASES = {"description": ("Label",), "sas format name": ("SAS Format",), "extensible": ("Extended Value",)}

#: rows of the sheet Define -> their text: field of DefineContent
STUDY_FIELDS = {
    "StudyName": "study",
    "StudyDescription": "description",
    "ProtocolName": "protocol",
    "Language": "language",
    "DefineVersion": "version",
    "StudyOID": "study_oid",
    "MetaDataVersionOID": "version_oid",
    "MetaDataVersionName": "name",
    "MetaDataVersionDescription": "version_description",
}
STANDARD_NAME, STANDARD_VERSION, VERSION_COMMENT = "StandardName", "StandardVersion", "MetaDataVersionComment"
#: rows of the sheet Define that are attributes of ODM
ODM_FIELDS = (
    "ODMVersion", "FileType", "FileOID", "CreationDateTime", "AsOfDateTime", "Originator", "SourceSystem",
    "SourceSystemVersion", "Context",
)  # fmt: skip
#: the role of a document in the column Role -> field of DefineContent
ROLES = {"AnnotatedCRF": "crf", "SupplementalDoc": "supplements"}
#: the IDs of an annotated CRF where a workbook has no column Role
CRF_IDS = frozenset({"acrf", "blankcrf"})
#: how the OIDs of elements begin; their ID is the rest
PREFIXES = {
    "standard": "STD.", "dataset": "IG.", "item": "IT.", "value list": "VL.", "where clause": "WC.", "codelist": "CL.",
    "method": "MT.", "comment": "COM.", "document": "LF.", "display": "RD.",
}  # fmt: skip
