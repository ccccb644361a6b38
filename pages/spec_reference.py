"""Writes docs/spec-reference.md, the reference of the spec language, from the models and the derivations themselves.

``python -m raw2adam.pages.spec_reference FILE`` writes it, with ``--check`` it only compares. Not for the condition
language: docs/expressions.md. It stands above all derivations, because it has to know them all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ..mappings.models.derivation import DERIVATIONS
from ..mappings.models.record_step import STEPS
from ..mappings.models.source_examples import source_sections
from ..runs import plan_study  # noqa: F401 - makes the derivations of engine/, sdtm/ and adam/ known
from .page import write_page
from .sections import derivation_section, model_section, step_section

_HEAD = """\
# The spec language

This page is written by `make format` from the models and derivations in the code; change it there. Every example on it
is run by the tests.

A study is a folder: `study.yaml`, one file per dataset under `sdtm/` and `adam/`. YAML is read as text: `Y`, `NO`,
`12:30` and `0012` stay what they are. An unknown key is an error with file, line and column. What a standard says
(label, type, role, core, codelist, order of variables) comes from SDTMIG 3.4, ADaMIG 1.3 and CDISC controlled
terminology, and is written in a spec only to override it. `raw2adam lint STUDY` reports all mistakes at once;
`raw2adam schema` prints the JSON Schema of the language for editors.

Contents: [study.yaml](#studyyaml), [dataset files](#dataset-files), [rules of variables](#rules-of-variables),
[derivations](#derivations), [steps of a block](#steps-of-a-block), [conventions](#conventions),
[trial design, comments and relations](#trial-design-comments-and-relations),
[subjects enrolled again](#subjects-enrolled-again),
[the data cut-off](#the-data-cut-off), [date formats](#date-formats), [numbers and units](#numbers-and-units),
[visits](#visits), and on pages of their own [conditions and formulas](expressions.md) and [raw sources](sources.md).
"""

_RULES = """
## Rules of variables

A rule is a mapping with exactly one verb, such as `{value: YEARS}`; a column's name alone, `AETERM: AE_TERM`, is short
for `{from: AE_TERM}`. `null` takes a variable out that a convention or a core list would supply. A name in a rule is,
in this order, a column of the block (of its source, made by it, or of a joined table), a variable of the same dataset,
which is derived first, or `TABLE.NAME`: a column of a joined table, or of another dataset or source with one row per
subject. Upper and lower case differ.

Every rule may say, beside its own arguments:

"""

_EXAMPLES = """
## Derivations

Each with its arguments, the sentence that define.xml and the listing print, and an example. In the examples, a row
without `SUBJ` belongs to subject 01, and what SDTMIG requires beyond the lines shown is filled with `U`.
"""

_STEPS = """
## Steps of a block

`derive:` of a block in an ADaM dataset has one of these. A step sees the rows that `where:` leaves and gives records
with columns; each column is a variable of the dataset, unless the block or the dataset has a rule for it.
"""

_CONVENTIONS = """
## Conventions

What a spec does not write, and what it gets. A rule in the spec replaces a convention; `VARIABLE: null` switches it
off.

| variable | gets | when |
|---|---|---|
| `STUDYID` | `study: {id: ...}` | always |
| `DOMAIN` | the name of the dataset | the standard's dataset has it |
| `USUBJID` | the template `subject: {usubjid: ...}` | always, but for trial design, which is of no subject |
| `SUBJID`, `SITEID` | the identity columns of the source | DM |
| `--SEQ` | 1, 2, 3 ... within the subject, along `sequence:`, else `sort:`, else the keys | SDTM; `ASEQ` in ADaM |
| `TSSEQ` | 1, 2, 3 ... within the parameter | TS |
| `--DY`, `--STDY`, `--ENDY` | study day of `--DTC`, `--STDTC`, `--ENDTC` from `DM.RFSTDTC` | the dataset has the date |
| `EPOCH` | the epoch in which `--STDTC`, else `--DTC` lies | the study has `epochs:` |
| `--STRESN`, `--STRESU` | number and unit of the standard result | `--STRESC` has the rule `standard_result` |
| `--STNRLO`, `--STNRHI`, `--NRIND` | limits in the standard unit, indicator | `--ORNRLO`, `--ORNRHI` have rules too |
| `VISITNUM` | the number of the visit | `VISIT` has the rule `visit` |
| `--TEST` | the decode of `--TESTCD` | `--TESTCD` has a rule |
| `--TESTCD`, `--ORRES`, `--ORRESU` | `ITEM`, `RESULT`, `UNIT` | a block has `unpivot:` |
| each variable of `records:` | the value in the record | a block has `records:` or `trial:` |
| core variables of ADSL | the value in ADSL | every other ADaM dataset, by `core:` of ADSL |

A variable that the standard calls Required and that has no rule is an error.
"""

_CONTINUITY = """
## Subjects enrolled again

`subject: {continues: {source: enrol, columns: [PREV_SITE, PREV_SUBJ], primary: "PRIMARY_YN == 'Y'"}}`: an enrolment
with previous identifiers (a transfer to another site, a re-screening) continues that subject. Every row of every source
under the new identifiers gets the USUBJID that the chain of enrolments began with; SITEID and SUBJID are those of the
enrolment that makes the DM record, chosen by `where:` of DM. A link that cannot be right is not followed, and is an
error with file and row: incomplete identifiers (R2A-CONT-001), an enrolment that continues itself (002), a previous
subject that has no enrolment (003), one that continues several (004), several that continue one (005), a circle (006).
With `primary:`, a subject with no or with several primary enrolments is reported (007).
"""

_CUTOFF = """
## The data cut-off

With `study: {cutoff: ...}` or `--cutoff`, SDTM is what raw data that ended on that day would give; see
[data-cut.md](data-cut.md). A record leaves when it starts, else was collected, later (`--STDTC`, else `--DTC`; of DM
`RFICDTC`, else `DMDTC`, and with it all of the subject); a later `--ENDTC` becomes missing, `--ENRTPT` ONGOING and
`--ENTPT` the cut-off date. `cutoff: {by: ..., end: ...}` of a dataset says otherwise, `cutoff: none` leaves it alone.
`cutoff: COLUMN` of a source takes its later rows away before anything reads it: needed where a dataset joins or looks
up a raw source, as DM does with deaths. Trial design and ADaM are never cut by themselves. Records without a date, and
partial dates that span the cut-off (R2A-CUT-001), stay; `reports/data-cut.csv` lists all of it.
"""

_TRIAL = """
## Trial design, comments and relations

`trial:` of study.yaml says what was planned. `dataset: TA` with `rows: {trial: TA}` makes its records, so do TE, TI,
TS, TV (the visits of `visits:` that have `starts:`) and SE. The starts of SE and EPOCH come from one calculation, of
`epochs:`; an element that is not the first of its epoch has a `start:` of its own. A summary parameter may be computed
over all subjects: `SSTDTC: {first: DM.RFICDTC}`, `ACTSUB: {count: DM}`. The criteria are a codelist, `IETESTCD`.

A comment on a record: `dataset: CO` with `rows: {from: AE, where: not missing(REMARK)}`, where `REMARK` is a variable
under `working:` of AE, which is not submitted. A relation: `dataset: RELREC` with `rows: [{relate: {datasets: {AE:
AESPID, CM: AENO}, id: AECM}}]`; records of a subject with equal links have one RELID, and a link without a partner is
finding R2A-REL-001.

Text of more than 200 bytes, counted after accents are gone, is split between words and never lost: COVAL goes on in
COVAL1, COVAL2, TSVAL in TSVAL1, any other variable in SUPP-- (AETERM in QNAM AETERM1), QVAL in the next QNAM. The parts
joined by a blank are the text again; a part of exactly 200 bytes ends within a word and is joined without one. What has
no plain letter is written as its code point, `[U+5E74]`, with a finding; its verbatim text is in the lineage.
"""

_DATES = """
## Date formats

A date text is read only by a declared format: those of the rule (`formats:`), else of the column
(`dates: {columns: {COLUMN: [...]}}`, or `{columns: {COLUMN: {USA: [...]}}}` by the value of `by:`), else of the value
of `by:` (`dates: {by: site.COUNTRY, when: {USA: [...]}}`), else `formats:` of the same `dates:`, else ISO 8601.
`dates:` of a source replaces that of the study as a whole.

| part | reads |
|---|---|
| `yyyy` | a year of four digits; there is no `yy`, which does not show its century |
| `mm` | the month as a number, one or two digits; two where it touches another number |
| `mon` | the English name of the month or its first three letters, in any case |
| `dd` | the day, as `mm` |
| `hh`, `mi`, `ss` | hour, minute, second |
| any other character | itself; of letters only `T` |

An unknown part stays unknown: with `unknown: [UN]`, `UN-MAR-2021` by `dd-mon-yyyy` is `2021-03`. A text that no format
reads (R2A-DATE-001) and a day that the calendar does not have (R2A-DATE-002) leave the variable empty, and the text is
in the finding. Two formats of one set that read a text as different days are refused by lint: `dd/mm/yyyy` and
`mm/dd/yyyy` never stand together; `by:` chooses between them.
"""


_NUMBERS = """
## Numbers and units

A number is read only by declared marks: those of the column (`numbers: {columns: {COLUMN: ','}}`), else of the value
of `by:` (`numbers: {by: sites.COUNTRY, when: {FRA: ','}}`), else `decimal:` and `thousands:` of the same `numbers:`,
else a point and no thousands. `numbers:` of a source replaces that of the study as a whole. Digits of full width are
read as plain ones and told (R2A-NUM-002). A text that the marks do not read is no number: `1,25` at a site that
writes points stays out of a numeric variable (R2A-NUM-001), and in --STRESC it stays text (R2A-NUM-003). What a spec
itself gives, as in `map:`, is plain decimals.

`parents: [measurements]` brings the units of laboratory tests and vital signs: for each --TESTCD the standard unit,
conversions and plausible values, and for each unit how it is written. `measurements:` and `units:` of study.yaml add
to them, change them, or take one away with null. A conversion is exact; one that is not by a power of ten keeps
as many significant digits as the result was written with, and at least `digits:` (three; five where it needs the
volume of 24 hours): 2.38 mmol/L of calcium are 9.54 mg/dL. A result is not
converted, and told, when its unit is unknown or no unit of the test (R2A-UNIT-001), missing (R2A-UNIT-003), or needs
the volume of 24 hours and has none (R2A-UNIT-004). One outside the plausible values stays and is told with the unit
that would explain it (R2A-UNIT-002).

## Visits

`VISIT: {visit: COLUMN}` finds the visit whose name or label the text is, whatever its case; nothing is windowed by
date. A visit with `unscheduled: true` is numbered n.01, n.02 ... by date after the subject's visit n: the last
planned visit on or before the date. These dates come from the sources that `visit_dates:` names, the same for every
dataset, so an unscheduled visit of a subject on a date has one number in all of them. A planned visit is dated by the
first source of the list that dates it, and there by its first day; several days are a finding (R2A-TIE-001).
Unscheduled visits are dated by all of them.
"""


_SOURCES = """
## Other people's files

| keys of a source | what they read |
|---|---|
| `{file: export.xpt, member: AE}` | one dataset of a transport file that holds several |
| `dictionary: {file: d.csv, separator: ",", encoding: cp1252}` | a REDCap dictionary not written as the export |
| `{instrument: ae_log, instrument_labels: {Unwanted events: ae_log}}` | an instrument that a labels export calls so |
| `{file: odm.xml, form: F.AE, rows: form}` | the item groups of a form page side by side in one row |
| `{file: odm.xml, item_group: IG.DM, attributes: [Sex, Why]}` | vendors' attributes; those of items as `ITEM.Why` |
| `split: {BP: "{SYS}/{DIA}"}` | 120/80 as the columns SYS and DIA |
| `extract: {RANGE: '(?P<LOW>[0-9.]+) *- *(?P<HIGH>[0-9.]+)'}` | 0.5 - 1.1 as the columns LOW and HIGH |

`rows: {source: cm, explode: {DRUG: {split: DRUGS, at: ";"}}}` makes a record of each part of a cell, with its number in
ITEM; `{split: DRUGS, at: [";", " and "], distinct: true}` knows several separators and takes equal parts once. `relate:
{datasets: {AE: AESPID, CM: AENO}, id: AECM, split: {CM: ","}}` relates a record with the link `1, 2` to both. More in
[sources.md](sources.md).
"""


def reference_page() -> str:
    """The whole page as Markdown."""
    from ..mappings.models.dataset import DatasetSpec
    from ..mappings.models.derivation import DerivationSpec
    from ..mappings.models.study import StudySpec

    parts = [_HEAD, "\n## study.yaml\n\n", *model_section(StudySpec)]
    parts += ["\n## Dataset files\n\n", *model_section(DatasetSpec)]
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
