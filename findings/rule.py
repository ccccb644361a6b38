"""One rule of findings: its id, its severities, its title, what to do, and the question to the site.

Not for the rules themselves (catalogue/, and conformance/rules/ for those of finished datasets).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: from the worst to the least
SEVERITIES = ("error", "warning", "note")

#: the lost values that a finding explains: see FindingRule.explains
Explains = Literal["", "cell", "variable"]


#: what a question to a site may name in braces: form, row, label of the field, value, ... of its finding
ASK_WORDS = ("file", "row", "column", "value", "dataset", "variable", "message")


@dataclass(frozen=True, kw_only=True)
class FindingRule:
    """One rule. A rule without a question is for the people who run the study; one with a question is also a query.

    ``severities``: a rule has one, or the code that reports it names one of them.
    ``ask``: the question to the site, '' where the site is not asked. It may hold the words of ASK_WORDS in braces.
    ``asked``: only findings of these severities are asked.
    ``source``: the document and section that the rule follows, '' for a rule of raw2adam alone.
    ``superseded_by``: a finding of one of these rules about the same cell is more precise and replaces this one.
    ``published``: the ids of published rules that it implements, as CORE-000123, CG0101, FDA FB0606.
    ``explains``: whether the finding explains why a variable lacks the value of a cell, so that the account of cells
    counts the cell as reported: ``cell`` for every variable, since the text is read as missing; ``variable`` for the
    variable that the finding names; '' for a finding that describes a cell, a row or a file.
    ``covers``: where this rule asks about a row, these rules do not ask about it. ``covers_variable``: where this rule
    asks about a cell, these rules do not ask about other cells of the row that the same variable reads.
    ``one_for_key``: one question for all rows that have the same key.
    """

    id: str
    severities: tuple[str, ...]
    title: str
    do: str
    ask: str = ""
    asked: tuple[str, ...] = SEVERITIES
    source: str = ""
    superseded_by: tuple[str, ...] = ()
    explains: Explains = ""
    published: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    covers_variable: tuple[str, ...] = ()
    one_for_key: bool = False

    def severity(self, chosen: str = "") -> str:
        """The severity of one finding: ``chosen``, or the only one of the rule.

        Raises ValueError where the rule has several and none is chosen, or where ``chosen`` is none of them.
        """
        if chosen in self.severities:
            return chosen
        if chosen or len(self.severities) != 1:
            raise ValueError(f"{self.id} has the severities {', '.join(self.severities)}; '{chosen}' is none of them")
        (only,) = self.severities
        return only


def rule(
    id_: str,
    severities: str,
    title: str,
    do: str,
    ask: str = "",
    *,
    asked: str = " ".join(SEVERITIES),
    source: str = "",
    superseded_by: str = "",
    explains: Explains = "",
    covers: str = "",
    covers_variable: str = "",
    one_for_key: bool = False,
) -> FindingRule:
    """A rule as the catalogue writes it: several severities or ids are one text with blanks between them."""
    return FindingRule(
        id=id_,
        severities=tuple(severities.split()),
        title=title,
        do=do,
        ask=ask,
        asked=tuple(asked.split()),
        source=source,
        superseded_by=tuple(superseded_by.split()),
        explains=explains,
        covers=tuple(covers.split()),
        covers_variable=tuple(covers_variable.split()),
        one_for_key=one_for_key,
    )
