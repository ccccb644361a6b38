"""Which standards a define.xml names, and the observation classes as Define-XML spells them.

Not the facts of the standards (variables, terms): mappings/ holds those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..engine.tables.dataset import DatasetMetadata
from ..errors import OutputError, nearest

#: order of the classes in SDTMIG 3.4 (sections 5 to 9), which is the order of its datasets in define.xml
SDTM_CLASSES = (
    "TRIAL DESIGN",
    "SPECIAL PURPOSE",
    "INTERVENTIONS",
    "EVENTS",
    "FINDINGS",
    "FINDINGS ABOUT",
    "RELATIONSHIP",
    "STUDY REFERENCE",
)
#: class names in a spec (upper case, '-' as blank) -> GNRLOBSC (C103329)
_CLASSES = {name: name for name in SDTM_CLASSES} | {
    "SUBJECT LEVEL ANALYSIS DATASET": "SUBJECT LEVEL ANALYSIS DATASET",
    "ADSL": "SUBJECT LEVEL ANALYSIS DATASET",
    "BASIC DATA STRUCTURE": "BASIC DATA STRUCTURE",
    "BDS": "BASIC DATA STRUCTURE",
    "TIME TO EVENT": "BASIC DATA STRUCTURE",
    "TTE": "BASIC DATA STRUCTURE",
    "OCCURRENCE DATA STRUCTURE": "OCCURRENCE DATA STRUCTURE",
    "OCCDS": "OCCURRENCE DATA STRUCTURE",
    "REFERENCE DATA STRUCTURE": "REFERENCE DATA STRUCTURE",
    "ADAM OTHER": "ADAM OTHER",
    "STUDY REFERENCES": "STUDY REFERENCE",
}
_PACKAGE = re.compile(r"(.+) CT (\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, order=True)
class Standard:
    """One def:Standard. An implementation guide has no ``publishing_set``; a CT package has the fixed name."""

    type: str  # IG | CT
    name: str  # SDTMIG | ADaMIG | ... | CDISC/NCI
    version: str  # 3.4 | 2025-03-28
    publishing_set: str = ""  # SDTM | ADaM | DEFINE-XML for a CT package

    @property
    def oid(self) -> str:
        return f"STD.{'CT.' if self.type == 'CT' else ''}{self.publishing_set or self.name}.{self.version}"


def guide(name: str, version: str) -> Standard:
    """An implementation guide: ``guide('SDTMIG', '3.4')``."""
    return Standard("IG", name, version)


def terminology_package(publishing_set: str, version: str) -> Standard:
    """A package of controlled terminology: ``terminology_package('SDTM', '2025-03-28')``."""
    return Standard("CT", "CDISC/NCI", version, publishing_set)


def dataset_standard(spec: DatasetMetadata) -> Standard | None:
    """The guide that a dataset follows, from ``'SDTMIG 3.4'``; None if it follows none. Raises OutputError."""
    if not spec.standard:
        return None
    name, _, version = spec.standard.rpartition(" ")
    if not name or not version:
        raise OutputError(f"{spec.name}: standard {spec.standard!r} is not a name and a version, as in 'SDTMIG 3.4'")
    return guide(name, version)


def codelist_standard(standard: str, codelist: str) -> Standard | None:
    """The package of a codelist, from ``'SDTM CT 2025-03-28'``; None for a sponsor's list. Raises OutputError."""
    if not standard:
        return None
    match = _PACKAGE.fullmatch(standard)
    if not match:
        raise OutputError(
            f"codelist {codelist}: standard {standard!r} is not a terminology package, as in 'SDTM CT 2025-03-28'"
        )
    return terminology_package(match[1], match[2])


def listed(declared: Iterable[Standard], used: Iterable[Standard | None]) -> list[Standard]:
    """The declared standards in their order, then the others that datasets and codelists name, sorted."""
    first = list(dict.fromkeys(declared))
    return first + sorted({s for s in used if s is not None} - set(first))


def observation_class(spec: DatasetMetadata) -> tuple[str, str]:
    """Class and subclass ('' if none) of a dataset, in Define-XML's terms. Raises OutputError for an unknown class.

    A basic data structure with CNSR is TIME-TO-EVENT (BDSSC); an occurrence data structure of AE is ADVERSE EVENT.
    """
    if spec.name.startswith("SUPP") and spec.purpose == "Tabulation":
        return "RELATIONSHIP", ""
    folded = spec.observation_class.upper().replace("-", " ").strip()
    name = _CLASSES.get(folded)
    if name is None:
        what = f"class {spec.observation_class!r} is none of define.xml's" if folded else "has no observation class"
        hint = nearest(folded, list(_CLASSES))
        raise OutputError(
            f"{f'{spec.place}: ' if spec.place else ''}{spec.name}: {what}" + (f"; {hint}" if hint else "")
        )
    names = set(spec.names)
    if name == "BASIC DATA STRUCTURE" and (folded in ("TIME TO EVENT", "TTE") or "CNSR" in names):
        return name, "TIME-TO-EVENT"
    if name == "OCCURRENCE DATA STRUCTURE" and {"AETERM", "AEDECOD"} & names:
        return name, "ADVERSE EVENT"
    return name, ""


def dataset_order(spec: DatasetMetadata) -> tuple[int, int, str]:
    """Sort key: SDTM by class, then name with DM first; ADaM with ADSL first, then by name."""
    if spec.purpose == "Analysis":
        return 0, int(spec.name != "ADSL"), spec.name
    name, _ = observation_class(spec)
    rank = SDTM_CLASSES.index(name) if name in SDTM_CLASSES else len(SDTM_CLASSES)
    return rank, int(spec.name != "DM"), spec.name
