"""What each file of an output folder is for, as the front page lists it. Not for writing a file."""

from __future__ import annotations

from pathlib import PurePosixPath

from ...transport.output_formats import OUTPUT_FORMATS

#: path -> what it has; manifest.json is written after the front page
FILES = {
    "manifest.json": "sha256 of every input, spec and output; versions; counts",
    "sdtm/define.xml": "Define-XML of the SDTM datasets",
    "sdtm/define.html": "the same as a page",
    "sdtm/define2-1.xsl": "stylesheet of CDISC, which define.xml names",
    "adam/define.xml": "Define-XML of the ADaM datasets",
    "adam/define.html": "the same as a page",
    "adam/define2-1.xsl": "stylesheet of CDISC, which define.xml names",
    "reports/csdrg.docx": "draft of the reviewer's guide to SDTM, to finish in Word",
    "reports/csdrg.html": "the same as a page",
    "reports/adrg.docx": "draft of the reviewer's guide to ADaM, to finish in Word",
    "reports/adrg.html": "the same as a page",
    "reports/objectives.html": "results of the analyses: headline numbers, figures, tables, subjects of each number",
    "reports/analyses.json": "the same, for programs",
    "reports/findings.html": "every finding, with a search, filters and pictures",
    "reports/changes.html": "new, recurring and resolved findings, beside the output of --compare",
    "reports/findings.csv": "all findings, for spreadsheets",
    "reports/findings.json": "all findings, for programs",
    "reports/findings.xlsx": "all findings, as a workbook",
    "reports/accounting.html": "the outcome of every row, column and cell",
    "reports/accounting.json": "the same, for programs",
    "reports/queries.xlsx": "questions to the sites, as a workbook",
    "reports/queries.json": "the same, for programs",
    "reports/phrases.csv": "phrases of the queries that have no translation yet",
    "reports/quality.html": "results of the data quality checks",
    "reports/data-cut.csv": "records that the data cut-off excludes or cannot decide",
    "reports/translations.csv": "texts that have no translation yet",
    "reports/define-texts.csv": "texts of define.xml that are in English only",
    "reports/response-agreement.html": "response of the investigator against the algorithm",
    "reports/response-agreement.json": "the same, for programs",
    "reports/package.html": "files of the package, with checksums and the pre-check of the agency",
    "reports/package.json": "the same, for programs",
    "m5-md5.txt": "MD5 of every file of the package, for md5sum -c",
    "m5-sha256.txt": "SHA-256 of every file of the package, for sha256sum -c",
    "lineage/rules.json": "the rule of each variable, for trace",
}
#: folder -> what each further file in it has
_FOLDERS = {
    "reports/analyses": "one analysis: table as CSV and RTF, figure as SVG and PNG",
    "reports/queries": "questions to the sites of one country",
    "quarantine": "rows without a subject, to correct",
    "lineage": "the source row of each record, for trace",
    "lineage/raw": "the raw cells as text, for trace",
    "adam/programs": "rules of a dataset in words, R and SAS",
    "misc": "file that is neither tabulation nor analysis",
}
#: suffix -> what a file has
_SUFFIXES = {
    **{form.suffix: f"dataset, {form.listed or form.title}" for form in OUTPUT_FORMATS},
    ".pdf": "document that define.xml names",
}


def described(path: str) -> str:
    """What the file at ``path`` of the output folder has; '' where that is not known."""
    pure = PurePosixPath(path)
    if pure.parent.as_posix() == "reports" and pure.name.startswith("coding_"):
        return "terms that have no code yet"
    return FILES.get(path) or _FOLDERS.get(pure.parent.as_posix()) or _SUFFIXES.get(pure.suffix, "")
