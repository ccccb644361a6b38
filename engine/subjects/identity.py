"""The subject of each raw row: USUBJID, SUBJID and SITEID from columns of its source, a split text or a crosswalk.

Not for subjects that DM does not have: that is a conformance finding.
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
from ...sources.header import SEPARATORS
from ...sources.table import RawTable
from ..columns import column as col
from ..columns.filled_template import fill_template
from ..tables.table import stripped

#: names of a file that a message lists
NAMED_COLUMNS = 8
#: source -> identity columns of its rows
Identity = Mapping[str, dict[str, pd.Series]]
#: the identity columns that raw2adam derives; the bare name means them even if a raw column has the same name
IDENTITY_COLUMNS = ("STUDYID", "USUBJID", "SUBJID", "SITEID")


def identify(
    raw: RawTable, source: SourceSpec, study: StudySpec, root: Path, findings: Findings
) -> dict[str, pd.Series]:
    """Identity columns of every row of a source: USUBJID ('' if it cannot be derived), SUBJID, SITEID, split parts.

    Empty for a source without subjects. A raw column with a name of IDENTITY_COLUMNS stays in the table. Raises
    SpecError if an identifying column is not in the file.
    """
    if source.subject == "none":
        return {}
    default = study.subject
    parts = _parts(raw, source, study, findings)
    names = list(parts)
    parts["STUDYID"] = col.constant(study.study.id, len(raw))
    out = {n: parts[n] for n in names if n not in raw.frame.columns}
    out["STUDYID"] = parts["STUDYID"]
    wider = {**col.columns_of(raw.frame), **parts}
    for name, template in (
        ("SUBJID", default.subjid or field_of(names[-1])),
        ("SITEID", default.siteid or field_of(names[0])),
    ):
        known = {
            n: stripped(wider[n]) if n in wider else col.constant("", len(raw)) for n in parse_template(template).names
        }
        out[name] = fill_template(parse_template(template), known, len(raw))
    out["USUBJID"] = _usubjid(parts, raw, source, study, root)
    return out


def identifiers(
    raw: RawTable, source: SourceSpec, study: StudySpec, usubjid: pd.Series
) -> tuple[dict[str, pd.Series], pd.Series]:
    """The identifiers of every row by the names of the study, as written; and USUBJID by the template alone.

    ``usubjid``: that of ``identify``.
    """
    parts = _parts(raw, source, study, Findings())
    if not _crosswalk(source, study):
        return parts, usubjid
    known = {**parts, "STUDYID": col.constant(study.study.id, len(raw))}
    return parts, _filled(study.subject.usubjid, known, len(raw), study.subject, "usubjid")


def name_problems(study: StudySpec, headers: Mapping[str, list[str]]) -> list[SpecProblem]:
    """Names in the templates of SUBJID and SITEID that are neither an identifier nor a raw column of any source."""
    spec, found = study.subject, []
    known = dict.fromkeys((*spec.names, "STUDYID", *(c for names in headers.values() for c in names)))
    if any(n not in headers for n in study.sources):
        return found  # a source without a known header may have the column
    for field, template in (("subjid", spec.subjid), ("siteid", spec.siteid)):
        for name in parse_template(template).names if template is not None else ():
            if name not in known:
                message = f"'{name}' is neither an identifier of a subject nor a column of a source"
                found.append(SpecProblem(place_of(spec, field), message, hint=nearest(name, list(known))))
    return found


def previous_subject(
    raw: RawTable, source: SourceSpec, study: StudySpec, root: Path, findings: Findings, columns: tuple[str, ...]
) -> pd.Series:
    """USUBJID by other columns of a source, read as its identifiers are; '' if one of them is missing."""
    parts = _parts(raw, source, study, findings, columns)
    parts["STUDYID"] = col.constant(study.study.id, len(raw))
    return _usubjid(parts, raw, source, study, root)


def identifying_columns(source: SourceSpec, study: StudySpec) -> tuple[str, ...]:
    """The columns that identify the subject of a source: several, or the one that is split."""
    for spec in (source.subject, study.subject):
        if spec is not None and spec != "none" and (spec.columns or spec.split):
            return spec.columns or (spec.split or "",)
    return ()


def _parts(
    raw: RawTable, source: SourceSpec, study: StudySpec, findings: Findings, instead: tuple[str, ...] = ()
) -> dict[str, pd.Series]:
    """Identifier -> its cells, by the names of the study. ``instead``: columns to read, not the identifying ones."""
    default = study.subject
    of_source = source.subject if source.subject != "none" else None
    owner = of_source if of_source is not None and (of_source.columns or of_source.split) else default
    columns = instead or identifying_columns(source, study)
    field = "split" if owner.split else "columns"
    for name in columns:
        if name not in raw.frame.columns:
            problem = SpecProblem(
                place_of(owner, field),
                f"source {raw.name}: {raw.file} has no column '{name}', which identifies the subject"
                + (f": {raw.unreadable[name]}" if name in raw.unreadable else ""),
                hint="" if name in raw.unreadable else _columns_hint(name, [str(c) for c in raw.frame.columns]),
            )
            raise SpecError([problem])
    if owner.split:
        return _split(stripped(raw.frame[columns[0]]), owner.as_ or "", raw, columns[0], findings)
    shared = default.names
    named = shared if len(shared) == len(columns) else columns
    return {name: stripped(col.column_of(raw.frame, column)) for name, column in zip(named, columns, strict=True)}


def _columns_hint(name: str, columns: list[str]) -> str:
    """What to write in place of a column that the file does not have: its separator, a like name, or its names."""
    other = next((s for s in SEPARATORS if s in columns[0]), "") if len(columns) == 1 else ""
    if other:
        return f"the header is the single field {columns[0][:60]!r}; declare separator: {other!r}"
    more = f" and {len(columns) - NAMED_COLUMNS} more" if len(columns) > NAMED_COLUMNS else ""
    listed = ", ".join(f"'{n}'" for n in columns[:NAMED_COLUMNS])
    return nearest(name, columns) or f"it has {listed}{more}"


def _usubjid(parts: dict[str, pd.Series], raw: RawTable, source: SourceSpec, study: StudySpec, root: Path) -> pd.Series:
    """USUBJID by the template, and by the crosswalk where there is one."""
    default = study.subject
    of_source = source.subject if source.subject != "none" else None
    usubjid = _filled(default.usubjid, parts, len(raw), default, "usubjid")
    crosswalk = _crosswalk(source, study)
    if not crosswalk:
        return usubjid
    names = [n for n in parts if n != "STUDYID"]
    keyed = of_source if of_source and of_source.crosswalk else default  # whose names the crosswalk has as columns
    columns = identifying_columns(source, study)
    owner = of_source if of_source and (of_source.columns or of_source.split) else default
    split = owner.split is not None
    headers = list(columns) if keyed is of_source and not split else names
    return _crossed(root / crosswalk, [parts[c] for c in names], headers, usubjid, place_of(keyed, "crosswalk"))


def _crosswalk(source: SourceSpec, study: StudySpec) -> str:
    of_source = source.subject if source.subject is not None and source.subject != "none" else None
    return (of_source.crosswalk if of_source else None) or study.subject.crosswalk or ""


def padded(column: pd.Series, name: str, study: StudySpec) -> pd.Series:
    """An identifier with the zeros in front that the template of USUBJID adds: 101 as 0101.

    A row whose identifier lost the zeros then still has the country and the date formats of its site.
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
            f"the subject does not have the form {template}",
            value=texts[codes[at]],
            source=raw.name,
            file=raw.file,
            row=raw.record[at],
            column=name,
        )
    groups = {f: [(m.group(f"f{i}").strip() if m else "") for m in matches] for i, f in enumerate(fields)}
    return {f: col.join_text(codes, values) for f, values in groups.items()}


def _crossed(path: Path, keys: list[pd.Series], names: list[str], usubjid: pd.Series, place: Place) -> pd.Series:
    """USUBJID by a crosswalk file; a row whose identifiers it does not have keeps the USUBJID of the template."""
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
            raise SpecError([SpecProblem(place, f"the crosswalk {path.name} has two subjects for {'-'.join(key)}")])
    split = [col.split_text(k) for k in keys]
    combined, size = col.combined([(codes, len(texts)) for codes, texts in split], len(usubjid))
    first = col.first_positions(combined, size)
    template_codes, by_template = col.split_text(usubjid)
    out = [table.get(tuple(texts[codes[i]] for codes, texts in split), by_template[template_codes[i]]) for i in first]
    return col.join_text(combined, out)
