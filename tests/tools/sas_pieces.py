"""Whether the SAS of a listing of programs is SAS: its structure, its functions and its names.

    python tests/tools/sas_pieces.py OUT

Not a parser of SAS: it knows the statements that programs/ writes. It prints each problem, and the number of pieces.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

#: functions of SAS 9.4 (SAS Functions and CALL Routines: Reference), and count of PROC SQL
FUNCTIONS = frozenset(
    [
        "abs",
        "cat",
        "ceil",
        "coalesce",
        "coalescec",
        "count",
        "exp",
        "floor",
        "ifc",
        "ifn",
        "index",
        "input",
        "lag",
        "lengthn",
        "log",
        "log10",
        "lowcase",
        "max",
        "mean",
        "median",
        "min",
        "missing",
        "prxmatch",
        "put",
        "round",
        "sqrt",
        "std",
        "strip",
        "substrn",
        "sum",
        "transtrn",
        "trimn",
        "upcase",
    ]
)
#: words of statements, options and operators
WORDS = frozenset(
    [
        "and",
        "as",
        "by",
        "call",
        "count",
        "create",
        "data",
        "descending",
        "distinct",
        "do",
        "else",
        "end",
        "eq",
        "found",
        "from",
        "group",
        "if",
        "in",
        "keep",
        "last",
        "merge",
        "ne",
        "not",
        "or",
        "otherwise",
        "out",
        "proc",
        "quit",
        "rename",
        "run",
        "select",
        "set",
        "sort",
        "sql",
        "table",
        "then",
        "when",
        "where",
        "first",
    ]
)
_FORMATS = re.compile(r"\?\? \w+\.|\bbest\d+\.")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_][A-Za-z0-9_]*")
_BEGINS = re.compile(
    r"(proc (sort|sql)|data|set|by|if|else|select|when|otherwise|end|run|quit|create table|call missing|merge)\b|"
    r"[A-Z_][A-Z0-9_]* = |\*"
)


def pieces(listing: str) -> Iterator[tuple[str, str, list[str]]]:
    """(variable, SAS code, names of merged columns) of each piece of a listing."""
    name, merged, code = "", [], None
    found = []
    for line in listing.split("\n"):
        if heading := re.match(r"([A-Z][A-Z0-9_]*)(  |$)", line):
            name, merged = heading[1], []
        if line.startswith("    uses: "):
            merged = re.findall(r"(\w+) is ", line)
        if line.startswith("    SAS: "):
            code = [line[9:]]
            found.append((name, code, merged))
        elif code is not None and line.startswith("         "):
            code.append(line[9:])
        else:
            code = None
    for name, code, merged in found:
        yield name, "\n".join(code), merged


def problems(code: str, known: frozenset[str]) -> Iterator[str]:
    """What is wrong with one piece. ``known``: names of variables and, in lower case, of datasets."""
    bare = re.sub(r"'(?:[^']|'')*'", "''", code)
    if "'" in bare.replace("''", "") or '"' in bare:
        yield "a quote without its end"
    if bare.count("(") != bare.count(")"):
        yield "parentheses"
    if re.search(r"[&%]", bare):
        yield "a macro"
    statements = [" ".join(s.split()) for s in bare.split(";")]
    if statements.pop():
        yield "the last statement has no ;"
    comments = [s for s in statements if s.startswith("*")]
    statements = [s for s in statements if not s.startswith("*")]
    yield from (f"statement {s!r}" for s in statements if not _BEGINS.match(s))
    begun = sum(bool(re.match(r"(proc sort|data)\b", s)) for s in statements)
    if begun != statements.count("run"):
        yield "a step without run"
    if sum(s.startswith("proc sql") for s in statements) != statements.count("quit"):
        yield "PROC SQL without quit"
    if sum(s.startswith("select (") for s in statements) != statements.count("end"):
        yield "SELECT without end"
    if any(len(c) > 200 for c in comments):
        yield "a long comment"
    plain = _FORMATS.sub("", re.sub(r"'(?:[^']|'')*'", "", " ; ".join(statements)))
    yield from (f"function {f}" for f in set(re.findall(r"(?<!\w)([a-z]\w*)\(", plain)) - FUNCTIONS - WORDS - known)
    for word in set(_NAME.findall(plain)):
        if len(word) > 32:
            yield f"the name {word} is too long"
        if word not in FUNCTIONS | WORDS | known and not re.fullmatch(r"_[a-z0-9_]+|E|[eE]\d+", word):
            yield f"the name {word}"


def main() -> None:
    folder = Path(sys.argv[1])
    define = "".join(p.read_text("utf-8") for p in folder.glob("*/define.xml"))
    names = set(re.findall(r'<ItemDef [^>]*\bName="(\w+)"', define))
    names |= {n.lower() for n in re.findall(r'<ItemGroupDef [^>]*\bName="(\w+)"', define)}
    names |= set(re.findall(r"<CheckValue>(\w+)</CheckValue>", define))  # QNAM of a qualifier
    count = wrong = 0
    for path in sorted(folder.glob("adam/programs/*.txt")):
        listing = path.read_text("ascii")
        here = set(re.findall(r"^([A-Z][A-Z0-9_]*)(?:  |$)", listing, re.M))  # the heading of a variable
        here |= set(re.findall(r"^  ([A-Z][A-Z0-9_]*) is ", listing, re.M))  # a column of a block
        here |= set(re.findall(r"for each ([A-Z]+) of", listing.replace("\n", " ")))
        for name, code, merged in pieces(listing):
            count += 1
            for problem in problems(code, frozenset(names | here | set(merged))):
                wrong += 1
                print(f"{path.name} {name}: {problem}")
    print(f"{count} pieces of SAS, {wrong} problems")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
