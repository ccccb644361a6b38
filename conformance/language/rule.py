"""The model of a conformance rule in YAML: its record, its scope, its check, its consequences, its literal cases.

Not for reading the files (read.py) nor for running a rule (conformance/run.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ...findings.rule import FindingRule
from ...mappings.binding.bind import FieldMistake, SpecModel
from ..kinds.kind import Check
from ..table import Standard, Table

_PLACEHOLDER = re.compile(r"\{(\w+|--\w+|(?:DM|ADSL)\.\w+)\}")
#: what names a cause beside variables of the record
PSEUDO_KEYS = frozenset({"dataset", "variable", "record", "value"})

Text = Annotated[str, Field(min_length=1)]


class Published(SpecModel):
    """The ids of published rules that the rule implements."""

    core: tuple[Annotated[str, Field(pattern=r"^CORE-\d{6}$")], ...] = Field(default=(), description="CDISC CORE.")
    cdisc: tuple[Text, ...] = Field(default=(), description="CDISC conformance rules, such as CG0131.")
    fda: tuple[Text, ...] = Field(default=(), description="FDA business and validator rules, such as FB0601, SD1002.")
    adam: tuple[Text, ...] = Field(default=(), description="ADaM conformance rules, such as ADaM 77.")

    p21: tuple[Annotated[str, Field(pattern=r"^DD\d{4}$")], ...] = Field(
        default=(), description="Pinnacle 21 rules of define.xml, such as DD0028."
    )

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them, those of FDA and Pinnacle 21 with this name, the ADaM numbers as they are written."""
        fda, p21 = (f"FDA {i}" for i in self.fda), (f"Pinnacle 21 {i}" for i in self.p21)
        return (*self.core, *self.cdisc, *fda, *self.adam, *p21)


class Scope(SpecModel):
    """The datasets that a rule is about."""

    standard: Standard | Literal["both"] = Field(description="sdtm, adam or both.")
    versions: tuple[Text, ...] = Field(default=(), description="Versions of the guide, such as 3.4; none: all.")
    classes: tuple[Text, ...] = Field(
        default=(), description="Observation classes in small letters: events, findings about; of ADaM adsl, bds, tte."
    )
    domains: tuple[Text, ...] = Field(default=(), description="Domains or datasets; SUPP-- and AP-- for all of them.")
    not_domains: tuple[Text, ...] = Field(default=(), description="Domains or datasets that it is not about.")
    not_study_types: tuple[Text, ...] = Field(
        default=(), description="Types of study (STYPE in TS) that it is not about, such as OBSERVATIONAL."
    )

    def excludes(self, table: Table) -> bool:
        """Whether the rule is not about a table."""
        if self.standard not in ("both", table.standard):
            return True
        if self.classes and table.observation_class not in self.classes:
            return True
        if self.domains and not any(_is_named(table, d) for d in self.domains):
            return True
        return any(_is_named(table, d) for d in self.not_domains)

    @property
    def words(self) -> str:
        """The scope in words."""
        of = {"sdtm": "SDTM", "adam": "ADaM", "both": "SDTM and ADaM"}[self.standard]
        parts = [", ".join(self.domains), f"class {', '.join(self.classes)}" if self.classes else ""]
        parts.append(f"not {', '.join(self.not_domains)}" if self.not_domains else "")
        parts.append(f"not in a study that is {', '.join(self.not_study_types)}" if self.not_study_types else "")
        return " ".join((of, *filter(None, ("; ".join(p for p in parts if p),))))


def _is_named(table: Table, name: str) -> bool:
    if name == "SUPP--":
        return table.is_supplement
    if name == "AP--":
        return table.is_of_persons
    return name in (table.name, table.domain)


class Follows(SpecModel):
    """A rule whose finding about the same keys is the cause of a finding of this one."""

    rule: Annotated[str, Field(pattern=r"^R2A-[A-Z0-9-]+$")] = Field(description="The id of that rule.")
    by: tuple[Text, ...] = Field(
        description="What both findings share: variables of the record, or dataset, variable, record, value.",
        min_length=1,
    )


class Case(SpecModel):
    """A small package with the findings that the rule must report in it.

    ``data``: dataset -> variable -> values; a missing value is ''. ``about``: dataset -> facts: label, keys,
    sequence, structure, class, and under variables label, type, length, core of each. A rule of define.xml finds
    DATASET 0 VARIABLE VALUE, as far as the finding has them.
    """

    data: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    finds: tuple[str, ...] = Field(default=(), description="DATASET RECORD VARIABLE, with record 0 for the dataset.")
    about: Mapping[str, Any] = Field(default_factory=dict)
    complete: bool = Field(default=False, description="Every dataset of the study is there.")
    define: str = Field(default="", description="Elements of its define.xml 2.1, within MetaDataVersion; study S1.")
    files: tuple[str, ...] | None = Field(
        default=None, description="The files beside define.xml; without them their folder is not known."
    )


class Rule(SpecModel):
    """One conformance rule."""

    title: Text = Field(description="What is wrong, in one line.")
    severity: Literal["error", "warning", "note"] = Field(description="error, warning or note.")
    scope: Scope
    check: Check = Field(description="One kind of check with its arguments.")
    message: Text = Field(
        description="Of each finding. It may name {dataset}, {variable}, variables of the record, words of the check."
    )
    do: Text = Field(description="What to do.")
    source: Text = Field(description="The document and section that the rule follows.")
    published: Published = Field(default_factory=Published)
    ask: str = Field(default="", description="The question to the site, if a site must answer.")
    superseded_by: tuple[Text, ...] = Field(
        default=(), description="Rules whose finding about the same raw cell replaces a finding of this one."
    )
    follows: tuple[Follows, ...] = Field(
        default=(), description="Rules whose finding is a cause; the first one counts."
    )
    once_per: tuple[Text, ...] = Field(
        default=(),
        description="Variables of the record, or dataset, variable, record, value: of findings that share them, the "
        "first is the cause of the others.",
    )
    grouped_by: tuple[Text, ...] = Field(
        default=(),
        description="Variables of the record, or value: records that share them have one finding, which counts them "
        "and names the first ones.",
    )
    passes: tuple[Case, ...] = Field(default=(), description="Packages without a finding.")
    fails: tuple[Case, ...] = Field(default=(), description="Packages with findings.")

    @model_validator(mode="after")
    def _cases(self) -> Rule:
        for number, case in enumerate(self.fails):
            if not case.finds:
                raise FieldMistake("a case that fails names what it finds", "fails", number)
        for number, case in enumerate(self.passes):
            if case.finds:
                raise FieldMistake("a case that passes finds nothing", "passes", number, "finds")
        return self

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The words in braces of the message, each one time."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.message)))

    def record(self, id_: str) -> FindingRule:
        """The rule as the catalogue of findings has it."""
        return FindingRule(
            id=id_,
            severities=(self.severity,),
            title=self.title,
            do=self.do,
            ask=self.ask,
            source=self.source,
            superseded_by=self.superseded_by,
            published=self.published.ids,
        )


class RuleFile(SpecModel):
    """A file of rules."""

    rules: Mapping[Annotated[str, Field(pattern=r"^R2A-[A-Z0-9-]+$")], Rule]
