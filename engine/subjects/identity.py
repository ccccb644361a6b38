"""Who each raw row is about: USUBJID, SUBJID and SITEID from a source's own columns, a split text or a crosswalk.

Not for subjects that DM does not know: that is a conformance finding.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import Place, SpecError, SpecProblem, nearest
from ...findings.table import Findings
from ...mappings.binding.bind import SpecModel, place_of
from ...mappings.models.source import SourceSpec
from ...mappings.models.study import StudySpec
from ...mappings.models.template import field_of, parse_template
from ...sources.table import RawTable
from ..columns import column as col
from ..columns.filled_template import fill_template
from ..tables.table import stripped

#: source -> identity columns of its rows
Identity = Mapping[str, dict[str, pd.Series]]
#: the identity columns that raw2adam derives; the bare name means them even if a raw column has the same name
IDENTITY_COLUMNS = ("STUDYID", "USUBJID", "SUBJID", "SITEID")


def identify(
    raw: RawTable, source: SourceSpec, study: StudySpec, root: Path, findings: Findings
) -> dict[str, pd.Series]:
    """Identity columns of every row of a source: USUBJID ('' where it cannot be told), SUBJID, SITEID, split parts.

    Empty for a source without subjects. A raw column that is called like one of MADE stays beside it. Raises SpecError
    when an identifying column is not in the file.
    """
    if source.subject == "none":
        return {}
    default = study.subject
    parts = _parts(raw, source, study, findings)
    names = list(parts)
    parts["STUDYID"] = col.constant(study.study.id, len(raw))
    out = {n: parts[n] for n in names if n not in raw.frame.columns}
    out["STUDYID"] = parts["STUDYID"]
    wider = {**{str(c): raw.frame[c] for c in raw.frame.columns}, **parts}
    for made, template in (
        ("SUBJID", default.subjid or field_of(names[-1])),
        ("SITEID", default.siteid or field_of(names[0])),
    ):
        known = {
            n: stripped(wider[n]) if n in wider else col.constant("", len(raw)) for n in parse_template(template).names
        }
        out[made] = fill_template(parse_template(template), known, len(raw))
    out["USUBJID"] = _usubjid(parts, raw, source, study, root)
    return out


def identifiers(raw: RawTable, source: SourceSpec, study: StudySpec) -> tuple[dict[str, pd.Series], pd.Series]:
    """The identifiers of every row by the study's names, as the row writes them; and USUBJID by the template alone,
    without the crosswalk."""
    parts = _parts(raw, source, study, Findings())
    known = {**parts, "STUDYID": col.constant(study.study.id, len(raw))}
    return parts, _filled(study.subject.usubjid, known, len(raw), study.subject, "usubjid")


def name_problems(study: StudySpec, headers: Mapping[str, list[str]]) -> list[SpecProblem]:
    """Names in the templates of SUBJID and SITEID that are neither an identifier nor a raw column of any source."""
    spec, found = study.subject, []
    known = dict.fromkeys((*spec.names, "STUDYID", *(c for names in headers.values() for c in names)))
    if any(n not in headers for n in study.sources):
        return found  # a source whose header is not at hand may have the column
    for field, template in (("subjid", spec.subjid), ("siteid", spec.siteid)):
        for name in parse_template(template).names if template is not None else ():
            if name not in known:
                message = f"'{name}' is neither an identifier of a subject nor a column of a source"
                found.append(SpecProblem(place_of(spec, field), message, hint=nearest(name, list(known))))
    return found


def previous_subject(
    raw: RawTable, source: SourceSpec, study: StudySpec, root: Path, findings: Findings, columns: tuple[str, ...]
) -> pd.Series:
    """USUBJID that other columns of a source tell, read as its own identifiers are; '' where one is missing."""
    parts = _parts(raw, source, study, findings, columns)
    parts["STUDYID"] = col.constant(study.study.id, len(raw))
    return _usubjid(parts, raw, source, study, root)


def identifying_columns(source: SourceSpec, study: StudySpec) -> tuple[str, ...]:
    """The columns that tell the subject of a source: several, or the one that is split."""
    for spec in (source.subject, study.subject):
        if spec is not None and spec != "none" and (spec.columns or spec.split):
            return spec.columns or (spec.split or "",)
    return ()


def _parts(
    raw: RawTable, source: SourceSpec, study: StudySpec, findings: Findings, instead: tuple[str, ...] = ()
) -> dict[str, pd.Series]:
    """Identifier to its cells, by the study's names; ``instead``: columns to read in place of the identifying ones."""
    default = study.subject
    own = source.subject if source.subject != "none" else None
    owner = own if own is not None and (own.columns or own.split) else default
    columns = instead or identifying_columns(source, study)
    field = "split" if owner.split else "columns"
    for name in columns:
        if name not in raw.frame.columns:
            problem = SpecProblem(
                place_of(owner, field),
                f"source {raw.name}: {raw.file} has no column '{name}', which identifies the subject"
                + (f": {raw.unreadable[name]}" if name in raw.unreadable else ""),
                hint="" if name in raw.unreadable else nearest(name, [str(c) for c in raw.frame.columns]),
            )
            raise SpecError([problem])
    if owner.split:
        return _split(stripped(raw.frame[columns[0]]), owner.as_ or "", raw, columns[0], findings)
    shared = default.names
    named = shared if len(shared) == len(columns) else columns
    return {theirs: stripped(raw.frame[mine]) for theirs, mine in zip(named, columns, strict=True)}


def _usubjid(parts: dict[str, pd.Series], raw: RawTable, source: SourceSpec, study: StudySpec, root: Path) -> pd.Series:
    """USUBJID by the template, and by the crosswalk where there is one."""
    default = study.subject
    own = source.subject if source.subject != "none" else None
    usubjid = _filled(default.usubjid, parts, len(raw), default, "usubjid")
    crosswalk = (own.crosswalk if own else None) or default.crosswalk
    if not crosswalk:
        return usubjid
    names = [n for n in parts if n != "STUDYID"]
    keyed = own if own and own.crosswalk else default  # a source's crosswalk has its columns, the study's the study's
    columns = identifying_columns(source, study)
    split = (own.split if own and (own.columns or own.split) else default.split) is not None
    headers = list(columns) if keyed is own and not split else names
    return _crossed(root / crosswalk, [parts[c] for c in names], headers, usubjid, place_of(keyed, "crosswalk"))


def padded(column: pd.Series, name: str, study: StudySpec) -> pd.Series:
    """An identifier with the zeros in front that the study's template of USUBJID gives it: 101 as 0101.

    So that a row whose identifier lost them still finds what its site has (its country, its date formats).
    """
    width = template_widths(study).get(name, 0)
    return col.map_text(column, lambda t: t.rjust(width, "0") if t else t) if width else column


def template_widths(study: StudySpec) -> dict[str, int]:
    """Identifier -> the characters to which the template of USUBJID pads it with zeros; only those that it pads."""
    return {p.name: p.width for p in parse_template(study.subject.usubjid).parts if p.width}


def _filled(template: str, parts: dict[str, pd.Series], n: int, spec: SpecModel, field: str) -> pd.Series:
    parsed = parse_template(template)
    for name in parsed.names:
        if name not in parts:
            problem = SpecProblem(
                place_of(spec, field), f"'{name}' is no identifier of a subject", hint=nearest(name, list(parts))
            )
            raise SpecError([problem])
    return fill_template(parsed, {k: parts[k] for k in parsed.names}, n)


def _split(column: pd.Series, template: str, raw: RawTable, name: str, findings: Findings) -> dict[str, pd.Series]:
    parsed = parse_template(template)
    expression = re.compile(parsed.pattern(), re.DOTALL)
    fields = [p.name for p in parsed.parts if p.name]
    codes, texts = col.split_text(column)
    matches = [expression.match(t) for t in texts]
    bad = np.array([bool(t) and m is None for t, m in zip(texts, matches, strict=True)], dtype=bool)
    if bad.any():
        at = np.flatnonzero(bad[codes])
        findings.add(
            "R2A-SUBJ-002",
            f"the subject does not read as {template}",
            value=texts[codes[at]],
            source=raw.name,
            file=raw.file,
            row=raw.record[at],
            column=name,
        )
    groups = {f: [(m.group(f"f{i}").strip() if m else "") for m in matches] for i, f in enumerate(fields)}
    return {f: col.join_text(codes, values) for f, values in groups.items()}


def _crossed(path: Path, keys: list[pd.Series], names: list[str], usubjid: pd.Series, place: Place) -> pd.Series:
    """USUBJID of a crosswalk file where it has the row's identifiers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, header = list(reader), reader.fieldnames or ()
    except FileNotFoundError:
        raise SpecError([SpecProblem(place, f"there is no file '{path.name}' in the study folder")]) from None
    except UnicodeDecodeError as error:
        message = f"the crosswalk {path.name} is not UTF-8: byte {error.start + 1} cannot be read"
        raise SpecError([SpecProblem(place, message, hint="save it again as UTF-8")]) from None
    except (OSError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SpecError([SpecProblem(place, f"the crosswalk {path.name} cannot be read: {reason}")]) from None
    wanted = [*names, "USUBJID"]
    if absent := [n for n in wanted if n not in header]:
        message = f"the crosswalk {path.name} has no column {', '.join(absent)}; it needs {', '.join(wanted)}"
        raise SpecError([SpecProblem(place, message)])
    table: dict[tuple[str, ...], str] = {}
    for row in rows:
        key = tuple((row[n] or "").strip() for n in names)
        subject = (row["USUBJID"] or "").strip()
        if table.setdefault(key, subject) != subject:
            raise SpecError([SpecProblem(place, f"the crosswalk {path.name} gives {'-'.join(key)} two subjects")])
    split = [col.split_text(k) for k in keys]
    combined, size = col.combined([(codes, len(texts)) for codes, texts in split], len(usubjid))
    first = col.first_positions(combined, size)
    own_codes, own = col.split_text(usubjid)
    out = [table.get(tuple(texts[codes[i]] for codes, texts in split), own[own_codes[i]]) for i in first]
    return col.join_text(combined, out)
