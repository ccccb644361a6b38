"""Writes mappings/standards/ct-sdtm-2025-03-28.txt.gz from the table of SDTM controlled terminology of NCI EVS.

    python tests/tools/build_sdtm_terms.py ct-sdtm-2025-03-28-full.tsv mappings/standards/ct-sdtm-2025-03-28.txt.gz

The table has one row for each term: code, label, name and extensibility of the codelist; code, value, NCI preferred term
and synonyms of the term. mappings/facts/terms_file.py describes the file that it writes and reads it. The same table gives
the same bytes. Not for other packages: they are small and ship as JSON.
"""

from __future__ import annotations

import gzip
import sys
from itertools import groupby
from pathlib import Path

COLUMNS = [
    "codelist",
    "codelist_name",
    "codelist_value",
    "extensible",
    "term",
    "value",
    "nci_preferred_term",
    "synonyms",
]
#: the published value of a term whose value the table lost: it was read once as a missing value
LOST = {("C66742", "C48660"): "NA"}
#: NCI preferred terms longer than this are sentences of an instrument, and do not ship
LONGEST = 200


def terms_text(table: str, standard: str) -> str:
    """The text of the file. Raises ValueError for a table of another layout, an empty field or a list with gaps."""
    head, *lines = table.removesuffix("\n").split("\n")
    if head.split("\t") != COLUMNS:
        raise ValueError(f"the columns are {head!r}; expected {' '.join(COLUMNS)}")
    rows = [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines]
    index, blocks = [], []
    for code, group in groupby(rows, key=lambda r: r["codelist"]):
        found = list(group)
        terms, first = [_term(r) for r in found], found[0]
        index.append((first["codelist_value"], code, first["codelist_name"], first["extensible"], str(len(terms))))
        blocks.append("\n".join((f"#{code}", *("\t".join(t).rstrip("\t") for t in terms))))
    if len({row[1] for row in index}) != len(index):
        raise ValueError("the rows of one codelist do not follow each other")
    listed = "\n".join("\t".join(row) for row in sorted(index))
    return f"{standard}\n{listed}\n\n" + "\n".join(blocks) + "\n"


def _term(row: dict[str, str]) -> tuple[str, str, str, str]:
    """Value, code, NCI preferred term, synonyms with | between; a text that repeats the value is left out."""
    value = row["value"] or LOST.get((row["codelist"], row["term"]), "")
    if not (value and row["term"]):
        raise ValueError(f"a term of {row['codelist']} has no value or no code: {row}")
    synonyms = [s.strip() for s in row["synonyms"].split(";")]
    if any("|" in s for s in synonyms):
        raise ValueError(f"a synonym holds |: {row}")
    preferred = row["nci_preferred_term"]
    decode = "" if preferred == value or len(preferred) > LONGEST else preferred
    return value, row["term"], decode, "|".join(s for s in dict.fromkeys(synonyms) if s and s != value)


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    standard = "SDTM CT " + target.name.removeprefix("ct-sdtm-").removesuffix(".txt.gz")
    text = terms_text(source.read_text(encoding="utf-8"), standard)
    target.write_bytes(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0))


if __name__ == "__main__":
    main()
