"""Writes docs/adam-inputs.md: what the ADaM specs of the shipped registry study read of SDTM, and how to start there.

``python -m raw2adam.pages.adam_inputs FILE`` writes it, with ``--check`` it only compares. The tables come from the
planned specs themselves (existing_sdtm/needs.py).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from ..existing_sdtm.needs import Needs, Reader, needs_of
from .page import write_page

PACK = "obs16577"

_HEAD = """\
# ADaM from existing SDTM

This page is written by `make format` from the planned specs and from `pages/adam_inputs.py`; change it there.

`raw2adam build STUDY --only adam --sdtm DIR --out OUT` builds the ADaM datasets of a study from a folder of existing
SDTM datasets, whoever built them. It reads no raw data and needs no `--raw`.

    raw2adam build obs16577 --only adam --sdtm sdtm --out out --as-of 2026-01-31
    raw2adam trace out ADSL --where "not missing(NACTDT)" --limit 1
    raw2adam verify out

## What is read

- All datasets in DIR: XPT version 5, Dataset-JSON 1.1 (`.json`, `.ndjson`), Parquet, SAS7BDAT; formats may be mixed.
  raw2adam ignores other files, such as define.xml. Two files of one dataset, or a file that cannot be read to its
  end, stop the run with exit code 3. The message names all of them.
- raw2adam joins the parts of a split dataset (QSCG and QSPH with DOMAIN QS).
- SUPP-- is merged back: each QNAM becomes a column of its domain, tied by RDOMAIN, IDVAR and IDVARVAL (as a number
  where IDVAR is one; IDVAR '' means all records of the subject). It may be one dataset per domain, split, or SUPPQUAL
  for all. A record without a parent (R2A-GIVEN-003), two values for one qualifier of a record (004: neither is used),
  an IDVAR that the domain lacks (005), a qualifier with the name of a variable of the domain (006: the variable
  counts) are findings. Long values in several parts (QNAM, QNAM1, ...) stay in parts.
- The specs under `sdtm/` of the study do not run. They declare the names and types for the ADaM specs, so `raw2adam
  lint` is as strict as for raw data.

## What must be there

`inputs:` of study.yaml lists what is required and what may be absent, by domain or by variable:

    inputs:
      required: [DM, EX, CM.CMCAT]
      optional: [CM, RS, LB]

ADaM may read what neither list names. Then the domain is required. In a domain that is there, the variables that
SDTMIG calls Required or Expected are required; its other variables and its qualifiers are optional. If something
required is absent, raw2adam builds nothing and stops with exit code 3. The message names everything that is absent,
with the ADaM datasets that need it.

The lists may name what no spec of the study builds, such as LB of a study that does not map its laboratory. `lint`
and the build then take names and types from SDTMIG, and for ADSL, ADRS and other datasets that begin with AD from
ADaMIG. Such a dataset has the variables that the guide lists, and further ones that are named (`ADRS.ANL01FL`);
qualifiers need a spec. `DM.BRTHDTC` adds a variable that the spec of DM does not have. Only ADaM reads them. A build
from raw data runs without the optional ones, with the same findings. It stops if a rule reads a required one.

An optional domain that is absent is a table without records for the specs; an optional variable that is absent is
missing in every record. Each is one finding with the names of the ADaM variables that read it (R2A-GIVEN-001, 002).
Read them: a flag that asks for an absent record is N, not missing, unless its rule defines another value.

## What stops the run, and what is reported

| in the data | what happens |
|---|---|
| a variable of another type, text or number, than the specs plan | exit code 3, all named (without values: no type) |
| DM has no subject, or two records of one | exit code 3 |
| a subject is not in DM, or has no USUBJID | error (R2A-GIVEN-011, 012); the records are not used |
| a USUBJID differs from DM's by case or blanks only | error (R2A-GIVEN-010); the records are not used |
| STUDYID is not the study's | warning (R2A-GIVEN-013) |
| a value differs from a term by case or blanks only: `vgpr` | warning (R2A-GIVEN-014); it does not count as the term |
| dates after `cutoff:` of the study or `--cutoff` | warning (R2A-GIVEN-015); they remain; ADTTE does not count them |

The terms are those of the codelists of the specs, and the texts that conditions of ADaM specs name.

Checks of the study (`checks/*.yaml`) run on the SDTM domains that ADaM reads, and on ADaM. OUT has `adam/` with its
define.xml, `reports/findings.*`, `reports/accounting.*`, `lineage/` and `manifest.json` with the sha256 of every SDTM
file. The accounting lists every SDTM dataset and record: those that ADaM reads, those that nothing reads, and the
outcome of each SUPP-- record. `trace` leads to the file, data record and variable of the SDTM, and for a qualifier to
its SUPP-- record. With `--no-raw-copy` OUT has no copy of the SDTM, and `trace --raw DIR` reads it again if it is
unchanged.

"""


def inputs_page() -> str:
    """docs/adam-inputs.md."""
    from ..mappings.loader import find_study, load_study
    from ..runs.plan_study import plan_study

    needs = needs_of(plan_study(load_study(find_study(PACK)))[0])
    return _HEAD + "".join([*_inputs(needs), *_values(needs)])


def _inputs(needs: Needs) -> Iterator[str]:
    yield f"## What the ADaM specs of {needs.plan.id} read\n\n"
    yield "`records`: a condition or join that selects records reads it.\n\n"
    yield "| domain | variable | read by | needed |\n|---|---|---|---|\n"
    for domain in needs.tables:
        for variable in needs.read_columns(domain):
            supplemental = f" (QNAM in SUPP{domain})" if needs.is_qualifier(domain, variable) else ""
            working = " (not submitted)" if variable in needs.domain(domain).working else ""
            readers = _readers(needs.columns[domain, variable], short=variable in ("USUBJID", "STUDYID"))
            needed = _needed(needs, domain, variable)
            yield f"| {domain} | `{variable}`{supplemental}{working} | {readers} | {needed} |\n"


def _needed(needs: Needs, domain: str, variable: str) -> str:
    if not needs.required(domain, variable):
        return "optional"
    return "required" if needs.required(domain) else f"required if {domain} exists"


def _values(needs: Needs) -> Iterator[str]:
    yield "\n## Values that conditions name\n\n"
    yield "A condition is true for exactly these texts. Results and codes that are only copied are not listed.\n\n"
    yield "| variable | value | conditions of |\n|---|---|---|\n"
    for (domain, variable), values in sorted(needs.named.items()):
        alike: dict[str, list[str]] = {}
        for value in sorted(values):
            text = value.replace("|", "\\|")
            alike.setdefault(_readers(values[value]), []).append(f"`{text}`")
        for readers, texts in alike.items():
            yield f"| {domain}.{variable} | {', '.join(texts)} | {readers} |\n"


def _readers(readers: Iterable[Reader], *, short: bool = False) -> str:
    """ADSL: TRTSDT, AGE; ADRS: records. ``short``: the datasets alone."""
    by_dataset: dict[str, list[str]] = {}
    for reader in readers:
        by_dataset.setdefault(reader.dataset, []).append(reader.variable or "records")
    return "; ".join(name if short else f"{name}: {', '.join(names)}" for name, names in by_dataset.items())


def main(arguments: list[str]) -> int:
    """``[--check] FILE``: see page.py."""
    return write_page("pages.adam_inputs", inputs_page(), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
