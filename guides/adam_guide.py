"""The draft of the ADRG: the guide to the analysis datasets, in the order of sections of the PHUSE template.

Not for the files that it becomes (word.py, page.py) nor for single datasets (adam_datasets.py). All figures are those
of the run; the words of the team are in guide: of study.yaml.
"""

from __future__ import annotations

from ..define.content import DefineContent
from ..mappings.models.guide import GuideSpec
from .adam_datasets import dataset_sections, inventory
from .adam_programs import programs_section
from .adam_rules import analysis_sets, dependencies, imputed_dates, record_flags, treatment_variables
from .document import Block, Bullets, Cell, Guide, Part, Section, Table
from .package import RunPackage
from .parts import (
    acronyms,
    conformance_inputs,
    count,
    dataset_link,
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
from .traceability import data_cut, record_account


def adam_guide(package: RunPackage, spec: GuideSpec) -> Guide:
    """The ADRG of a run that has ADaM."""
    definition = package.definitions["adam"]
    return Guide(
        name="adrg",
        title="Analysis Data Reviewer's Guide",
        study=package.run.head.study,
        study_title=definition.description,
        facts=run_facts(package, definition),
        sections=(
            _introduction(package, definition, spec),
            _protocol(package, definition, spec),
            _considerations(package, definition, spec),
            _processing(package, definition),
            _descriptions(package, definition, spec),
            _conformance(package, spec),
            programs_section(package, definition, spec),
        ),
    )


def _introduction(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    purpose = (
        "This guide explains the analysis datasets where define.xml is not enough, and summarises the findings of "
        "their checks. Figures, tables and lists come from the run that wrote the datasets."
    )
    return Section(
        "Introduction",
        sections=(
            Section("Purpose", (paragraph(purpose),)),
            Section("Acronyms", (acronyms("adam", spec),)),
            Section("Study Data Standards and Dictionary Inventory", (standards(definition),)),
            Section(
                "Source Data Used for Analysis Dataset Creation",
                (*_source(package), *paragraphs(spec.adam.source or "")),
            ),
        ),
    )


def _source(package: RunPackage) -> tuple[Block, ...]:
    if "sdtm" not in package.definitions:
        if "given" in package.accounts:
            return record_account(package)
        return (paragraph("The analysis datasets are derived from SDTM of the same specifications."),)
    version = next(iter(package.definitions["sdtm"].standards.values()), None)
    standard = f" (SDTMIG {version.version})" if version is not None and version.name == "SDTMIG" else ""
    return (paragraph(f"The analysis datasets are derived from the SDTM datasets{standard} of the same run, and from "
                 "nothing else."),)  # fmt: skip


def _protocol(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    ask = "how arms, treatments, periods and phases of the protocol are in ADaM variables"
    return Section(
        "Protocol Description",
        sections=(
            protocol(package, definition, spec),
            Section("Protocol Design in Relation to ADaM Concepts", of_team(spec.adam.design, "adam.design", ask)),
        ),
    )


def _considerations(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    team = spec.adam
    treatment = "whether ARM and ACTARM mean the same as planned and actual treatments, and which ones the analyses use"
    subjects = "subjects that need special analysis rules, or that there are none"
    visits = "visit windows, the use of unscheduled visits, and how one of several records is selected"
    return Section(
        "Analysis Considerations Related to Multiple Analysis Datasets",
        sections=(
            Section("Core Variables", _core(definition)),
            Section(
                "Treatment Variables",
                (*treatment_variables(definition), *of_team(team.treatment, "adam.treatment", treatment)),
            ),
            Section(
                "Subject Issues that Require Special Analysis Rules",
                of_team(team.subject_rules, "adam.subject_rules", subjects),
            ),
            Section(
                "Use of Visit Windowing, Unscheduled Visits, and Record Selection",
                (*record_flags(package, definition), *of_team(team.visits, "adam.visits", visits)),
            ),
            Section(
                "Imputation and Derivation Methods",
                (
                    *imputed_dates(package, definition),
                    *analysis_sets(package, definition),
                    *paragraphs(team.imputation or ""),
                ),
            ),
        ),
    )


def _core(definition: DefineContent) -> tuple[Block, ...]:
    adsl = next((d for d in definition.datasets if d.name == "ADSL"), None)
    others = [d for d in definition.datasets if d.name != "ADSL"]
    if adsl is None or not others:
        return (paragraph("There is no ADSL with other analysis datasets, so there are no core variables."),)
    within = {d.name: {i.name for i in d.items} for d in others}
    rows: list[tuple[Cell, ...]] = []
    for item in adsl.items:
        has = [n for n, variables in within.items() if item.name in variables]
        if len(has) * 2 >= len(others):
            rows.append((item.name, item.label, "all" if len(has) == len(others) else ", ".join(has)))
    text = "Core variables are the variables of ADSL that all or most other analysis datasets have, too."
    table = Table("Core variables", ("Variable", "Label", "Datasets beside ADSL"), tuple(rows), (2, 5, 5))
    return (paragraph(text), table) if rows else (paragraph("No variable of ADSL is in most other analysis datasets."),)


def _processing(package: RunPackage, definition: DefineContent) -> Section:
    text = (
        "No intermediate dataset is needed: each analysis dataset is derived from the datasets that the table of data "
        "dependencies names. Working variables that a rule needs are written out in the methods of define.xml."
    )
    return Section(
        "Analysis Data Creation and Processing Issues",
        sections=(
            Section("Split Datasets", split_datasets(package, definition)),
            Section("Data Dependencies", _dependencies(package, definition)),
            Section("Intermediate Datasets", (paragraph(text),)),
        ),
    )


def _dependencies(package: RunPackage, definition: DefineContent) -> tuple[Block, ...]:
    rows: list[tuple[Cell, ...]] = []
    for d in definition.datasets:
        analysis, tabulation = dependencies(package, definition, d.name)
        rows.append((dataset_link("adam", d), ", ".join(analysis), ", ".join(tabulation)))
    text = "The table comes from the rules that the run has executed."
    headings = ("Dataset", "Analysis datasets that it needs", "SDTM datasets that it needs")
    return paragraph(text), Table("Data dependencies", headings, tuple(rows), (1, 3, 5))


def _descriptions(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    ask = "the objectives that the analysis datasets support, and each that they do not, with the reason"
    overview: tuple[Block, ...] = (
        Bullets(tuple(_overview(package, definition))),
        *data_cut(package),
        *of_team(spec.adam.objectives, "adam.objectives", ask),
    )
    return Section(
        "Analysis Dataset Descriptions",
        sections=(
            Section("Overview", overview),
            Section(
                "Analysis Datasets", (inventory(package, definition),), dataset_sections(package, definition, spec)
            ),
        ),
    )


def _overview(package: RunPackage, definition: DefineContent) -> list[tuple[Part, ...]]:
    items: list[tuple[Part, ...]] = []
    adsl = next((d for d in definition.datasets if d.name == "ADSL"), None)
    sdtm = package.definitions.get("sdtm")
    dm = next((d for d in sdtm.datasets if d.name == "DM"), None) if sdtm is not None else None
    if adsl is not None:
        subjects = package.counts("adam", adsl).records
        text = f"ADSL has {count(subjects, 'subject')}"
        if dm is not None:
            text += f"; DM has {package.counts('sdtm', dm).records:,}"
        items.append((f"{text}.",))
    if dm is not None:
        failures = [g for g in package.counts("sdtm", dm).by("ARMNRS") if g.values[0]]
        listed = names(f"{g.subjects:,} {g.values[0]}" for g in failures)
        items.append((f"Subjects of DM without an arm, by ARMNRS: {listed if failures else 'none'}.",))
    total = sum(package.counts("adam", d).records for d in definition.datasets)
    items.append((f"{count(len(definition.datasets), 'analysis dataset')} have {count(total, 'record')}.",))
    return items


def _conformance(package: RunPackage, spec: GuideSpec) -> Section:
    found = findings_of(package, "adam")
    sections = [
        conformance_inputs(package, "adam", spec.adam.conformance),
        Section("Issues Summary", findings_table(found, spec, "Findings on analysis datasets")),
    ]
    if "sdtm" not in package.definitions:
        rest = [*findings_of(package, "sdtm"), *findings_of(package, "raw")]
        sections.append(Section("Findings on the Source Data", findings_table(rest, spec, "Findings on source data")))
    return Section("Data Conformance Summary", sections=tuple(sections))
