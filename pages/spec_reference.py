"""Writes docs/spec-reference.md, the reference of the spec language, from the models and the derivations themselves.

``python -m raw2adam.pages.spec_reference FILE`` writes it, with ``--check`` it only compares. Not for the condition
language: docs/expressions.md. It imports all derivations, because it describes them all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ..mappings.models.derivation import DERIVATIONS
from ..mappings.models.record_step import STEPS
from ..mappings.models.source_examples import source_sections
from ..runs import plan_study  # noqa: F401 - registers the derivations of engine/, sdtm/ and adam/
from .page import write_page
from .sections import derivation_section, model_section, step_section

_HEAD = """\
# The spec language

This page is written by `make format` from the models and derivations in the code; change it there. Every example on it
is run by the tests.

A study is a folder: `study.yaml`, one file per dataset under `sdtm/` and `adam/`. YAML is read as text: `Y`, `NO`,
`12:30` and `0012` stay texts. An unknown key is an error with file, line and column. The facts of a standard (label,
type, role, core, codelist, order of variables) come from SDTMIG 3.4, ADaMIG 1.3 and CDISC controlled terminology. A
spec contains them only to override them. `raw2adam lint STUDY` reports all mistakes at once;
`raw2adam schema` prints the JSON Schema of the language for editors.

Contents: [study.yaml](#studyyaml), [dataset files](#dataset-files), [findings.yaml](#findingsyaml),
[rules of variables](#rules-of-variables),
[derivations](#derivations), [steps of a block](#steps-of-a-block), [conventions](#conventions),
[trial design, comments and relations](#trial-design-comments-and-relations),
[subjects enrolled again](#subjects-enrolled-again),
[the data cut-off](#the-data-cut-off), [date formats](#date-formats), [numbers and units](#numbers-and-units),
[visits](#visits), and on separate pages [conditions and formulas](expressions.md) and [raw sources](sources.md).
"""

_RULES = """
## Rules of variables

A rule is a mapping with exactly one verb, such as `{value: YEARS}`; a column's name alone, `AETERM: AE_TERM`, is short
for `{from: AE_TERM}`. `null` removes a variable that a convention or a core list would supply. A name in a rule is, in
this order, a column of the block (of its source, derived by it, or of a joined table), a variable of the same dataset,
which is derived first, or `TABLE.NAME`: a column of a joined table, or of another dataset or source with one row per
subject. Upper and lower case differ.

Every rule may have these arguments:

"""

_EXAMPLES = """
## Derivations

Each with its arguments, the sentence that define.xml and the listing print, and an example. In the examples, a row
without `SUBJ` belongs to subject 01, and other variables that SDTMIG requires are filled with `U`.
"""

_STEPS = """
## Steps of a block

`derive:` of a block in an ADaM dataset has one of these. A step reads the rows that `where:` selects and derives
records with columns; each column is a variable of the dataset, unless the block or the dataset has a rule for it.

In the examples DM has the first dose of each subject on 2024-03-01, which is TRTSDT of ADSL. A row without `SUBJ`
belongs to subject 01, and other variables that SDTMIG requires are filled with `U`.
"""

_CONVENTIONS = """
## Conventions

The rules that a spec need not write. A rule in the spec replaces a convention; `VARIABLE: null` switches it off.

| variable | gets | when |
|---|---|---|
| `STUDYID` | `study: {id: ...}` | always |
| `DOMAIN` | the name of the dataset | the standard's dataset has it |
| `USUBJID` | the template `subject: {usubjid: ...}` | always, except trial design, which has no subjects |
| `SUBJID`, `SITEID` | the identity columns of the source | DM |
| `--SEQ` | 1, 2, 3 ... within the subject, along `sequence:`, else `sort:`, else the keys | SDTM; `ASEQ` in ADaM |
| `TSSEQ` | 1, 2, 3 ... within the parameter | TS |
| `--DY`, `--STDY`, `--ENDY` | study day of `--DTC`, `--STDTC`, `--ENDTC` from `DM.RFSTDTC` | the dataset has the date |
| `EPOCH` | the epoch in which `--STDTC`, else `--DTC` lies | the study has `epochs:` |
| `--STRESN`, `--STRESU` | number and unit of the standard result | `--STRESC` has the rule `standard_result` |
| `--STNRLO`, `--STNRHI`, `--NRIND` | limits in the standard unit, indicator | `--ORNRLO`, `--ORNRHI` have rules too |
| `VISITNUM` | the number of the visit | `VISIT` has the rule `visit`, or another one that names visits of `visits:` |
| `--TEST` | the decode of `--TESTCD` | `--TESTCD` has a rule |
| `--TESTCD`, `--ORRES`, `--ORRESU` | `ITEM`, `RESULT`, `UNIT` | a block has `unpivot:`, and the domain has --TESTCD |
| each variable of `records:` | the value in the record | a block has `records:` or `trial:` |
| core variables of ADSL | the value in ADSL | every other ADaM dataset, by `core:` of ADSL |

A variable that the standard calls Required and that has no rule is an error.
"""

_CONTINUITY = """
## Subjects enrolled again

`subject: {continues: {source: enrol, columns: [PREV_SITE, PREV_SUBJ], primary: "PRIMARY_YN == 'Y'"}}`: an enrolment
with previous identifiers (a transfer to another site, a re-screening) continues that subject. Every row of every source
with the new identifiers has the USUBJID of the first enrolment of the chain; SITEID and SUBJID are those of the
enrolment of the DM record, which `where:` of DM selects. An impossible link is not followed and is an error with file
and row: incomplete identifiers (R2A-CONT-001), an enrolment that continues itself (002), a previous subject without an
enrolment (003), one that continues several (004), several that continue one (005), a circle (006).
With `primary:`, a subject with no or with several primary enrolments is reported (007).
"""

_CUTOFF = """
## The data cut-off

With `study: {cutoff: ...}` or `--cutoff`, SDTM is the same as from raw data that ended on that day; see
[data-cut.md](data-cut.md). A record is excluded if it starts, else was collected, later (`--STDTC`, else `--DTC`; of
DM `RFICDTC`, else `DMDTC`, and with it all records of the subject). A later `--ENDTC` becomes missing, `--ENRTPT`
ONGOING and `--ENTPT` the cut-off date. `cutoff: {by: ..., end: ...}` of a dataset replaces these rules, `cutoff: none`
switches them off. `cutoff: COLUMN` of a source excludes its later rows before any rule reads it. This is needed if a
dataset joins or looks up a raw source, such as deaths for DM. Trial design and ADaM have no cut. Records without a
date, and partial dates that span the cut-off (R2A-CUT-001), remain; `reports/data-cut.csv` lists all changes.
"""

_TRIAL = """
## Trial design, comments and relations

`trial:` of study.yaml declares the plan. `dataset: TA` with `rows: {trial: TA}` has the records of TA; so have TE, TI,
TS, TV (the visits of `visits:` with `starts:`) and SE. The starts of SE and EPOCH come from one calculation, by
`epochs:`; an element that is not the first of its epoch has another `start:`. A summary parameter may be computed over
all subjects: `SSTDTC: {first: DM.RFICDTC}`, `ACTSUB: {count: DM}`. The criteria are a codelist, `IETESTCD`.

A comment on a record: `dataset: CO` with `rows: {from: AE, where: not missing(REMARK)}`, where `REMARK` is a variable
under `working:` of AE, which is not submitted. A relation: `dataset: RELREC` with `rows: [{relate: {datasets: {AE:
AESPID, CM: AENO}, id: AECM}}]`; records of a subject with equal links have one RELID, and a link without a partner is
finding R2A-REL-001.

Text of more than 200 bytes, counted without accents, is split between words and never lost: COVAL continues in COVAL1,
COVAL2, TSVAL in TSVAL1, any other variable in SUPP-- (AETERM in QNAM AETERM1), QVAL in the next QNAM. The parts joined
by a blank are the text again; a part of exactly 200 bytes ends within a word and is joined without a blank. A character
without a plain letter is written as its code point, `[U+5E74]`, with a finding; the lineage has the verbatim text.
"""

_DATES = """
## Date formats

A date text is read only by a declared format: those of the rule (`formats:`), else of the column
(`dates: {columns: {COLUMN: [...]}}`, or `{columns: {COLUMN: {USA: [...]}}}` by the value of `by:`), else of the value
of `by:` (`dates: {by: site.COUNTRY, when: {USA: [...]}}`), else `formats:` of the same `dates:`, else ISO 8601.
`dates:` of a source replaces that of the study as a whole.

| part | reads |
|---|---|
| `yyyy` | a year of four digits |
| `yy` | a year of two digits; it needs `pivot:`, which shows its century |
| `mm` | the month as a number, one or two digits; two where it touches another number |
| `mon` | the name of the month, in full or short, in one of `languages:`, in any case |
| `dd` | the day, as `mm` |
| `doy` | the day of the year, three digits |
| `hh`, `mi`, `ss`, `am`, `tz` | hour, minute, second, AM or PM, offset from UTC |
| `'...'` | exactly this word |
| any other character | itself; of letters only `T` |

[dates.md](dates.md) has all parts, and the formats that count days or seconds.

An unknown part stays unknown: with `unknown: [UN]`, `UN-MAR-2021` by `dd-mon-yyyy` is `2021-03`. A text that no format
reads (R2A-DATE-001) and a day that the calendar does not have (R2A-DATE-002) give an empty variable and a finding with
the text. lint refuses two formats of one set that read a text as different days: `dd/mm/yyyy` and `mm/dd/yyyy` are
never in one set; `by:` chooses between them.
"""


_NUMBERS = """
## Numbers and units

A number is read only by declared marks: those of the column (`numbers: {columns: {COLUMN: ','}}`), else of the value
of `by:` (`numbers: {by: sites.COUNTRY, when: {FRA: ','}}`), else `decimal:` and `thousands:` of the same `numbers:`,
else a point and no thousands. `numbers:` of a source replaces that of the study as a whole. Digits of full width are
read as plain ones and reported (R2A-NUM-002). A text that the marks do not read is no number: `1,25` at a site that
writes points is missing in a numeric variable (R2A-NUM-001), and in --STRESC it stays text (R2A-NUM-003). Numbers of a
spec itself, as in `map:`, are plain decimals.

`parents: [measurements]` has the units of laboratory tests and vital signs: for each --TESTCD the standard unit,
conversions and plausible values, and for each unit its spellings. `measurements:` and `units:` of study.yaml add to
them, change them, or remove one with null. A conversion is exact; one that is not by a power of ten has as many
significant digits as the result was written with, and at least `digits:` (three; five if it needs the volume of 24
hours): 2.38 mmol/L of calcium are 9.54 mg/dL. A result is not converted, and is reported, if its unit is unknown or
no unit of the test (R2A-UNIT-001), missing (R2A-UNIT-003), or needs the volume of 24 hours and has none
(R2A-UNIT-004). A result outside the plausible values is not changed, and is reported with the unit that would explain
it (R2A-UNIT-002).

## Visits

`VISIT: {visit: COLUMN}` finds the visit that has the text as its name or label, in any case of letters; it uses no
windows of dates. A visit with `unscheduled: true` is numbered n.01, n.02 ... by date after the subject's visit n: the
last planned visit on or before the date. These dates come from the sources that `visit_dates:` names, the same for
every dataset, so an unscheduled visit of a subject on a date has one number in all of them. A planned visit is dated by
the first source of the list that dates it, and there by its first day; several days are a finding (R2A-TIE-001).
Unscheduled visits are dated by all of them.
"""


_SOURCES = """
## Other people's files

| keys of a source | what they read |
|---|---|
| `{file: export.xpt, member: AE}` | one dataset of a transport file with several |
| `dictionary: {file: d.csv, separator: ",", encoding: cp1252}` | a REDCap dictionary with its layout |
| `{instrument: ae_log, instrument_labels: {Unwanted events: ae_log}}` | an instrument by its label in a labels export |
| `{file: odm.xml, form: F.AE, rows: form}` | the item groups of a form page in one row |
| `{file: odm.xml, item_group: IG.DM, attributes: [Sex, Why]}` | vendors' attributes; those of items as `ITEM.Why` |
| `split: {BP: "{SYS}/{DIA}"}` | 120/80 as the columns SYS and DIA |
| `extract: {RANGE: '(?P<LOW>[0-9.]+) *- *(?P<HIGH>[0-9.]+)'}` | 0.5 - 1.1 as the columns LOW and HIGH |

`rows: {source: cm, explode: {DRUG: {split: DRUGS, at: ";"}}}` has a record for each part of a cell, with its number in
ITEM; `{split: DRUGS, at: [";", " and "], distinct: true}` has several separators, and equal parts give one
record. `relate: {datasets: {AE: AESPID, CM: AENO}, id: AECM, split: {CM: ","}}` relates a record with the link `1, 2`
to both. More in [sources.md](sources.md).
"""


def reference_page() -> str:
    """The whole page as Markdown."""
    from ..mappings.models.analysis import DisplaySpec
    from ..mappings.models.dataset import DatasetSpec
    from ..mappings.models.derivation import DerivationSpec
    from ..mappings.models.dispositions import DispositionsFile
    from ..mappings.models.study import StudySpec
    from ..validation.quality.check_files import ChecksFile

    parts = [_HEAD, "\n## study.yaml\n\n", *model_section(StudySpec)]
    parts += ["\n## Dataset files\n\n", *model_section(DatasetSpec)]
    parts += ["\n## Analysis files\n\n", *model_section(DisplaySpec)]
    parts += ["\n## findings.yaml\n\n", *model_section(DispositionsFile)]
    parts += ["\n## checks/*.yaml\n\n", *model_section(ChecksFile)]
    parts += [
        _RULES,
        *model_section(DerivationSpec),
        *_derivations(),
        _CONVENTIONS,
        _TRIAL,
        _CONTINUITY,
        _CUTOFF,
        _DATES,
    ]
    parts += [_NUMBERS, _SOURCES, *source_sections()]
    return "\n".join(line.rstrip() for line in "".join(parts).split("\n"))


def _derivations() -> Iterator[str]:
    yield _EXAMPLES
    for verb in sorted(DERIVATIONS):
        yield from derivation_section(DERIVATIONS[verb])
    if STEPS:
        yield _STEPS
    for verb in sorted(STEPS):
        yield from step_section(STEPS[verb])


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.spec_reference", reference_page(), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
