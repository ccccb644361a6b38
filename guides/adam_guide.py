"""The draft of the ADRG: the guide to the analysis datasets, in the order of sections of the PHUSE template.

Not for the files that it becomes (word.py, page.py) nor for single datasets (adam_datasets.py). All figures are those
of the run; the words of the team are in guide: of study.yaml.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from ..define.content import DefineContent
from ..define.page import Anchors
from ..mappings.models.guide import GuideSpec
from ..programs.analysis_listing import FILE as ANALYSES
from .adam_datasets import dataset_sections, inventory
from .adam_rules import analysis_sets, dependencies, imputed_dates, record_flags, treatment_variables
from .document import Block, Bullets, Cell, Guide, Link, Paragraph, Part, Section, Table
from .package import RunPackage
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
    software,
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
            _programs(package, definition, spec),
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


def _programs(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
    first = (
        "The programs are specifications in YAML, which raw2adam executes. define.xml has each rule in words, from the "
        "same specifications. ",
        "The manifest of the run has the sha256 of every input, specification and output.",
    )
    return Section(
        "Submission of Programs",
        sections=(
            Section("Description", (Paragraph(first), software(package))),
            Section("ADaM Programs", (*_listings(package), _specs(package, definition))),
            Section("Analysis Output Programs", _analysis_programs(package, definition, spec)),
        ),
    )


def _listings(package: RunPackage) -> tuple[Block, ...]:
    """The program listings of the run, one for each analysis dataset."""
    found = package.programs()
    if not found:
        return ()
    text = (
        "Each analysis dataset has a listing with the method of every variable in words, and with code in R and SAS "
        "where a rule has a certain equal there. The code shows the rule to a programmer; the run did not execute it."
    )
    rows = tuple((name, Link(PurePosixPath(path).name, path)) for name, path in found.items())
    return paragraph(text), Table("Program listings", ("Dataset", "Listing"), rows, (1, 4))


def _specs(package: RunPackage, definition: DefineContent) -> Table:
    """Each specification but those of SDTM datasets, with the analysis datasets whose rules it has."""
    users: dict[str, list[str]] = {}
    for name in (d.name for d in definition.datasets):
        rules = package.rules["datasets"].get(name, {})
        for use in (*rules.get("rules", ()), *rules.get("columns", ())):
            file = use["place"].rsplit(":", 2)[0]  # file:line:column
            if file and name not in users.setdefault(file, []):
                users[file].append(name)
    rows: list[tuple[Cell, ...]] = []
    for spec, sha256 in sorted(package.run.specs.items()):
        if PurePosixPath(spec).parent.name != "sdtm":
            # the name of a specification may begin with the layer that it is of
            found = [n for file, names_ in users.items() if f"/{spec}".endswith(f"/{file}") for n in names_]
            rows.append((spec, ", ".join(dict.fromkeys(found)), sha256))
    headings = ("Specification", "Datasets", "sha256")
    return Table("Specifications of the analysis datasets", headings, tuple(rows), (3, 3, 6))


def _analysis_programs(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> tuple[Block, ...]:
    rows: list[tuple[Cell, ...]] = []
    for display in definition.displays:
        shown = Link(display.name, f"adam/define.html#{Anchors().add('display', display.oid)}")
        for result in display.results:
            documents = list(described(definition, (d.leaf for d in result.code_documents)))
            program = names(str(d) for d in documents) or (result.code_context if result.code else "")
            datasets = names(_dataset_name(definition, a.dataset) for a in result.datasets)
            rows.append((shown, result.description, datasets, program))
    found: tuple[Block, ...] = ()
    if rows:
        headings = ("Display", "Result", "Analysis datasets", "Program")
        found = (*_of_results(package), Table("Analysis results of define.xml", headings, tuple(rows), (3, 5, 3, 4)))
    ask = "the programs of tables and figures, with their platform and versions; or that none are submitted"
    return (*found, *of_team(spec.adam.programs, "adam.programs", ask))


def _of_results(package: RunPackage) -> tuple[Block, ...]:
    """The listing with the code of all results, and the page that shows them, where the run has them."""
    listing, page = package.layout.place(f"adam/programs/{ANALYSES}"), "reports/objectives.html"
    parts: list[Part] = []
    if (package.root / listing).is_file():
        parts += ["The listing ", Link(ANALYSES, listing), " has the code of each result in R and SAS. "]
    if (package.root / page).is_file():
        parts += ["The page ", Link("objectives.html", page), " shows the results."]
    return (Paragraph(tuple(parts)),) if parts else ()


def _dataset_name(definition: DefineContent, oid: str) -> str:
    return next((d.name for d in definition.datasets if d.oid == oid), oid)
