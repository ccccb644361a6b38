"""The listing of an ADaM dataset: its records and every variable, with the method in words and its R and SAS.

It is plain ASCII text, as FDA asks of programs (Study Data Technical Conformance Guide, section 4.1.2.10). Not for the
code of a rule (rules.py), nor for the words of a method (engine/building/methods.py).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..engine.derivations.derivation import derivation
from ..engine.derivations.step import OfStep
from ..engine.plan.plan import PlannedDataset, PlannedStudy, PlannedVariable
from ..engine.tables.dataset import DatasetMetadata
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.row_block import JoinSpec, RowBlock
from ..sources.statistical.display_formats import sas_moment
from .language import Names
from .rule_moments import moment_of_rule
from .rules import has_code, rule_code

WIDTH = 100
_NOTES = (
    "The method in words is the rule that raw2adam ran; define.xml has the same text. R and SAS follow where a rule "
    "has a certain equal there. A rule without them has its words alone. The code shows the rule to a programmer; "
    "raw2adam did not run it.",
    "",
    "A dataset is called by its name in lower case, with the qualifiers of SUPP-- merged as columns (QNAM). "
    "EOT_DSDECOD is the column DSDECOD of EOT, a joined record or another dataset, merged before.",
    "R: dplyr 1.1 or later and admiral. Missing texts are NA (convert_blanks_to_na), dates are Date. Each piece is a "
    "step of a pipe.",
    "SAS: version 9.4, statements of a DATA step. A PROC step and a merge come before it.",
    "raw2adam rounds computed numbers to 12 significant digits. It compares dates as exactly as the coarser one is "
    "known.",
)


@dataclass(frozen=True)
class ListingHead:
    """What the listing states of its run. ``as_of``: the declared date, ISO 8601."""

    study: str
    version: str
    as_of: str


def dataset_listing(
    plan: PlannedStudy, name: str, metadata: DatasetMetadata, head: ListingHead, plain: Callable[[str], str]
) -> bytes:
    """The listing of a dataset as ASCII text with line feeds. ``plain``: a text in ASCII."""
    planned = plan.datasets[name]
    lines = [*_title(metadata, head), *_records(planned)]
    working = list(planned.working.values())
    if working:
        lines += ["", *_heading("WORKING VARIABLES, not submitted"), ""]
        for variable in working:
            lines += _variable(plan, planned, variable, "", variable.label)
    lines += ["", *_heading("VARIABLES"), ""]
    for found in metadata.variables:
        variable = planned.every.get(found.name)
        if variable is None:
            lines += [f"{found.name}  {found.label}", *_wrapped(found.method or "Assigned.", "  "), ""]
            continue
        origin = found.origin
        copied = f"Copied from {origin.description}." if origin.type == "Predecessor" and origin.description else ""
        lines += _variable(plan, planned, variable, found.method or copied, found.label)
    text = "\n".join(plain(line.rstrip()) for line in lines)
    return (text.rstrip("\n") + "\n").encode("ascii", "backslashreplace")


def _title(metadata: DatasetMetadata, head: ListingHead) -> list[str]:
    first = f"{metadata.name}: {metadata.label}"
    about = f"Study {head.study}. raw2adam {head.version}, as of {head.as_of}."
    keys = f"Keys, which are the order of the records: {', '.join(metadata.keys)}."
    notes = [line for part in _NOTES for line in (_wrapped(part, "") or [""])]
    return [first, "=" * len(first), about, *_wrapped(f"{metadata.structure}.", ""), *_wrapped(keys, ""), "", *notes]


def _heading(text: str) -> list[str]:
    return [text, "-" * len(text)]


def _wrapped(text: str, indent: str) -> list[str]:
    """A text in lines of at most WIDTH characters; its line breaks stay."""
    found: list[str] = []
    for part in text.splitlines():
        found += textwrap.wrap(
            part.strip(), WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip
    return found


def _records(planned: PlannedDataset) -> Iterator[str]:
    """The blocks of the dataset: which rows become records, what is joined to them, and their further columns."""
    yield ""
    yield from _heading("RECORDS")
    alike: dict[tuple[str, ...], list[str]] = {}
    for number, block in enumerate(planned.spec.blocks):
        columns = (rule.method or derivation(rule).describe(name) for name, rule in block.columns.items())
        about = (_rows(block), *map(_join, block.joins), *columns)
        alike.setdefault(about, []).append(_block_name(planned, number))
    many = len(planned.spec.blocks) > 1
    for (rows, *more), blocks in alike.items():
        yield ""
        yield from _wrapped(f"{', '.join(blocks)}: {rows}." if many else f"{rows[0].upper()}{rows[1:]}.", "")
        for text in more:
            yield from _wrapped(text, "  ")


def _block_name(planned: PlannedDataset, number: int) -> str:
    """Block 3 (PARAMCD PFS), where the block has one parameter."""
    variable = planned.variables.get("PARAMCD")
    rule = variable.block_rules.get(number) if variable is not None else None
    code = getattr(rule, "value", None)
    return f"Block {number + 1} (PARAMCD {code})" if isinstance(code, str) else f"Block {number + 1}"


def _rows(block: RowBlock) -> str:
    where = f" where {block.where}" if block.where else ""
    each = "".join(f" for each {n} of {', '.join(v)}" for n, v in block.each.items())
    if block.steps:
        verbs = ", then ".join(step.verb for step in block.steps)
        named = f"step {verbs} derives" if len(block.steps) == 1 else f"steps {verbs} derive"
        return f"records that the {named} from {block.table or 'the datasets it names'}{where}{each}"
    kind = "record" if block.from_ else "row"
    return f"one record for each {kind} of {block.table or 'the specification'}{where}{each}"


def _join(join: JoinSpec) -> str:
    where = f" where {join.where}" if join.where else ""
    pairs = join.on.items() if isinstance(join.on, dict) else ((n, n) for n in join.on)
    keys = ", ".join(a if a == b else f"{a} = {b}" for a, b in pairs)
    take = f"the {join.take} record by {', '.join(join.order)} of " if join.take else ""
    return f"{join.name}: {take}{join.table}{where}, joined by {keys}."


def _variable(
    plan: PlannedStudy, planned: PlannedDataset, variable: PlannedVariable, method: str, label: str
) -> Iterator[str]:
    """One variable: its words, then the code of its rules, for each block that has another."""
    yield f"{variable.name}  {label}".rstrip()
    rules = [("", variable.rule)] if variable.rule is not None else []
    rules += [(_block_name(planned, n), r) for n, r in sorted(variable.block_rules.items())]
    words = method or "\n".join(_sentences(rules, variable.name)) or "No rule: the column is empty."
    yield from _wrapped(words, "  ")
    names = rule_names(plan, planned)
    shown: dict[tuple[str, ...], list[str]] = {}
    for block, rule in rules:
        code = rule_code(rule, variable, planned.name, names)
        merged = [f"{a} is {b}" for a, b in code.merged.items()]
        lines = [
            *([f"    uses: {', '.join(merged)}"] if merged and (code.r or code.sas) else []),
            *_labelled("R", code.r),
            *_labelled("SAS", code.sas),
        ]
        if lines:
            shown.setdefault(tuple(lines), []).append(block)
    for lines, blocks in shown.items():
        named = [b for b in blocks if b]
        if named:
            yield from _wrapped(f"{'; '.join(named)}:", "    ")
        yield from lines
    yield ""


def _sentences(rules: list[tuple[str, DerivationSpec]], name: str) -> Iterator[str]:
    for block, rule in rules:
        if not isinstance(rule, OfStep):
            yield f"{f'{block}: ' if block else ''}{rule.method or derivation(rule).describe(name)}"


def _labelled(language: str, lines: list[str]) -> list[str]:
    folded = [part for line in lines for part in _folded(line)]
    return [f"    {language + ':' if not i else '':<5}{line}" for i, line in enumerate(folded)]


def _folded(line: str) -> Iterator[str]:
    """A line of code in lines of at most WIDTH characters where it has blanks outside of quotes to break at."""
    start, blank, quote = 0, 0, ""
    indent = " " * (len(line) - len(line.lstrip()))
    for at, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == " " and line[start:at].strip():
            if at - start > WIDTH - 10 and blank > start:
                yield (indent + "    " if start else "") + line[start:blank]
                start = blank + 1
            blank = at
    if len(line) - start > WIDTH - 10 and blank > start:
        yield (indent + "    " if start else "") + line[start:blank]
        start = blank + 1
    yield (indent + "    " if start else "") + line[start:]


def rule_names(plan: PlannedStudy, planned: PlannedDataset) -> Names:
    """What is known of the names of a rule: variables of the dataset, TABLE.COLUMN, and columns of joined records."""
    joined: Mapping[str, str] = {j.name: j.table for b in planned.spec.blocks for j in b.joins}
    tables = dict.fromkeys(b.from_ for b in planned.spec.blocks if b.from_)
    every = {**plan.inputs, **plan.datasets}

    def find(name: str) -> PlannedVariable | None:
        table, dot, column = name.partition(".")
        owners = [joined.get(table, table)] if dot else [planned.name, *tables]
        named = (every[o].every.get(column if dot else name) for o in owners if o in every)
        return next((v for v in named if v is not None), None)

    def numeric(name: str) -> bool | None:
        found = find(name)
        return None if found is None else found.is_numeric

    asked: set[str] = set()

    def moment(name: str) -> str:
        found = find(name)
        if found is None or not found.is_numeric:
            return ""
        if found.format or planned.working.get(name) is not found or name in asked:
            return sas_moment(found.format)
        asked.add(name)  # a rule may name its variable
        kinds = {moment_of_rule(rule, names) for rule in found.rules}
        asked.discard(name)
        return kinds.pop() if len(kinds) == 1 else ""

    def filled(name: str) -> bool:
        found = find(name)
        return found is not None and found.core == "Req"

    def known(name: str) -> bool:
        found = find(name)
        return found is None or planned.working.get(name) is not found or all(has_code(r) for r in found.rules)

    names = Names(numeric, {}, moment, filled, known)
    return names
