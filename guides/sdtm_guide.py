"""The draft of the cSDRG: the guide to the tabulation datasets, in the order of sections of the PHUSE template.

Not for the files that it becomes (word.py, page.py). All figures are those of the run; the words of the team are
in guide: of study.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..define.content import DatasetContent, DefineContent, Item
from ..mappings.models.guide import GuideSpec
from .document import Block, Bullets, Cell, Guide, Link, Paragraph, Part, Section, Table
from .package import RunPackage, keys_of
from .parts import (
    acronyms,
    conformance_inputs,
    count,
    dataset_link,
    described,
    findings_of,
    findings_table,
    names,
    of_team,
    paragraph,
    paragraphs,
    protocol,
    run_facts,
    split_datasets,
    standards,
)
from .traceability import data_cut, row_account
from .trial_design import appendix_criteria, summary_value, trial_datasets, trial_sections

_SUPP = "SUPP"
_COLLECTED = "Collected"


def sdtm_guide(package: RunPackage, spec: GuideSpec) -> Guide:
    """The cSDRG of a run that has SDTM."""
    definition = package.definitions["sdtm"]
    return Guide(
        name="csdrg",
        title="Clinical Study Data Reviewer's Guide",
        study=package.run.head.study,
        study_title=definition.description,
        facts=run_facts(package, definition),
        sections=(
            _introduction(definition, spec),
            _protocol(package, definition, spec),
            _subject_data(package, definition, spec),
            _conformance(package, spec),
            appendix_criteria(package),
            _appendix_findings(package),
        ),
    )


def _introduction(definition: DefineContent, spec: GuideSpec) -> Section:
    purpose = (
        "This guide explains the tabulation datasets where define.xml is not enough, and summarises the findings of "
        "their checks. Figures, tables and lists come from the run that wrote the datasets.",
    )
    return Section(
        "Introduction",
        sections=(
            Section("Purpose", (Paragraph(purpose),)),
            Section("Acronyms", (acronyms("sdtm", spec),)),
            Section("Study Data Standards and Dictionary Inventory", (standards(definition),)),
        ),
    )


def _protocol(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    found = trial_datasets(package)
    listed = names(d.name for d in found)
    text = f"The run has the trial design datasets {listed}." if found else "The run has no trial design datasets."
    design = of_team(spec.protocol_design, "protocol_design", "the design of the study, with a figure where it helps")
    return Section(
        "Protocol Description",
        sections=(
            protocol(package, definition, spec),
            Section("Protocol Design", design),
            Section(
                "Trial Design Datasets",
                (paragraph(text), *paragraphs(spec.sdtm.trial_design or "")),
                trial_sections(package),
            ),
        ),
    )


def _subject_data(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    subject = [d for d in definition.datasets if not d.reference]
    domains = [d for d in subject if not d.name.startswith(_SUPP)]
    supplemental = [d for d in subject if d.name.startswith(_SUPP)]
    return Section(
        "Subject Data Description",
        sections=(
            Section("Overview", _overview(package, subject, spec)),
            Section("Annotated CRFs", _crf(definition, spec)),
            Section(
                "SDTM Subject Domains",
                (_inventory(package, subject),),
                tuple(_domain(package, definition, d, spec) for d in domains),
            ),
            Section("Supplemental Qualifiers", _qualifiers(package, definition, supplemental)),
            Section("Sponsor-Extended Terminology", _extended(definition)),
            Section("Split Datasets", split_datasets(package, definition)),
        ),
    )


def _overview(package: RunPackage, subject: Sequence[DatasetContent], spec: GuideSpec) -> tuple[Block, ...]:
    items: list[tuple[Part, ...]] = []
    dm = next((d for d in subject if d.name == "DM"), None)
    if dm is not None:
        counts = package.counts("sdtm", dm)
        items.append((f"DM has {count(counts.records, 'subject')}.",))
        reasons = [g for g in counts.by("ARMNRS") if g.values[0]]
        if reasons:
            listed = names(f"{g.subjects:,} {g.values[0]}" for g in reasons)
            items.append((f"Subjects without an arm, by ARMNRS: {listed}.",))
        else:
            items.append(("Every subject of DM has an arm: no record of DM has ARMNRS.",))
    ongoing = summary_value(package, "ONGOSIND")
    if ongoing:
        items.append((f"TS states ONGOSIND = {ongoing}: the study is {'ongoing' if ongoing == 'Y' else 'completed'}.",))
    if "adam" in package.definitions:
        items.append(("The analysis datasets of the same run are derived from these datasets.",))
    ask = "which collected data are not submitted, and why; or that all are submitted"
    return (
        Bullets(tuple(items)),
        *row_account(package),
        *data_cut(package),
        *of_team(spec.sdtm.not_submitted, "sdtm.not_submitted", ask),
    )


def _crf(definition: DefineContent, spec: GuideSpec) -> tuple[Block, ...]:
    documents = list(described(definition, (d.leaf for d in definition.crf)))
    collected = [i for d in definition.datasets for i in _items(definition, d) if _is_collected(i)]
    paged = [i for i in collected if any(o.documents for o in i.origins)]
    number = count(len(collected), "collected variable or qualifier", "collected variables and qualifiers")
    text = f"define.xml has {number}, {len(paged):,} of them with pages of the annotated CRF."
    if documents:
        known = paragraph(f"The annotated CRF is {names(str(d) for d in documents)}. {text} ",
                     "The pages follow from the columns of the collected data that each variable reads.")  # fmt: skip
        return (known, *paragraphs(spec.sdtm.crf or ""))
    ask = "where the annotated CRF is, or why there is none; documents: of study.yaml adds it to define.xml"
    return (paragraph(f"define.xml names no annotated CRF. {text}"), *of_team(spec.sdtm.crf, "sdtm.crf", ask))


def _items(definition: DefineContent, dataset: DatasetContent) -> Iterator[Item]:
    """The variables of a dataset; of a SUPP-- dataset its qualifiers."""
    for item in dataset.items:
        if dataset.name.startswith(_SUPP) and item.name == "QVAL":
            yield from definition.value_lists.get(item.value_list, ())
        else:
            yield item


def _is_collected(item: Item) -> bool:
    return any(o.type == _COLLECTED for o in item.origins)


def _inventory(package: RunPackage, datasets: Sequence[DatasetContent]) -> Table:
    parents = {d.name.removeprefix(_SUPP) for d in datasets if d.name.startswith(_SUPP)}
    rows = []
    for d in datasets:
        counts = package.counts("sdtm", d)
        rows.append(
            (
                dataset_link("sdtm", d),
                d.label,
                d.class_name,
                "yes" if not d.standard else "",
                "yes" if d.name in parents else "",
                d.structure,
                ", ".join(keys_of(d)),
                counts.records,
                "" if counts.subjects is None else counts.subjects,
            )
        )
    headings = ("Dataset", "Label", "Class", "Custom", "SUPP--", "Structure", "Keys", "Records", "Subjects")
    return Table("Subject datasets", headings, tuple(rows), (6, 10, 9, 4, 4, 12, 15, 5, 5))


def _domain(package: RunPackage, definition: DefineContent, dataset: DatasetContent, spec: GuideSpec) -> Section:
    counts = package.counts("sdtm", dataset)
    text = f" has {count(counts.records, 'record')}"
    if counts.subjects is not None:
        text += f" of {count(counts.subjects, 'subject')}"
    blocks: list[Block] = [paragraph(dataset_link("sdtm", dataset), f"{text}.")]
    blocks += paragraphs(spec.sdtm.datasets.get(dataset.name, ""))
    comment = definition.comments.get(dataset.comment)
    if comment is not None:
        blocks += paragraphs(comment.text)
    empty = [i.name for i in dataset.items if i.has_no_data]
    if empty:
        blocks.append(paragraph(f"Variables without a value in any record: {names(empty)}."))
    found = [f for f in package.findings if f["dataset"] in (dataset.name, f"{_SUPP}{dataset.name}")]
    if found:
        blocks.append(paragraph(f"Section 4.2 has its {count(len(found), 'finding')}."))
    return Section(f"{dataset.name} - {dataset.label}", tuple(blocks))


def _qualifiers(
    package: RunPackage, definition: DefineContent, datasets: Sequence[DatasetContent]
) -> tuple[Block, ...]:
    rows: list[tuple[Cell, ...]] = []
    for d in datasets:
        groups = {g.values[0]: g for g in package.counts("sdtm", d).by("QNAM")}
        qval = next((i for i in d.items if i.name == "QVAL"), None)
        for item in definition.value_lists.get(qval.value_list, ()) if qval is not None else ():
            for qnam in _qnams(definition, item):
                origins = names(f"{o.type} ({o.source})" if o.source else o.type for o in item.origins)
                group = groups.get(qnam)
                counted = (group.records, group.subjects) if group is not None else (0, 0)
                rows.append((dataset_link("sdtm", d), qnam, item.label, origins, *counted))
    if not rows:
        return (paragraph("The datasets have no supplemental qualifiers."),)
    headings = ("Dataset", "QNAM", "Label", "Origin", "Records", "Subjects")
    first = paragraph("Data that SDTMIG has no variable for are supplemental qualifiers.")
    return first, Table("Supplemental qualifiers", headings, tuple(rows), (4, 4, 12, 8, 3, 3))


def _qnams(definition: DefineContent, item: Item) -> list[str]:
    """The values of QNAM that a value-level definition of QVAL is for."""
    return [
        value
        for oid in item.where
        for check in (definition.where[oid].checks if oid in definition.where else ())
        for value in check.values
    ]


def _extended(definition: DefineContent) -> tuple[Block, ...]:
    rows: list[tuple[Cell, ...]] = []
    for codelist in definition.codelists.values():
        for term in codelist.terms:
            if term.extended:
                rows.append((codelist.name, codelist.code, term.value, term.decode))
    if not rows:
        return (paragraph("No published codelist has terms of the sponsor."),)
    text = (
        "These terms are in the data or in the specifications and not in the published codelist. A term outside a list "
        "that is not extensible is also a finding in section 4.2."
    )
    headings = ("Codelist", "NCI code of the list", "Term", "Meaning")
    return paragraph(text), Table("Terms of the sponsor", headings, tuple(rows), (4, 2, 4, 5))


def _conformance(package: RunPackage, spec: GuideSpec) -> Section:
    raw = findings_of(package, "raw")
    text = (
        "These findings are about the collected data. A site answers them, or the team decides. The datasets have the "
        "data as they were collected."
    )
    return Section(
        "Data Conformance Summary",
        sections=(
            conformance_inputs(package, "sdtm", spec.sdtm.conformance),
            Section("Issues Summary", findings_table(findings_of(package, "sdtm"), spec, "Findings on SDTM datasets")),
            Section(
                "Additional Conformance Details",
                (paragraph(text), *findings_table(raw, spec, "Findings on collected data")),
            ),
        ),
    )


def _appendix_findings(package: RunPackage) -> Section:
    parts: tuple[Part, ...] = (
        f"The run has {count(len(package.findings), 'finding')}. ",
        Link("findings.html", "reports/findings.html"),
        " lists each with its subject, variable and value; findings.xlsx has the same as a workbook.",
    )
    return Section("Appendix II: Conformance Issues Details", (Paragraph(parts),), numbered=False)
