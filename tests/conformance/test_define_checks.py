"""Every check of define.xml: a change of a package without differences, what the check finds, and which others do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from raw2adam.conformance.define_xml.checks import define_checks
from raw2adam.engine.tables.dataset import Dataset

from tests.kit.define_case import ADAM, ADAM_RECORDS, SDTM, SDTM_RECORDS, Records, changed, view

Found = tuple[str, str, str]


@dataclass(frozen=True)
class Case:
    """``changes``: of the text of define.xml. ``records``: (dataset, variable) -> values, None to remove the variable.

    ``finds``: (dataset, variable, value). ``also``: further checks that the same change breaks.
    """

    check: str
    finds: tuple[Found, ...]
    changes: tuple[tuple[str, str], ...] = ()
    records: dict[tuple[str, str], list[Any] | None] = field(default_factory=dict)
    also: frozenset[str] = frozenset()
    adam: bool = False


def case(check: str, *finds: Found, change: Any = (), also: str = "", adam: bool = False, **records: Any) -> Case:
    """``change``: pairs of texts; ``records``: AE_AESEQ=[...] sets the values of AE.AESEQ."""
    pairs = (change,) if change and isinstance(change[0], str) else tuple(change)
    by_name = {tuple(name.split("_", 1)): values for name, values in records.items()}
    return Case(check, finds, pairs, by_name, frozenset(also.split()), adam)  # pyright: ignore[reportArgumentType]


ONE_ITEM = '<ItemDef OID="IT.LOST" Name="LOST" DataType="text" Length="1"/>'
CLAUSE = '<RangeCheck Comparator="EQ" SoftHard="Soft" def:ItemOID="IT.SUPPAE.QNAM"><CheckValue>AEREL2</CheckValue>'
AGE = 'ItemOID="IT.DM.AGE" Mandatory="No" OrderNumber="5"'
AESEQ = 'ItemOID="IT.AE.AESEQ" Mandatory="Yes" KeySequence="3"'
OTHER_CLAUSE = CLAUSE.replace("QNAM", "IDVARVAL").replace("AEREL2", "1")
METHOD_TEXT = '<Description><TranslatedText xml:lang="en">AESTDTC minus the first dose.</TranslatedText></Description>'
SEX_REF = '<CodeListRef CodeListOID="CL.SEX"/>'
EXTENDED = '<EnumeratedItem CodedValue="U" def:ExtendedValue="Yes"/>'

TA_GROUP = SDTM[SDTM.index('<ItemGroupDef OID="IG.TA"') : SDTM.index('<ItemGroupDef OID="IG.DM"')]

CASES = (
    # references
    case("repeated_oids", ("", "", "CL.NY2"), also="schema", change=(
        "</CodeList>\n<MethodDef",
        '</CodeList>\n<CodeList OID="CL.NY2" Name="X" DataType="text" def:IsNonStandard="Yes">'
        '<EnumeratedItem CodedValue="Y"/></CodeList><MethodDef')),
    case("unresolved_items", ("DM", "", "IT.DM.AGES"), also="unused_items", change=(
        'ItemOID="IT.DM.AGE"', 'ItemOID="IT.DM.AGES"')),
    case("unused_items", ("", "", "IT.LOST"), change=("<CodeList OID=\"CL.SEX\"", ONE_ITEM + "<CodeList OID=\"CL.SEX\"")),
    case("unresolved_codelists", ("DM", "SEX", "CL.S"), also="unused_codelists codelists_of_guide", change=(
        'CodeListOID="CL.SEX"', 'CodeListOID="CL.S"')),
    case("unused_codelists", ("", "", "CL.MORE"), change=(
        "</CodeList>\n<MethodDef",
        '</CodeList>\n<CodeList OID="CL.MORE" Name="X" DataType="text" def:IsNonStandard="Yes">'
        '<EnumeratedItem CodedValue="Y"/></CodeList><MethodDef')),
    case("unresolved_methods", ("AE", "AESTDY", "MT.D"), also="unused_methods", change=(
        'MethodOID="MT.DY"', 'MethodOID="MT.D"')),
    case("unused_methods", ("", "", "MT.MORE"), change=(
        '<def:CommentDef', '<MethodDef OID="MT.MORE" Name="M" Type="Computation">' + METHOD_TEXT
        + '</MethodDef><def:CommentDef')),
    case("unresolved_comments", ("DM", "DOMAIN", "COM.D"), also="unused_comments", change=(
        'def:CommentOID="COM.DM"', 'def:CommentOID="COM.D"')),
    case("unused_comments", ("", "", "COM.DM"), change=(' def:CommentOID="COM.DM"', "")),
    case("unresolved_value_lists", ("SUPPAE", "QVAL", "VL.QVAL"), also="unused_value_lists origins_stated",
         change=('ValueListOID="VL.SUPPAE.QVAL"/>', 'ValueListOID="VL.QVAL"/>')),
    case("unused_value_lists", ("", "", "VL.SUPPAE.QVAL"), change=(
        '<def:ValueListRef ValueListOID="VL.SUPPAE.QVAL"/>', '<def:Origin Type="Assigned" Source="Sponsor"/>')),
    case("unresolved_clauses", ("", "AEREL2", "WC.R"), also="unused_clauses", change=(
        'WhereClauseOID="WC.REL"', 'WhereClauseOID="WC.R"')),
    case("unused_clauses", ("", "", "WC.MORE"), change=(
        '<def:WhereClauseDef OID="WC.DOSE">',
        f'<def:WhereClauseDef OID="WC.MORE">{OTHER_CLAUSE}</RangeCheck></def:WhereClauseDef><def:WhereClauseDef OID="WC.DOSE">')),
    case("unresolved_conditions", ("", "", "IT.AE.QNAM"), also="", change=(
        CLAUSE, CLAUSE.replace("SUPPAE.QNAM", "AE.QNAM"))),
    case("unresolved_leaves", ("DM", "SEX", "LF.c"), also="", change=(
        'Sex</TranslatedText></Description><CodeListRef CodeListOID="CL.SEX"/><def:Origin Type="Collected" '
        'Source="Investigator"><def:DocumentRef leafID="LF.crf">',
        'Sex</TranslatedText></Description><CodeListRef CodeListOID="CL.SEX"/><def:Origin Type="Collected" '
        'Source="Investigator"><def:DocumentRef leafID="LF.c">')),
    case("unused_documents", ("", "", "LF.more"), change=(
        '<def:leaf ID="LF.crf"', '<def:leaf ID="LF.more" xlink:href="a.pdf"><def:title>A</def:title></def:leaf>'
        '<def:leaf ID="LF.crf"')),
    case("unresolved_standards", ("", "", "ST.C"), also="", change=(
        'OID="CL.SEX" Name="Sex" DataType="text" def:StandardOID="ST.CT"',
        'OID="CL.SEX" Name="Sex" DataType="text" def:StandardOID="ST.C"')),
    # structure
    case("standard_versions", ("", "", "9.9"), change=('Version="3.4"', 'Version="9.9"')),
    case("schema", ("DM", "", "IG.DM"), change=(AGE, AGE.replace('"No"', '"Maybe"'))),
    case("repeated_datasets", ("TA", "", "TA"), change=(TA_GROUP, TA_GROUP + TA_GROUP.replace(".TA\"", ".TA2\""))),
    case("repeated_variables", ("DM", "AGE", "AGE"), change=(
        f"<ItemRef {AGE}/>", f'<ItemRef {AGE}/><ItemRef ItemOID="IT.DM.AGE" Mandatory="No" OrderNumber="6"/>'),
        also="schema"),
    case("order_numbers", ("DM", "AGE", "4"), ("DM", "SEX", "4"), also="schema", change=(
        AGE, AGE.replace('"5"', '"4"'))),
    case("order_numbers", ("DM", "AGE", ""), also="variable_order", change=(AGE, AGE.replace(' OrderNumber="5"', ""))),
    case("key_numbers", ("AE", "", "1, 2, 4"), change=(AESEQ, AESEQ.replace('"3"', '"4"'))),
    case("keys_stated", ("TA", "", ""), change=(
        ('IT.TA.STUDYID" Mandatory="Yes" KeySequence="1"', 'IT.TA.STUDYID" Mandatory="Yes"'),
        ('IT.TA.ARMCD" Mandatory="Yes" KeySequence="2"', 'IT.TA.ARMCD" Mandatory="Yes"'))),
    case("dataset_labels", ("DM", "", ""), also="", change=(
        '<Description><TranslatedText xml:lang="en">Demographics</TranslatedText></Description>', "")),
    case("variable_labels", ("DM", "AGE", ""), change=(
        '<Description><TranslatedText xml:lang="en">Age</TranslatedText></Description>', "")),
    case("label_lengths", ("DM", "AGE", "Age" * 14), also="labels_of_guide", change=(">Age<", f">{'Age' * 14}<")),
    case("names_of_sas", ("DM", "AGE", "AGES"), change=('SASFieldName="AGE"', 'SASFieldName="AGES"')),
    case("names_of_sas", ("TA", "armcd", "armcd"), change=(
        'Name="ARMCD" SASFieldName="ARMCD"', 'Name="armcd" SASFieldName="armcd"')),
    case("data_types", ("DM", "AGE", "number"), also="schema digits_stated equal_kinds", change=(
        'SASFieldName="AGE" DataType="float"', 'SASFieldName="AGE" DataType="number"')),
    case("lengths_stated", ("DM", "SEX", ""), change=(
        'SASFieldName="SEX" DataType="text" Length="1"', 'SASFieldName="SEX" DataType="text"')),
    case("lengths_of_dates", ("AE", "AESTDTC", "10"), change=(
        'SASFieldName="AESTDTC" DataType="date"', 'SASFieldName="AESTDTC" DataType="date" Length="10"')),
    case("digits_stated", ("DM", "AGE", ""), change=(
        'SASFieldName="AGE" DataType="float" Length="3" SignificantDigits="1"',
        'SASFieldName="AGE" DataType="float" Length="3"')),
    case("structures_stated", ("DM", "", ""), also="", change=(
        'Purpose="Tabulation" def:Structure="One record per subject"', 'Purpose="Tabulation" def:Structure=" "')),
    case("class_terms", ("AE", "", "EVENT"), also="schema classes_of_domains", change=(
        'Class Name="EVENTS"', 'Class Name="EVENT"')),
    case("classes_of_domains", ("AE", "", "FINDINGS"), change=('Class Name="EVENTS"', 'Class Name="FINDINGS"')),
    case("classes_of_domains", ("ADSL", "", "FINDINGS"), adam=True, change=(
        'Class Name="SUBJECT LEVEL ANALYSIS DATASET"', 'Class Name="FINDINGS"')),
    case("purposes", ("TA", "", "Analysis"), change=(
        'IsReferenceData="Yes" Purpose="Tabulation"', 'IsReferenceData="Yes" Purpose="Analysis"')),
    case("standards_named", ("", "", "SDTM"), also="schema", change=(
        'Name="SDTMIG" Type="IG"', 'Name="SDTM" Type="IG"')),
    case("dataset_standards", ("AE", "", ""), change=(
        'def:Structure="One record per event" def:StandardOID="ST.IG"', 'def:Structure="One record per event"')),
    case("mandatory_of_core", ("AE", "AESEQ", ""), change=(AESEQ, AESEQ.replace('"Yes"', '"No"'))),
    case("labels_of_guide", ("DM", "AGE", "Age of subject"), change=(">Age<", ">Age of subject<")),
    case("roles_of_guide", ("AE", "AESER", "Topic"), change=(
        'ItemOID="IT.AE.AESER" Mandatory="No"', 'ItemOID="IT.AE.AESER" Mandatory="No" Role="Topic"')),
    case("methods_described", ("", "", "Study day"), also="schema", change=(METHOD_TEXT, "")),
    case("methods_described", ("", "", "Derivation"), also="schema", change=(
        'Name="Study day" Type="Computation"', 'Name="Study day" Type="Derivation"')),
    case("comments_described", ("", "", ""), change=("One record per subject.</Tr", "</Tr"), also=""),
    # origins
    case("origins_stated", ("AE", "AESEQ", ""), change=(
        'Sequence Number</TranslatedText></Description><def:Origin Type="Assigned" Source="Sponsor"/>',
        'Sequence Number</TranslatedText></Description>')),
    case("origin_terms", ("TA", "ARMCD", "Vendor"), change=(
        'Planned Arm Code</TranslatedText></Description><def:Origin Type="Protocol" Source="Sponsor"/>',
        'Planned Arm Code</TranslatedText></Description><def:Origin Type="Protocol" Source="Vendor"/>')),
    case("origin_terms", ("TA", "ARMCD", "CRF"), also="schema crf_pages", change=(
        'Planned Arm Code</TranslatedText></Description><def:Origin Type="Protocol" Source="Sponsor"/>',
        'Planned Arm Code</TranslatedText></Description><def:Origin Type="CRF" Source="Sponsor"/>')),
    case("derived_methods", ("AE", "AESTDY", ""), also="unused_methods", change=(' MethodOID="MT.DY"', "")),
    case("predecessors_named", ("ADSL", "AGE", "age of DM"), adam=True, change=("DM.AGE", "age of DM")),
    case("predecessors_found", ("ADSL", "AGE", "DM.AGES"), adam=True, change=("DM.AGE", "DM.AGES")),
    case("predecessors_found", ("ADSL", "AGE", "ADSL.SAFFL"), adam=True, change=("DM.AGE", "ADSL.SAFFL")),
    case("crf_pages", ("AE", "AESTDTC", "Investigator"), change=(
        'Start Date/Time of Adverse Event</TranslatedText></Description><def:Origin Type="Collected" '
        'Source="Investigator"><def:DocumentRef leafID="LF.crf"><def:PDFPageRef PageRefs="3" Type="PhysicalRef"/>'
        '</def:DocumentRef></def:Origin>',
        'Start Date/Time of Adverse Event</TranslatedText></Description><def:Origin Type="Collected" '
        'Source="Investigator"/>')),
    case("crf_document", ("", "", ""), change=(
        '<def:AnnotatedCRF><def:DocumentRef leafID="LF.crf"/></def:AnnotatedCRF>', "")),
    case("names_in_methods", ("", "", ""), change=(
        "AESTDTC minus the first dose.", "Days from AESTDTX to the first dose.")),
    # against the records
    case("dataset_files", ("XX", "", "suppae.xpt"), change=(
        'Name="SUPPAE" SASDatasetName="SUPPAE"', 'Name="XX" SASDatasetName="XX"'), also="undescribed_datasets",
    ),
    case("dataset_leaves", ("DM", "", "LF.D"), also="unresolved_leaves", change=(
        'def:ArchiveLocationID="LF.DM"', 'def:ArchiveLocationID="LF.D"')),
    case("file_names", ("DM", "", "demo.xpt"), change=('xlink:href="dm.xpt"', 'xlink:href="demo.xpt"')),
    case("undescribed_variables", ("DM", "ARM", ""), DM_ARM=["A", "A"]),
    case("missing_variables", ("DM", "AGE", ""), DM_AGE=None),
    case("variable_order", ("DM", "AGE", ""), change=(
        ('IT.DM.SEX" Mandatory="Yes" OrderNumber="4"', 'IT.DM.SEX" Mandatory="Yes" OrderNumber="6"'))),
    case("equal_labels", ("DM", "", "Subjects"), also="", change=(">Demographics<", ">Subjects<")),
    case("equal_kinds", ("DM", "AGE", "float"), DM_AGE=["40.5", "50"]),
    case("empty_variables", ("DM", "AGE", ""), DM_AGE=[float("nan")] * 2),
    case("empty_variables", ("DM", "AGE", ""), change=(AGE, f'{AGE} def:HasNoData="Yes"')),
    case("empty_datasets", ("DM", "", ""), change=(
        'Name="DM" SASDatasetName="DM"', 'Name="DM" SASDatasetName="DM" def:HasNoData="Yes"')),
    case("mandatory_values", ("AE", "AETERM", ""), AE_AETERM=["fever", "", "rash"]),
    case("unique_keys", ("AE", "", "STUDYID, USUBJID, AESEQ"), AE_AESEQ=[1, 1, 1]),
    case("sorted_keys", ("AE", "", "STUDYID, USUBJID, AESEQ"), AE_AESEQ=[2, 1, 1]),
    case("repeating_subjects", ("DM", "", ""), DM_USUBJID=["1", "1"], also="unique_keys"),
    case("reference_data", ("DM", "", ""), change=(
        'Repeating="No" IsReferenceData="No"', 'Repeating="No" IsReferenceData="Yes"')),
    case("domain_values", ("DM", "DOMAIN", "XX"), DM_DOMAIN=["DM", "XX"]),
    case("study_values", ("", "STUDYID", "S2"), DM_STUDYID=["S1", "S2"], also=""),
    # values
    case("lengths_suffice", ("AE", "AETERM", "5"), AE_AETERM=["fevers", "rash", "rash"]),
    case("lengths_suffice", ("AE", "AESTDY", "2"), AE_AESTDY=[1, 2, 100]),
    case("types_of_values", ("AE", "AESTDTC", "date"), AE_AESTDTC=["2025-01", "2025-01-03", "2025-01-04"]),
    case("types_of_values", ("AE", "AESTDY", "integer"), AE_AESTDY=[1, 2, 1.5]),
    case("digits_suffice", ("DM", "AGE", "1"), DM_AGE=[40.25, 50]),
    # codelists
    case("values_in_codelists", ("AE", "AESER", "U"), AE_AESER=["U", "Y", "N"]),
    case("unused_terms", ("", "", "F"), DM_SEX=["M", "M"]),
    case("empty_codelists", ("", "", ""), also="schema", change=(
        'def:IsNonStandard="Yes"><EnumeratedItem CodedValue="Y"/></CodeList>', 'def:IsNonStandard="Yes"></CodeList>')),
    case("repeated_terms", ("", "", "AEREL2"), also="schema", change=(
        '<EnumeratedItem CodedValue="AEREL2"/>', '<EnumeratedItem CodedValue="AEREL2"/>' * 2)),
    case("decodes", ("", "", "F"), ("", "", "M"), change=(">Female<", ">Male<")),
    case("dictionary_versions", ("", "", "MedDRA"), change=(' Version="28.0"', "")),
    case("codelist_types", ("DM", "SEX", "text"), ("", "", "F"), ("", "", "M"), change=(
        'Name="Sex" DataType="text"', 'Name="Sex" DataType="integer"')),
    case("published_codes", ("", "", "M"), change=("C20197", "C20198")),
    case("extended_terms", ("", "", "M"), change=(
        'CodedValue="M"', 'CodedValue="M" def:ExtendedValue="Yes"')),
    case("extended_terms", ("", "", "M"), change=('<Alias Context="nci:ExtCodeID" Name="C20197"/>', "")),
    case("closed_codelists", ("", "", "X"), also="unused_terms", change=(
        '<EnumeratedItem CodedValue="N"><Alias', '<EnumeratedItem CodedValue="X" def:ExtendedValue="Yes"/>'
        '<EnumeratedItem CodedValue="N"><Alias')),
    case("codelist_standards", ("", "", "C66731"), change=(
        'OID="CL.SEX" Name="Sex" DataType="text" def:StandardOID="ST.CT"', 'OID="CL.SEX" Name="Sex" DataType="text"')),
    case("codelists_of_guide", ("AE", "AESER", "C66731"), also="unused_codelists values_in_codelists",
         change=('CodeListOID="CL.NY"', 'CodeListOID="CL.SEX"')),
    # value level
    case("conditions_run", ("", "", "AEREL2"), also="schema", change=(
        CLAUSE, CLAUSE.replace('"EQ"', '"IS"'))),
    case("conditions_run", ("", "", "AEREL2, DOSEAE"), change=(CLAUSE, f"{CLAUSE}<CheckValue>DOSEAE</CheckValue>")),
    case("records_covered", ("SUPPAE", "QVAL", ""), also="definitions_used condition_terms", change=(
        ">AEREL2</CheckValue>", ">OTHER</CheckValue>")),
    case("definitions_apart", ("SUPPAE", "QVAL", ""), also="level_types", change=(
        "<CheckValue>DOSEAE<", "<CheckValue>AEREL2</CheckValue><CheckValue>DOSEAE<")),
    case("definitions_used", ("SUPPAE", "QVAL", ""), also="unused_terms", SUPPAE_QNAM=["AEREL2", "AEREL2"],
         SUPPAE_QVAL=["Y", "Y"]),
    case("empty_definitions", ("SUPPAE", "QVAL", ""), change=(
        'ItemOID="IT.SUPPAE.QVAL.DOSEAE" Mandatory="No"',
        'ItemOID="IT.SUPPAE.QVAL.DOSEAE" Mandatory="No" def:HasNoData="Yes"')),
    case("level_types", ("SUPPAE", "QVAL", "float"), SUPPAE_QVAL=["Y", "high"]),
    case("level_lengths", ("SUPPAE", "QVAL", "3"), SUPPAE_QVAL=["Y", "1234"]),
    case("level_digits", ("SUPPAE", "QVAL", "1"), SUPPAE_QVAL=["Y", "1.25"]),
    case("level_terms", ("SUPPAE", "QVAL", "N"), also="unused_terms", SUPPAE_QVAL=["N", "12.5"]),
    case("condition_terms", ("SUPPAE", "", "MORE"), change=(
        "<CheckValue>DOSEAE<", "<CheckValue>MORE</CheckValue><CheckValue>DOSEAE<")),
    # analyses
    case("analysis_datasets", ("", "", "IG.A"), adam=True, change=(
        'ItemGroupOID="IG.ADSL"', 'ItemGroupOID="IG.A"')),
    case("analysis_variables", ("ADSL", "", "IT.A"), adam=True, also="", change=(
        'AnalysisVariable ItemOID="IT.ADSL.AGE"', 'AnalysisVariable ItemOID="IT.A"')),
    case("analysis_parameters", ("", "", "IT.A"), adam=True, change=(
        'ParameterOID="IT.ADSL.AGE"', 'ParameterOID="IT.A"')),
    case("analysis_terms", ("", "", "SAP"), adam=True, change=("SPECIFIED IN SAP", "SAP")),
    case("analysis_texts", ("", "", ""), adam=True, also="schema", change=(
        '<Description><TranslatedText xml:lang="en">Mean age</TranslatedText></Description>', "")),
    case("analysis_documentation", ("", "", ""), adam=True, change=(
        ('<arm:Documentation><Description><TranslatedText xml:lang="en">The mean.</TranslatedText></Description>'
         '</arm:Documentation><arm:ProgrammingCode Context="SAS 9.4"><arm:Code>proc means;</arm:Code>'
         '</arm:ProgrammingCode>'), "")),
    case("analysis_programs", ("", "", ""), adam=True, change=(' Context="SAS 9.4"', "")),
)  # fmt: skip


def _batches() -> list[list[Case]]:
    """Cases that do not touch each other share a package, because every package runs all checks."""
    batches: list[list[Case]] = []
    for one in CASES:
        alone = one.check in ALONE
        fits = (b for b in batches if not alone and b[0].adam == one.adam and len(b) < 12 and _fits(b, one))
        batch = next(fits, None)
        if batch is None:
            batches.append([one])
        else:
            batch.append(one)
    return batches


#: cases whose change other checks would see beside the changes of others
ALONE = {
    "schema", "conditions_run", "analysis_datasets", "missing_variables", "names_of_sas", "codelists_of_guide",
    "records_covered", "definitions_apart",
}  # fmt: skip


def _fits(batch: list[Case], one: Case) -> bool:
    broken = {c.check for c in batch}.union(*(c.also for c in batch))
    datasets = {dataset for c in batch for dataset, _ in c.records}
    if broken & {one.check, *one.also, *ALONE} or datasets & {dataset for dataset, _ in one.records}:
        return False
    try:
        changed(ADAM if one.adam else SDTM, *(pair for c in (*batch, one) for pair in c.changes))
    except AssertionError:
        return False
    return True


def _records(batch: list[Case]) -> Records:
    known = ADAM_RECORDS if batch[0].adam else SDTM_RECORDS
    found = {n: (label, dict(columns)) for n, (label, columns) in known.items()}
    for (dataset, variable), values in (item for one in batch for item in one.records.items()):
        if values is None:
            del found[dataset][1][variable]
        else:
            found[dataset][1][variable] = values
    return found


def _all(package: Any) -> dict[str, list[Found]]:
    """Check -> what it finds, of the checks that apply and find something."""
    found = {}
    for name, check in define_checks().items():
        if not check.not_applicable(package):
            problems = sorted((p.dataset, p.variable, p.value) for p in check.found(package))
            if problems:
                found[name] = problems
    return found


def test_the_packages_have_no_difference() -> None:
    assert _all(view(SDTM, SDTM_RECORDS)) == {}
    assert _all(view(ADAM, ADAM_RECORDS, "adam", SDTM)) == {}


@pytest.mark.parametrize("batch", _batches(), ids=lambda b: b[0].check)
def test_each_check_finds_its_change_and_no_other(batch: list[Case]) -> None:
    adam = batch[0].adam
    xml = changed(ADAM if adam else SDTM, *(pair for one in batch for pair in one.changes))
    package = view(xml, _records(batch), "adam" if adam else "sdtm", SDTM if adam else "")
    found = _all(package)
    assert {one.check: found.pop(one.check, []) for one in batch} == {one.check: sorted(one.finds) for one in batch}
    assert set(found) == set().union(*(one.also for one in batch))


#: checks whose case needs a folder, or datasets that define.xml does not have
ELSEWHERE = {"document_files", "lengths_of_files", "undescribed_datasets"}


def test_every_check_has_a_case() -> None:
    assert {c.check for c in CASES} | ELSEWHERE == set(define_checks())


def test_documents_and_widths_of_files(tmp_path) -> None:
    from dataclasses import replace

    package = view(SDTM, SDTM_RECORDS, folder=tmp_path)
    checks = define_checks()
    assert [(p.value, p.message) for p in checks["document_files"].found(package)] == [
        ("acrf.pdf", "the document is not there")
    ]
    (tmp_path / "acrf.pdf").write_bytes(b"x")
    assert not list(checks["document_files"].found(package))
    dm = package.datasets["DM"]
    wide = replace(dm.metadata, variables=tuple(replace(v, length=9) for v in dm.metadata.variables))
    package = replace(package, datasets={"DM": Dataset(wide, dm.frame)})
    assert [(p.variable, p.value) for p in checks["lengths_of_files"].found(package)] == [
        ("STUDYID", "2"), ("DOMAIN", "2"), ("USUBJID", "1"), ("SEX", "1")
    ]  # fmt: skip


def test_a_dataset_that_define_does_not_describe() -> None:
    records = {**SDTM_RECORDS, "XX": ("More", {"STUDYID": ["S1"]})}
    assert _all(view(SDTM, records)) == {"undescribed_datasets": [("XX", "", "xx.xpt")]}


def test_a_definition_without_data_has_no_records() -> None:
    """def:HasNoData marks a qualifier that no record has."""
    records = _records(
        [Case("", (), records={("SUPPAE", "QNAM"): ["AEREL2", "AEREL2"], ("SUPPAE", "QVAL"): ["Y", "Y"]})]
    )
    check = define_checks()["definitions_used"]
    assert len(list(check.found(view(SDTM, records)))) == 1
    of_dose = 'ItemRef ItemOID="IT.SUPPAE.QVAL.DOSEAE"'
    marked = changed(SDTM, (of_dose, f'{of_dose} def:HasNoData="Yes"'))
    assert not list(check.found(view(marked, records)))


def test_what_is_left_over_follows_from_the_dataset_that_is_not_described() -> None:
    whole = SDTM[SDTM.index('<ItemGroupDef OID="IG.DM"') : SDTM.index('<ItemGroupDef OID="IG.AE"')]
    found = _all(view(SDTM.replace(whole, ""), SDTM_RECORDS))
    assert found == {
        "undescribed_datasets": [("DM", "", "dm.xpt")],
        "unused_items": [("DM", "", "IT.DM.AGE, IT.DM.DOMAIN, IT.DM.SEX, IT.DM.STUDYID, IT.DM.USUBJID")],
    }
