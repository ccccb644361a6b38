"""The programs and listings that the reviewer's guide to ADaM names.

Not for the other sections of the guide (adam_guide.py).
"""

from __future__ import annotations

from pathlib import PurePosixPath

from ..define.content import DefineContent
from ..define.page import Anchors
from ..mappings.models.guide import GuideSpec
from ..programs.analysis_listing import FILE as ANALYSES
from .document import Block, Cell, Link, Paragraph, Part, Section, Table
from .package import RunPackage
from .parts import (
    described,
    names,
    of_team,
    paragraph,
    software,
)


def programs_section(package: RunPackage, definition: DefineContent, spec: GuideSpec) -> Section:
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
