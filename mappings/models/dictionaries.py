"""The typed models of coding dictionaries: their files, their levels, the coding files, and what they code.

The JSON Schema and the reference page are generated from these models, so every field has a description. Not for
reading the files (dictionaries/) nor for deriving values (engine/derivations/coded.py).
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, model_validator

from ...errors import nearest
from ..binding.bind import FieldMistake
from ..binding.spec_model import SpecModel
from .external_dictionary import ExternalDictionarySpec

#: levels of the dictionaries whose files have a published layout, the finest one first
LEVELS: dict[str, tuple[str, ...]] = {
    "meddra": (
        "LLT", "LLT_CODE", "PT", "PT_CODE", "HLT", "HLT_CODE", "HLGT", "HLGT_CODE", "SOC", "SOC_CODE", "SOC_ABBREV",
        "PRIMARY_HLT", "PRIMARY_HLT_CODE", "PRIMARY_HLGT", "PRIMARY_HLGT_CODE", "PRIMARY_SOC", "PRIMARY_SOC_CODE",
    ),
    "loinc": (
        "LOINC_NUM", "LONG_COMMON_NAME", "SHORTNAME", "COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP",
        "METHOD_TYP", "CLASS", "STATUS",
    ),
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)
#: columns of a list of terms to code that are no key and no level
LIST_COLUMNS = ("version", "records", "variables", "collected", "suggestion")


class TableFile(SpecModel):
    """How a table of a dictionary, or a coding file, is written."""

    file: str = Field(description="Path of the file: CSV, text or Excel.")
    encoding: str = Field(default="utf-8", description="Encoding of a text file.")
    separator: str = Field(default=",", description="Field separator of a text file.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; by default the only one.")


class CodingFileSpec(TableFile):
    """A file of coded terms: one row for each term, with its code or its term at one or more levels.

    It lies in the study folder. A row without a code is not coded yet. Upper and lower case and the number of blanks
    do not count.
    """

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Key, level or version to its column in the file, if the column has another name.",
    )


class CodingDictionarySpec(ExternalDictionarySpec):
    """A coding dictionary: its name and version for define.xml, its files, and the terms that are coded with it.

    The files are licensed and lie outside the study: raw2adam looks for ``path`` in the folder of --dictionaries, then
    in the raw folder, then in the study folder.
    """

    format: Literal["meddra", "loinc", "table"] = Field(
        description="meddra: the folder of the ASCII distribution. loinc: Loinc.csv. table: any table with one row for "
        "each entry, as of WHODrug, UNII or SNOMED."
    )
    path: str = Field(description="Folder (meddra) or file (loinc, table), relative.")
    label: str = Field(default="", description="Name of the codelist in define.xml; by default that of the dictionary.")
    levels: dict[str, str] = Field(
        default_factory=dict, description="table: level to its column in the file, the finest level first."
    )
    version_column: str | None = Field(
        default=None, description="table: column with the version; every row must have the declared one."
    )
    encoding: str = Field(default="utf-8", description="Encoding of the text files.")
    separator: str = Field(default=",", description="loinc, table: field separator of a text file.")
    sheet: str | None = Field(default=None, description="table: sheet of a workbook; by default the only one.")
    optional: bool = Field(
        default=False,
        description="The files may be absent: a finding, not an error. A level then has the text of its raw column.",
    )
    keys: tuple[str, ...] = Field(
        default=("term",),
        description="What is coded: the columns of the coding files that together identify a row, such as test, "
        "specimen, method, unit.",
    )
    coding: str | CodingFileSpec | tuple[CodingFileSpec, ...] = Field(
        default=(), description="File of coded terms in the study folder, or several."
    )

    @property
    def level_names(self) -> tuple[str, ...]:
        return LEVELS.get(self.format) or tuple(self.levels)

    @property
    def coding_files(self) -> tuple[CodingFileSpec, ...]:
        if isinstance(self.coding, str):
            return (CodingFileSpec(file=self.coding),)
        return self.coding if isinstance(self.coding, tuple) else (self.coding,)

    @model_validator(mode="after")
    def _levels_of_the_format(self) -> CodingDictionarySpec:
        if self.format == "table" and not self.levels:
            raise ValueError("format: table needs levels:, the level of each column that is read")
        for key in ("levels", "version_column", "sheet"):
            if self.format != "table" and getattr(self, key):
                raise FieldMistake(f"{key}: is for format: table; the files of {self.format} have their columns", key)
        for level in self.levels:
            if not _NAME.fullmatch(level) or level.casefold() in LIST_COLUMNS:
                message = (
                    f"'{level}' is no name of a level: letters, digits and '_', a letter first, and not "
                    f"{' or '.join(LIST_COLUMNS)}"
                )
                raise FieldMistake(message, "levels", level)
        return self

    @model_validator(mode="after")
    def _paths_inside(self) -> CodingDictionarySpec:
        for text, *where in ((self.path, "path"), *((f.file, "coding") for f in self.coding_files)):
            parts = text.replace("\\", "/").split("/")
            if not text.strip() or text.startswith(("/", "\\")) or ":" in text or ".." in parts:
                raise FieldMistake(f"'{text}' is no relative path inside the folder", *where)
        return self

    @model_validator(mode="after")
    def _keys_and_levels_differ(self) -> CodingDictionarySpec:
        taken = {n.casefold() for n in (*self.level_names, *LIST_COLUMNS)}
        for key in self.keys:
            if not _NAME.fullmatch(key) or key.casefold() in taken:
                message = (
                    f"'{key}' is no name of a key: letters, digits and '_', a letter first, and not "
                    f"{' or '.join(LIST_COLUMNS)}; two keys, or a key and a level, have different names"
                )
                raise FieldMistake(message, "keys")
            taken.add(key.casefold())
        if not self.keys:
            raise FieldMistake("keys: needs at least one name", "keys")
        known = [*self.keys, *self.level_names, "version"]
        for spec in self.coding_files:
            for name in spec.columns:
                if name not in known:
                    message = f"columns: '{name}' is no key and no level of the dictionary"
                    raise FieldMistake(message, "coding", hint=nearest(name, known) or f"one of {', '.join(known)}")
        return self


class CodingSpec(SpecModel):
    """The variables of a dataset or a block that a dictionary fills.

    A row of a coding file decides first, by the key. Without one the raw columns of ``at`` decide: the first filled
    one is looked up, the others must agree with it. Without both, a term that equals a text of the level ``match`` has
    its code.
    """

    dictionary: str = Field(description="A dictionary of dictionaries: in study.yaml.")
    term: str | tuple[str, ...] = Field(
        default=(), description="The coded variable or raw column; or one for each key of the dictionary."
    )
    at: dict[str, str] = Field(
        default_factory=dict, description="Level to the raw column with its code or text, the deciding one first."
    )
    match: str | None = Field(
        default=None, description="Level whose current texts code a term that is equal to them, such as LLT."
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        description="Variable to its level. By default the variables of the standard: meddra fills --LLT, --DECOD, "
        "--HLT, --HLGT, --BODSYS, --SOC and their codes, loinc fills --LOINC; a table has no default.",
    )

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.term,) if isinstance(self.term, str) else self.term
