"""The typed models of a raw file's layout: the rows of its column names, and the data dictionary of a REDCap export.

Not for finding the header in a file (sources/) nor for the rest of a source (source.py).
"""

from __future__ import annotations

from pydantic import Field, field_validator, model_validator

from ..binding.bind import SpecModel


class DictionarySpec(SpecModel):
    """The data dictionary of a REDCap project, if it is not written in the same way as the export."""

    file: str = Field(description="Path of the data dictionary (CSV) in the raw folder.")
    separator: str | None = Field(
        default=None, description="Its field separator; by default the one that its header shows, else the source's."
    )
    encoding: str | None = Field(default=None, description="Its encoding; by default the source's.")
    quote: str = Field(default='"', description="Its quote character.")
    header_row: int = Field(default=1, description="Row of its header.")


class HeaderSpec(SpecModel):
    """The names of the columns of a workbook or text file, if they are not in one row."""

    names: tuple[str, ...] = Field(
        default=(), description="The names of the columns, in order, for a file that has no row of names."
    )
    rows: int = Field(
        default=1,
        ge=1,
        description="How many rows the names take, from header_row on. The texts of a column are joined from the "
        "top. An empty cell of an upper row has the text to its left, as in merged cells.",
    )
    join: str = Field(default=" ", description="The text that joins the texts of several rows.")
    skip: int = Field(
        default=0, ge=0, description="How many rows beneath the names are no data; without names, how many at the top."
    )

    @field_validator("names")
    @classmethod
    def _names_differ(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not name.strip() or value.count(name) > 1:
                raise ValueError(
                    f"each column needs another name, and '{name}' is there twice"
                    if name.strip()
                    else "each column needs a name, and one is empty"
                )
        return value

    @model_validator(mode="after")
    def _names_or_rows(self) -> HeaderSpec:
        if self.names and (self.rows > 1 or self.join != " "):
            raise ValueError("names: is for a file without a row of names; remove rows: and join:")
        return self
