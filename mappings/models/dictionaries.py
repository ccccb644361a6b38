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

#: an ATC code and its text, then the codes and texts of its levels
_ATC = (
    "ATC", "ATC_TEXT", "ATC1", "ATC1_TEXT", "ATC2", "ATC2_TEXT", "ATC3", "ATC3_TEXT", "ATC4", "ATC4_TEXT",
)  # fmt: skip
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
    "whodrug_b3": ("CODE", "NAME", "PREFERRED_CODE", "PREFERRED", *_ATC, "INGREDIENTS"),
    "whodrug_c3": ("PRODUCT", "CODE", "NAME", "PREFERRED_CODE", "PREFERRED", *_ATC, "INGREDIENTS"),
    "smq": (
        "TERM_CODE", "TERM_NAME", "TERM_LEVEL", "SMQ", "SMQ_CODE", "SMQ_LEVEL", "SCOPE", "CATEGORY", "WEIGHT",
        "ALGORITHM",
    ),
    "unii": ("UNII", "PT", "NAME"),
    "snomed": ("CONCEPT_ID", "FSN", "DESCRIPTION"),
}  # fmt: skip
#: formats whose path is a folder
FOLDERS = frozenset({"meddra", "smq", "tables", "whodrug_b3", "whodrug_c3"})
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}", re.ASCII)
#: columns of a list of terms to code that are no key and no level
LIST_COLUMNS = ("version", "records", "variables", "collected", "suggestion")


class TableFile(SpecModel):
    """How a table of a dictionary, or a coding file, is written."""

    file: str = Field(description="Path of the file: CSV, text or Excel.")
    encoding: str = Field(default="utf-8", description="Encoding of a text file.")
    separator: str = Field(default=",", description="Field separator of a text file.")
    sheet: str | None = Field(default=None, description="Sheet of a workbook; by default the only one.")


class DictionaryTable(TableFile):
    """One file of a dictionary that has several, as DD, DDA and INA of WHODrug."""

    file: str = Field(description="Name of the file in the folder of the dictionary.")
    names: tuple[str, ...] = Field(
        default=(), description="Names of the columns, in order, for a file without a row of names."
    )
    positions: dict[str, tuple[int, int]] = Field(
        default_factory=dict,
        description="For a text file without separators: column to its first and last character, from 1.",
    )
    columns: dict[str, str] = Field(
        default_factory=dict, description="Column to read to its name in the file; by default all, by their names."
    )
    where: dict[str, str] = Field(
        default_factory=dict, description="Column of the file to the text that its rows must have."
    )
    on: tuple[str, ...] = Field(
        default=(), description="Columns that this file shares with the files before it; all but the first need them."
    )


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

    format: Literal["meddra", "smq", "whodrug_b3", "whodrug_c3", "loinc", "unii", "snomed", "table", "tables"] = Field(
        description="meddra, smq: the folder of the ASCII distribution, for its terms or its queries. whodrug_b3, "
        "whodrug_c3: the folder of the distribution. loinc: Loinc.csv. unii: UNII_Records or UNII_Names. snomed: a "
        "snapshot of descriptions. table: any table with one row for each entry. tables: a folder with several files "
        "that are joined."
    )
    path: str = Field(description="Folder (meddra, smq, whodrug, tables) or file (others), relative.")
    label: str = Field(default="", description="Name of the codelist in define.xml; by default that of the dictionary.")
    tables: tuple[DictionaryTable, ...] = Field(
        default=(), description="tables: the files, the one with the finest level first."
    )
    levels: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="table, tables: level to its column, the finest level first. The texts of several columns are "
        "joined to one.",
    )
    main: dict[str, str] = Field(
        default_factory=dict,
        description="table, tables: column to its text in the entries that count if a record does not decide between "
        "several, as those with the official ATC code.",
    )
    current: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict,
        description="table, tables: column to the texts of entries that may still be used; others are reported.",
    )
    version_column: str | None = Field(
        default=None, description="table, tables: column with the version; every row must have the declared one."
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
        declared = self.format in ("table", "tables")
        if declared and not self.levels:
            raise ValueError(f"format: {self.format} needs levels:, the level of each column that is read")
        for key in ("levels", "version_column", "main", "current"):
            if not declared and getattr(self, key):
                raise FieldMistake(f"{key}: is for format: table; the files of {self.format} have their columns", key)
        if bool(self.tables) != (self.format == "tables"):
            raise FieldMistake("tables: are the files of format: tables, which needs them", "tables")
        for number, table in enumerate(self.tables):
            if bool(table.on) != (number > 0):
                message = "on: joins a file with those before it: the first file has none, the others need it"
                raise FieldMistake(message, "tables", number)
            if table.names and table.positions:
                raise FieldMistake("names: and positions: exclude each other", "tables", number)
            for first, last in table.positions.values():
                if not 1 <= first <= last:
                    raise FieldMistake(f"positions: {first} to {last} must rise, from 1", "tables", number, "positions")
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
        for text, *where in (
            (self.path, "path"),
            *((f.file, "coding") for f in self.coding_files),
            *((t.file, "tables") for t in self.tables),
        ):
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
    version: str | None = Field(
        default=None,
        description="Raw column with the version by which its row was coded: one of its words must be the declared "
        "version, as in MedDRA 27.1.",
    )
    variables: dict[str, str] = Field(
        default_factory=dict,
        description="Variable to its level. By default the variables of the standard: meddra fills --LLT, --DECOD, "
        "--HLT, --HLGT, --BODSYS, --SOC and their codes, whodrug fills --DECOD, --CLAS and --CLASCD, loinc fills "
        "--LOINC; the others have no default.",
    )

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.term,) if isinstance(self.term, str) else self.term
