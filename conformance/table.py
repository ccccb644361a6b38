"""Table: one dataset under the rules, with what several rules need of it computed one time.

Codes of keys, masks of missing values and readings of dates live as long as the table. Not for checking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.columns.iso_dates import days_of_text
from ..engine.columns.moments import Moments, moments
from ..engine.expressions.vectors import Vector
from ..engine.tables.dataset import Dataset, VariableMetadata
from ..mappings.facts import facts

Standard = Literal["sdtm", "adam"]
#: the name of a dataset that has one record for each subject -> its standard
SUBJECTS = {"DM": "sdtm", "ADSL": "adam"}
_STUDY_DOMAINS = re.compile(r"[A-Z][A-Z0-9]")


class Inapplicable(Exception):
    """A check does not apply to a table; the text is the reason."""


class Table:
    """One dataset with ``n`` records. Arrays and masks have one element for each record.

    ``domain``: the two letters of an SDTM domain, also of a part of it; else the name. ``prefix``: what stands for
    ``--`` in the names of a rule.
    """

    def __init__(self, dataset: Dataset, standard: Standard, other: Callable[[str], Table | None]) -> None:
        self.dataset, self.standard, self.other = dataset, standard, other
        self.name, self.n = dataset.name, len(dataset)
        self.columns = dataset.columns
        self.names = frozenset(self.columns)
        self._keys: dict[tuple[str, ...], np.ndarray] = {}
        self._missing: dict[str, np.ndarray] = {}
        self._vectors: dict[str, Vector] = {}
        self._positions: dict[str, np.ndarray] = {}

    @cached_property
    def domain(self) -> str:
        known = self.dataset.metadata.domain
        if not known and "DOMAIN" in self.columns and self.standard == "sdtm":
            codes, texts = self.texts("DOMAIN")
            known = str(texts[np.bincount(codes, minlength=len(texts)).argmax()]) if len(texts) else ""
        return known or self.name

    @cached_property
    def prefix(self) -> str:
        """Two letters; of a domain of associated persons (APLB) the last two."""
        if self.standard == "adam" or self.is_supplement:
            return ""
        return self.domain[2:] if self.is_of_persons else self.domain[:2]

    @property
    def is_of_persons(self) -> bool:
        """Whether it holds records of associated persons, as APLB."""
        return self.standard == "sdtm" and self.domain.startswith("AP") and len(self.domain) == 4

    @property
    def is_supplement(self) -> bool:
        """Whether it holds supplemental qualifiers."""
        return self.standard == "sdtm" and (self.name.startswith(("SUPP", "SQ")) and "QNAM" in self.columns)

    @cached_property
    def facts(self) -> facts.DatasetFacts | None:
        """What the guide states about the domain or the structure of ADaM; None of a custom domain or structure."""
        if self.standard == "adam":
            return self._structure_facts()
        return facts.sdtm_dataset(self.name if self.is_supplement else self.domain)

    @cached_property
    def observation_class(self) -> str:
        """The class, in small letters: events, findings about, trial design; of ADaM adsl, bds, tte, occds or other."""
        if self.standard == "adam":
            return self._structure()
        if self.facts is not None:
            return self.facts.observation_class.lower()
        known = self.dataset.metadata.observation_class.lower().replace("-", " ")
        if known:
            return known
        kinds = {"TRT": "interventions", "TERM": "events", "OBJ": "findings about", "TESTCD": "findings"}
        return next((c for end, c in kinds.items() if self.prefix + end in self.columns), "")

    def _structure_facts(self) -> facts.DatasetFacts | None:
        """The facts of ADSL, BDS or OCCDS; a dataset of occurrences has the domain whose records it numbers."""
        structure = {"adsl": "ADSL", "bds": "BDS", "tte": "BDS", "occds": "OCCDS"}.get(self.observation_class, "")
        if structure != "OCCDS":
            return facts.adam_structure(structure)
        domain = next((n[:2] for n in self.columns if len(n) == 5 and n.endswith("SEQ")), "")
        domain = domain or next((n[:2] for n in self.columns if re.fullmatch("[A-Z]{2}(TERM|DECOD|TRT)", n)), "")
        return facts.adam_structure("ADAE" if domain == "AE" else "OCCDS", domain)

    def _structure(self) -> str:
        known = self.dataset.metadata.observation_class.upper()
        if self.name == "ADSL" or known.startswith("SUBJECT LEVEL"):
            return "adsl"
        if known.startswith("BASIC DATA") or (self.names & {"PARAMCD", "PARAM", "AVAL", "AVALC"} and not known):
            return "tte" if "CNSR" in self.columns else "bds"
        if known.startswith("OCCURRENCE") or any(n.endswith(("TERM", "DECOD", "TRT")) for n in self.columns):
            return "occds"
        return "other"

    @cached_property
    def about(self) -> dict[str, VariableMetadata]:
        """Variable -> its facts, in the order of the dataset."""
        return {v.name: v for v in self.dataset.metadata.variables}

    def expanded(self, name: str) -> str:
        """A name of a rule with the prefix of this domain in the place of ``--``."""
        return self.prefix + name[2:] if name.startswith("--") else name

    def matching(self, pattern: str) -> list[str]:
        """The variables with this name; ``*`` stands for any letters, ``--`` for the prefix."""
        name = self.expanded(pattern)
        if "*" not in name:
            return [name] if name in self.names else []
        wanted = re.compile(re.escape(name).replace(r"\*", "[A-Z0-9_]*"))
        return [n for n in self.columns if wanted.fullmatch(n)]

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(n for n, column in self.columns.items() if col.is_number(column))

    def is_number(self, name: str) -> bool:
        return name in self._numbers

    def missing(self, name: str) -> np.ndarray:
        """Where the variable has no value."""
        if name not in self._missing:
            self._missing[name] = col.missing(self.columns[name])
        return self._missing[name]

    def texts(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """(code of each record, different texts) of a character variable; a missing value is the text ''."""
        return col.split_text(self.columns[name])

    def numbers(self, name: str) -> np.ndarray:
        """The values of a numeric variable; of a character variable those of its texts that are numbers."""
        return col.to_number(self.columns[name])[0]

    def moments(self, name: str) -> Moments:
        """What each date of the variable can mean."""
        return moments(self.columns[name], "seconds" if name.endswith("DTM") else "days")

    def days(self, name: str) -> np.ndarray:
        """The day of each complete date, in days since 1960-01-01; NaN for none."""
        if self.is_number(name):
            values = self.numbers(name)
            return np.floor(values / 86_400) if name.endswith("DTM") else values
        return days_of_text(self.columns[name])

    def where(self, name: str, judged: Callable[[str], bool]) -> np.ndarray | None:
        """The records whose text is judged true; each different text is judged one time. None where none is."""
        codes, texts = self.texts(name)
        return among(codes, np.array([judged(t) for t in texts], dtype=bool))

    def keys(self, names: Sequence[str]) -> np.ndarray:
        """One code for each record, equal where all these variables are equal; missing equals missing."""
        wanted = tuple(names)
        if wanted not in self._keys:
            if len(wanted) == 1 and not self.is_number(wanted[0]):
                self._keys[wanted] = self.texts(wanted[0])[0].astype("int64")
            else:
                self._keys[wanted] = verbs.record_codes([self.columns[n] for n in wanted])
        return self._keys[wanted]

    def positions(self, name: str) -> np.ndarray:
        """For each record the first record of its subject in the dataset ``name`` (DM, ADSL); -1 for none.

        Raises Inapplicable where there is no such dataset, or where one of both has no subjects.
        """
        if name not in self._positions:
            table = self if name == self.name else self.other(name)
            if table is None:
                raise Inapplicable(f"{name} is not in the package")
            if "USUBJID" not in table.columns or "USUBJID" not in self.columns:
                without = self.name if "USUBJID" in table.columns else name
                raise Inapplicable(f"{without} has no USUBJID")
            codes, texts = self.texts("USUBJID")
            rows = verbs.rows_of_texts(texts, table.columns["USUBJID"])
            self._positions[name] = rows[codes] if len(rows) else np.full(self.n, -1)
        return self._positions[name]

    def vector(self, name: str) -> Vector:
        """A variable, or DM.VARIABLE of the record's subject, as the expressions read it. KeyError for none."""
        if name not in self._vectors:
            self._vectors[name] = self._of_subject(*name.split(".", 1)) if "." in name else self._plain(name)
        return self._vectors[name]

    def _plain(self, name: str) -> Vector:
        if self.is_number(name):
            return Vector(np.asarray(self.columns[name], dtype="float64"), None, whole=True)
        codes, texts = self.texts(name)
        return Vector(texts, codes) if len(texts) else Vector(np.array([""], dtype=object), codes)

    def _of_subject(self, dataset: str, variable: str) -> Vector:
        at = self.positions(dataset)
        table = self if dataset == self.name else self.other(dataset)
        assert table is not None  # positions has found it
        column = table.columns[variable]
        if col.is_number(column):
            return Vector(np.append(np.asarray(column, dtype="float64"), np.nan)[at], None, whole=True)
        key = f"{dataset}."
        if key not in self._vectors:  # the codes that all variables of the subject share
            self._vectors[key] = Vector(at, np.where(at < 0, table.n, at))
        return Vector(np.append(col.objects(column), ""), self._vectors[key].codes)


def among(codes: np.ndarray, wanted: np.ndarray) -> np.ndarray | None:
    """Where the code of a record is wanted; None where none is."""
    if not wanted.any():
        return None
    found = wanted[codes]
    return found if found.any() else None
