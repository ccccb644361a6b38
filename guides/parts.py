"""The sections that both guides have: introduction, standards, protocol, findings, and texts of the team.

Not for what one guide alone has (sdtm_guide.py, adam_guide.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any
from urllib.parse import quote

from ..conformance.language.read import shipped_rules
from ..define.content import DatasetContent, DefineContent
from ..define.page import Anchors
from ..findings.catalogue import rule_of
from ..findings.rule import SEVERITIES
from ..mappings.models.guide import GuideSpec
from .document import Block, Bullets, Cell, Link, Paragraph, Part, Section, Table, ToWrite
from .package import RunPackage

#: the rule whose value is the reason of a variable that is not collected
NOT_COLLECTED = "R2A-SPEC-004"
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_STANDARDS = {"IG": "Implementation guide", "CT": "Controlled terminology"}


def paragraph(*parts: Part) -> Paragraph:
    """A paragraph."""
    return Paragraph(parts)


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """A text of study.yaml as paragraphs; a blank line separates two."""
    return tuple(paragraph(" ".join(p.split())) for p in _BLANK_LINE.split(text) if p.strip())


def of_team(text: str | None, key: str, ask: str) -> tuple[Block, ...]:
    """A text of the team, or its mark where it is missing. ``key``: below guide: of study.yaml."""
    return paragraphs(text) if text is not None else (paragraph(ToWrite(f"guide.{key}", ask)),)


def count(number: int, one: str, many: str = "") -> str:
    """'1 record', '1,234 records'."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def names(found: Iterable[str]) -> str:
    """'AE, CM and DS'."""
    *first, last = list(found) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def dataset_link(kind: str, dataset: DatasetContent) -> Link:
    """A dataset in the page of define.xml."""
    return Link(dataset.name, f"{kind}/define.html#{Anchors().add('dataset', dataset.oid)}")


def acronyms(kind: str, spec: GuideSpec) -> Table:
    """The acronyms of a guide and those of the study, sorted."""
    shipped = _acronyms()
    found = {**shipped["both"], **shipped[kind], **spec.acronyms}
    rows = tuple((a, found[a]) for a in sorted(found, key=lambda a: (a.lower(), a)))
    return Table("Acronyms", ("Acronym", "Meaning"), rows, (1, 4))


@lru_cache(maxsize=1)
def _acronyms() -> Mapping[str, Mapping[str, str]]:
    import yaml

    return yaml.safe_load(resources.files(__package__ or "raw2adam.guides").joinpath("acronyms.yaml").read_bytes())


def standards(definition: DefineContent) -> Table:
    """Standards, terminology and dictionaries with their versions, and the variables of each dictionary."""
    rows: list[tuple[Cell, ...]] = []
    for s in definition.standards.values():
        comment = definition.comments.get(s.comment)
        name = f"{s.name} ({s.publishing_set})" if s.publishing_set else s.name
        rows.append((_STANDARDS.get(s.type, s.type), name, s.version, comment.text if comment else ""))
    rows.append(("Data definitions", "Define-XML", definition.version, ""))
    for codelist in definition.codelists.values():
        if codelist.dictionary:
            used = [f"{d.name}.{i.name}" for d in definition.datasets for i in d.items if i.codelist == codelist.oid]
            rows.append(("Dictionary", codelist.dictionary, codelist.dictionary_version, names(used)))
    return Table("Standards and dictionaries", ("Kind", "Name", "Version", "Remark"), tuple(rows), (2, 3, 2, 5))


def protocol(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    """Protocol number, title and versions."""
    head = package.run.head
    rows = (
        ("Protocol number", definition.protocol or head.study),
        ("Study identifier (STUDYID)", head.study),
        ("Title", definition.description or head.study),
    )
    return Section(
        "Protocol Number and Title",
        (
            Table("Protocol", ("Item", "Value"), rows, (1, 4)),
            *of_team(
                spec.protocol_versions,
                "protocol_versions",
                "the versions of the protocol, and amendments that changed how data are collected or read",
            ),
        ),
    )


def findings_of(package: RunPackage, places: str) -> list[dict[str, Any]]:
    """The findings on datasets of sdtm or adam, or on raw files and the study ('raw')."""
    return [f for f in package.findings if _place(package, f) == places]


def _place(package: RunPackage, finding: Mapping[str, Any]) -> str:
    if not finding["dataset"]:
        return "raw"
    adam = package.definitions.get("adam")
    in_adam = adam is not None and any(d.name == finding["dataset"] for d in adam.datasets)
    return "adam" if in_adam else "sdtm"


def findings_table(found: Sequence[Mapping[str, Any]], spec: GuideSpec, caption: str) -> tuple[Block, ...]:
    """Findings by rule, severity and place, with their explanations. An error or a warning needs one.

    The explanation is that of findings.yaml, else of guide: of study.yaml.
    """
    if not found:
        return (paragraph(f"{caption}: none."),)
    counts: dict[tuple[int, str, str, str], int] = {}
    messages: dict[str, str] = {}
    for f in found:
        place = f["dataset"] or f["source"]["file"] or "study"
        reason = f"{f['variable']}: {f['value']}" if f["rule"] == NOT_COLLECTED else ""
        key = SEVERITIES.index(f["severity"]), f["rule"], place, f["explanation"] or reason
        counts[key] = counts.get(key, 0) + 1
        messages.setdefault(f["rule"], f["message"])
    rows = []
    for (severity, rule, place, explanation), number in sorted(counts.items()):
        rows.append(
            (
                Link(rule, f"reports/findings.html#rule={quote(rule)}&place={quote(place, safe='')}"),
                _title(rule, messages[rule]),
                SEVERITIES[severity],
                place,
                number,
                explanation or _explanation(spec, rule, place, SEVERITIES[severity]),
            )
        )
    headings = ("Rule", "What it reports", "Severity", "Place", "Count", "Explanation")
    return (Table(caption, headings, tuple(rows), (7, 12, 4, 5, 3, 15)),)


def _title(rule: str, message: str) -> str:
    """What a rule reports; of a check of the study its message."""
    found = rule_of(rule)
    return found.title if found.id == rule else message


def _explanation(spec: GuideSpec, rule: str, place: str, severity: str) -> Cell:
    text = spec.explanation(rule, place)
    if text:
        return " ".join(text.split())
    if severity == "note":
        return ""
    return ToWrite("guide.explanations", f"why {place} has findings of {rule}")


def conformance_inputs(package: RunPackage, kind: str, text: str | None) -> Section:
    """The checks that the run has made, and those of other software that the team names."""
    name = {"sdtm": "SDTM", "adam": "ADaM"}[kind]
    items: tuple[tuple[Part, ...], ...] = (
        (f"raw2adam {package.run.head.version} checked the finished {name} datasets with its "
         f"{count(_rules_for(kind), 'rule')} of conformance.",),
        ("define.xml follows the schemas of Define-XML. A run that gives another define.xml stops.",),
        ("Each finding is in ", Link("findings.html", "reports/findings.html"), " and in findings.json, with its "
         "dataset, subject, variable and value."),
    )  # fmt: skip
    ask = f"other validators of {name}, each with its version and the version of its rules"
    return Section("Conformance Inputs", (Bullets(items), *of_team(text, f"{kind}.conformance", ask)))


def _rules_for(kind: str) -> int:
    """How many rules of conformance hold for datasets of sdtm or adam."""
    return sum(r.scope.standard in (kind, "both") for r in shipped_rules().values())


def software(package: RunPackage) -> Table:
    """The software of the run with its versions."""
    rows = (("raw2adam", package.run.head.version), *sorted(package.run.packages.items()))
    return Table("Software", ("Software", "Version"), rows, (1, 2))


def split_datasets(package: RunPackage, definition: DefineContent) -> tuple[Block, ...]:
    """The files that are split for their size, and the domains that several datasets have."""
    texts = [text for name, text in package.run.splits.items() if any(d.name == name for d in definition.datasets)]
    domains: dict[str, list[str]] = {}
    for d in definition.datasets:
        if d.domain and not d.name.startswith("SUPP"):
            domains.setdefault(d.domain, []).append(d.name)
    texts += [f"{domain} has the datasets {names(found)}." for domain, found in domains.items() if len(found) > 1]
    return tuple(map(paragraph, texts)) or (paragraph("No dataset is split: each is in one file."),)


def run_facts(package: RunPackage, definition: DefineContent) -> tuple[tuple[str, str], ...]:
    """The facts of the run on the first page of a guide."""
    head = package.run.head
    notice = (("Data", head.notice),) if head.notice else ()
    return (("Protocol", definition.protocol or head.study), *notice, *head.facts())


def described(definition: DefineContent, documents: Iterable[str]) -> Iterator[Cell]:
    """The titles of documents by their leaf identifiers."""
    for leaf in documents:
        if leaf in definition.leaves:
            yield definition.leaves[leaf].title
