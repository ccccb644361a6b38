"""RELREC: the records of ``relate:``, and the rule that relates a record to a record of another dataset.

Records of the same subject with the same link share a RELID; between datasets one record each, of no subject
(SDTMIG 3.4 section 8.2 and 8.3). A filled link without its partner is a finding. Not for SUPP-- (supplemental.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from ..engine.building.unfinished_table import DatasetInBuildTable
from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.derivations.assign import From, FromTemplate, Value
from ..engine.derivations.derivation import Derivation, Derived
from ..engine.derivations.environment import Environment
from ..engine.tables.rows import BASE
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import place_of, with_place_of
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec, Example, register
from ..mappings.models.row_block import RelateSpec, RowBlock, SplitCell
from ..mappings.models.wording import AS_WRITTEN, Wording

_LINKED = "LINKED"
_LINK = "LINK"  # one of several links of a value


@register
class Related(Derivation):
    """Y where another dataset has a record of the subject with the same link, N where it has none.

    Missing where the link is missing. With report: a link without a partner is a finding.
    """

    verb: ClassVar[str] = "related"
    example = Example(
        rule="{related: CM.CMGRPID, link: NO, label: Has Treatment}",
        rows={"NO": ["1", "2", ""]},
        gives=["Y", "N", ""],
        variable="AEHASTR",
        sources={"cm": {"SUBJ": ["01", "02"], "NO": ["1", "2"]}},
        datasets={"CM": "CMGRPID: NO"},
    )

    related: str = Field(description="DATASET.VARIABLE, the link of the other dataset.")
    link: str = Field(description="The link of this record.")
    report: bool = Field(default=False, description="Report links without a partner.")
    split: str = Field(default="", description="The text between several links in one value of the other dataset.")

    def reads(self) -> Iterator[tuple[str, str]]:
        yield "link", self.link
        yield "related", self.related

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        name, _, column = self.related.partition(".")
        pair = f"{words.column_of(name, column)} = {words.name(self.link)}"
        return f"{target} is 'Y' if the subject has a record with {pair}, else 'N'."

    def derive(self, env: Environment) -> Derived:
        name, _, column = self.related.partition(".")
        if not env.build.study.has_table(name):
            raise env.error(f"there is no dataset '{name}'", "related")
        table = env.table(name)
        if not table.has(column):
            raise env.error(f"{name} has no variable '{column}'", "related", nearest(column, table.names()))
        link = env.column(self.link, "link")
        subjects, links = table.column("USUBJID"), table.column(column)
        if self.split:
            at, links = split_links(links, self.split)
            subjects = col.take(subjects, at)
        mine, theirs = verbs.key_codes([env.subject(), link], [subjects, links])
        found = (mine >= 0) & np.isin(mine, theirs[theirs >= 0])
        if self.report:
            self._report(env, link, (mine >= 0) & ~found, f"no record of {name} of the subject has this {column}")
        return Derived(col.join_text(np.where(mine < 0, 0, np.where(found, 1, 2)), ["", "Y", "N"]))

    def _report(self, env: Environment, link: pd.Series, where: np.ndarray, message: str) -> None:
        """A finding for each link without a partner, at the raw cell that has it."""
        base = env.rows.nodes[BASE][0]
        if not isinstance(base, DatasetInBuildTable):  # a rule of a spec, not of relate:
            env.report("R2A-REL-001", where, message, self.link)
            return
        at = np.flatnonzero(where)
        if not len(at):
            return
        sources = env.rows.column_sources.get(self.link)
        variable = sources.carried[0] if sources is not None and sources.carried else self.link  # of several links
        places = base.build.cell_places(variable).at(env.rows.ids()[at])
        env.findings.add(
            "R2A-REL-001",
            f"{message}: the relation is not in RELREC",
            dataset=base.name,
            subject=col.objects(env.subject())[at],
            variable=variable,
            value=col.objects(link)[at],
            source=places.source,
            file=places.file,
            row=places.row,
            column=places.column,
        )


def split_links(links: pd.Series, separator: str) -> tuple[np.ndarray, pd.Series]:
    """(position in ``links``, link) of each link of values that hold several."""
    codes, texts = col.split_text(links)
    parts = [[p.strip() for p in str(t).split(separator)] for t in texts]
    counts = np.array([len(p) for p in parts], dtype="int64")
    starts = np.cumsum(counts) - counts
    at = np.repeat(np.arange(len(codes)), counts[codes] if len(counts) else 0)
    within = np.arange(len(at)) - np.repeat(np.cumsum(counts[codes]) - counts[codes], counts[codes])
    return at, col.join_text(starts[codes[at]] + within, [p for ps in parts for p in ps])


def related_blocks(
    block: RowBlock, relate: RelateSpec, file: DatasetSpec, problems: list[SpecProblem], datasets: set[str]
) -> Iterator[RowBlock]:
    """The plain blocks of one relation; none where the study does not have one of its datasets."""
    if file.dataset != "RELREC":
        problems.append(SpecProblem(place_of(block, "relate"), "relate: is for the dataset RELREC", file.dataset))
        return
    absent = [n for n in relate.datasets if n not in datasets]
    for name in absent:
        place = place_of(relate, "datasets", name)
        problems.append(
            SpecProblem(place, f"there is no dataset '{name}'", "RELREC", hint=nearest(name, sorted(datasets)))
        )
    if absent:
        return
    (first, first_link), *others = relate.datasets.items()
    plain = block.model_copy(update={"relate": None})
    for name, link in others:  # every filled link of a dataset but the first needs a partner
        yield _linked(plain, name, link, [(first, first_link)], relate, report=True)
    if relate.between == "records":
        yield _linked(plain, first, first_link, others, relate, report=False)
        return
    types = {n: relate.types.get(n, "ONE" if n == first else "MANY") for n in relate.datasets}
    records = tuple(
        {"RDOMAIN": n, "IDVAR": relate.idvar.get(n, link), "IDVARVAL": "", "RELTYPE": types[n], "RELID": relate.id}
        for n, link in relate.datasets.items()
    )
    yield plain.model_copy(update={"records": records})


def _linked(
    block: RowBlock, name: str, link: str, others: list[tuple[str, str]], relate: RelateSpec, *, report: bool
) -> RowBlock:
    """The records of one dataset that are related to one of ``others``; between datasets only their findings.

    A record with several links in one value gives a record for each of them.
    """
    separator = relate.split.get(name, "")
    explode = {_LINK: with_place_of(SplitCell(split=link, at=separator, distinct=True), relate)} if separator else {}
    link = _LINK if separator else link
    columns: dict[str, DerivationSpec] = {
        f"{_LINKED}{i}": with_place_of(
            Related(related=f"{other}.{theirs}", link=link, report=report, split=relate.split.get(other, "")), relate
        )
        for i, (other, theirs) in enumerate(others, start=1)
    }
    linked = " or ".join(f"{c} == 'Y'" for c in columns)
    nothing = relate.between == "datasets"
    idvar = relate.idvar.get(name, f"{name[:2]}SEQ")
    variables: dict[str, DerivationSpec] = {
        "RDOMAIN": Value(value=name),
        "IDVAR": Value(value=idvar),
        "IDVARVAL": From.model_validate({"from": idvar}),
        "RELTYPE": Value(value=""),
        "RELID": FromTemplate(template=f"{relate.id}{{{link}}}"),
    }
    return block.model_copy(
        update={
            "from_": name,
            "explode": explode,
            "columns": {**columns, **block.columns},
            "where": f"({linked}) and {_LINKED}1 == 'never'" if nothing else linked,
            "variables": {**{n: with_place_of(r, relate) for n, r in variables.items()}, **block.variables},
        }
    )
