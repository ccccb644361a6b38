"""The sections of the cSDRG on the trial design datasets, from their records.

Not for subject data (sdtm_guide.py).
"""

from __future__ import annotations

from ..define.content import DatasetContent
from .counts import DatasetCounts
from .document import Block, Section, Table
from .package import RunPackage
from .parts import count, dataset_link, names, paragraph

#: dataset -> (variable, heading, relative width) of what the guide shows
_SHOWN = {
    "TA": (("ARMCD", "Arm code", 2), ("ARM", "Arm", 4), ("TAETORD", "Order", 1), ("ETCD", "Element code", 2),
           ("ELEMENT", "Element", 4), ("EPOCH", "Epoch", 3)),
    "TE": (("ETCD", "Element code", 1), ("ELEMENT", "Element", 2), ("TESTRL", "Starts", 5), ("TEENRL", "Ends", 5)),
    "TV": (("VISITNUM", "Number", 1), ("VISIT", "Visit", 2), ("VISITDY", "Planned day", 1), ("ARMCD", "Arm code", 1),
           ("TVSTRL", "Starts", 5)),
    "TI": (("IETESTCD", "Code", 1), ("IECAT", "Category", 1), ("IETEST", "Criterion", 7)),
}  # fmt: skip
_ABOUT = {
    "TA": "The planned elements of each arm in their order.",
    "TE": "The elements and the rules by which they start and end.",
    "TV": "The planned visits. Unscheduled visits are in SV and have a decimal number after the planned visit.",
}


def trial_datasets(package: RunPackage) -> list[DatasetContent]:
    """The datasets of the trial design that the run has."""
    return [d for d in package.definitions["sdtm"].datasets if d.reference]


def trial_sections(package: RunPackage) -> tuple[Section, ...]:
    """A section for each dataset of the trial design."""
    return tuple(
        Section(f"{d.name} - {d.label}", _blocks(package, d, package.counts("sdtm", d)))
        for d in trial_datasets(package)
    )


def _blocks(package: RunPackage, dataset: DatasetContent, counts: DatasetCounts) -> tuple[Block, ...]:
    link = dataset_link("sdtm", dataset)
    if dataset.name == "TI":
        kinds: dict[str, int] = {}
        for row in counts.rows:
            kinds[row.get("IECAT", "")] = kinds.get(row.get("IECAT", ""), 0) + 1
        text = names(f"{n:,} of category {k or 'missing'}" for k, n in sorted(kinds.items()))
        return (
            paragraph(link, f" has {count(counts.records, 'criterion', 'criteria')}: {text}. Appendix I lists them."),
        )
    if dataset.name == "TS":
        return paragraph(link, f" has {count(counts.records, 'record')}."), _summary(counts)
    about = _ABOUT.get(dataset.name, f"{count(counts.records, 'record')}.")
    first = paragraph(
        link, f" has {count(counts.records, 'record')}. {about}" if dataset.name in _ABOUT else f": {about}"
    )
    return (first, *shown(dataset, counts))


def shown(dataset: DatasetContent, counts: DatasetCounts) -> tuple[Block, ...]:
    """The records of a dataset as a table; nothing for a dataset without a layout."""
    present = {i.name for i in dataset.items}
    layout = [column for column in _SHOWN.get(dataset.name, ()) if column[0] in present]
    if not layout or not counts.rows:
        return ()
    rows = tuple(tuple(row[name] for name, _, _ in layout) for row in counts.rows)
    return (Table(dataset.label, tuple(h for _, h, _ in layout), rows, tuple(w for _, _, w in layout)),)


def _summary(counts: DatasetCounts) -> Table:
    """TS with one line for each value: a null flavour where there is no value, and the code with its dictionary."""
    rows = []
    for row in counts.rows:
        value = row.get("TSVAL", "") + "".join(row.get(f"TSVAL{n}", "") for n in range(1, 10))
        missing = row.get("TSVALNF", "")
        coded = " ".join(filter(None, [row.get("TSVALCD", ""), row.get("TSVCDREF", ""), row.get("TSVCDVER", "")]))
        shown_value = value or (f"(null flavour {missing})" if missing else "")
        rows.append((row.get("TSPARMCD", ""), row.get("TSPARM", ""), shown_value, coded))
    return Table("Trial summary", ("Code", "Parameter", "Value", "Code of the value"), tuple(rows), (2, 4, 7, 3))


def appendix_criteria(package: RunPackage) -> Section:
    """Appendix I: the criteria of TI."""
    found = next((d for d in trial_datasets(package) if d.name == "TI"), None)
    blocks = shown(found, package.counts("sdtm", found)) if found is not None else ()
    nothing = (paragraph("The run has no TI dataset. The protocol has the criteria."),)
    return Section("Appendix I: Inclusion and Exclusion Criteria", blocks or nothing, numbered=False)


def summary_value(package: RunPackage, parameter: str) -> str:
    """The first value of a parameter of TS; '' where it has none."""
    found = next((d for d in trial_datasets(package) if d.name == "TS"), None)
    rows = package.counts("sdtm", found).rows if found is not None else ()
    return next((r["TSVAL"] for r in rows if r.get("TSPARMCD") == parameter), "")
