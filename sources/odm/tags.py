"""Names of the elements and attributes of ODM-XML 1.3.2 with clinical data. Not for reading them (elements.py)."""

from __future__ import annotations

from .log import CONTEXT, REMOVED, VALUE
from .metadata import NS

TRANSACTIONS = ("Insert", "Update", "Remove", "Upsert", "Context")
#: TransactionType -> kind of a log entry
KINDS = dict.fromkeys(TRANSACTIONS, VALUE) | {"Remove": REMOVED, "Context": CONTEXT}
_PARTS = (
    "String Any Boolean Integer Float Double Date Time Datetime HexBinary Base64Binary HexFloat Base64Float "
    "PartialDate PartialTime PartialDatetime DurationDatetime IntervalDatetime IncompleteDatetime "
    "IncompleteDate IncompleteTime URI"
)
TYPED = frozenset(f"{NS}ItemData{p}" for p in _PARTS.split())
UNUSED = {f"{NS}{p}": p for p in ("AuditRecord", "Signature", "Annotation", "Association")}
ANNOTATION = f"{NS}Annotation"
CONTAINERS = frozenset(f"{NS}{p}" for p in ("AuditRecords", "Signatures", "Annotations", "AdminData", "ReferenceData"))
W3C = "http://www.w3.org/"
VERSION, UNIT = f"{NS}MetaDataVersion", f"{NS}MeasurementUnit"
ITEM, GROUP, FORM, EVENT = (f"{NS}{p}" for p in ("ItemData", "ItemGroupData", "FormData", "StudyEventData"))
SUBJECT, CLINICAL, SITE = (f"{NS}{p}" for p in ("SubjectData", "ClinicalData", "SiteRef"))
#: element -> its attributes by ODM 1.3.2
STANDARD = {
    CLINICAL: ("StudyOID", "MetaDataVersionOID"),
    SUBJECT: ("SubjectKey", "TransactionType"),
    EVENT: ("StudyEventOID", "StudyEventRepeatKey", "TransactionType"),
    FORM: ("FormOID", "FormRepeatKey", "TransactionType"),
    GROUP: ("ItemGroupOID", "ItemGroupRepeatKey", "TransactionType"),
    ITEM: ("ItemOID", "Value", "IsNull", "TransactionType", "MeasurementUnitOID"),
}
OID = {SUBJECT: "SubjectKey", EVENT: "StudyEventOID", FORM: "FormOID"}
COMMENT = f"{NS}Comment"
DATA = {FORM: 6, EVENT: 4, SUBJECT: 2}  # element -> how many parts of a context's key identify it
