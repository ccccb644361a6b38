"""How a sentence about a rule names what the rule reads: as the spec writes it, or as a reader of define.xml knows it.

Not for the words of a condition (mappings/expressions/words.py) nor for what a name means in a build
(engine/building/method_words.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from .instrument import InstrumentSpec


class Wording:
    """The names of a sentence as the spec writes them; a subclass names what they mean."""

    def name(self, name: str) -> str:
        """The words for a column or variable."""
        return name

    def names(self, names: Iterable[str], between: str = ", ") -> str:
        """The words for several columns or variables."""
        return between.join(map(self.name, names))

    def order(self, names: Iterable[str]) -> str:
        """The words for columns that order records; ``-`` before a name reverses the order."""
        found = ((self.name(n.removeprefix("-")), n.startswith("-")) for n in names)
        return ", ".join(f"{name} (descending)" if descending else name for name, descending in found)

    def column_of(self, table: str, column: str) -> str:
        """The words for a column of another table."""
        return f"{table}.{column}" if column else table

    def table(self, table: str) -> str:
        """The words for a dataset or a raw source."""
        return table

    def table_of(self, variable: str) -> str:
        """The table from whose records a variable takes its values; '' where that is not known."""
        del variable
        return ""

    def instrument(self, name: str) -> InstrumentSpec | None:
        """The questionnaire of a name; None where it is not known."""
        del name
        return None

    def of_table(self, table: str) -> Wording:
        """The wording of names that mean columns of another table first, as in a condition on its rows."""
        del table
        return self


#: the names as the spec writes them
AS_WRITTEN = Wording()


def quoted(value: str) -> str:
    """A text that a rule assigns, in quotes; the empty text is a missing value."""
    return f"'{value}'" if value else "missing"
