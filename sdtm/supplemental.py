"""SUPP--: the supplemental qualifiers of a domain, one record per filled value, with the key of its parent.

Source: SDTMIG 3.4 section 8.4. IDVAR is --SEQ, and blank for DM. Not for planning qualifiers (qualifiers.py).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine.building.dataset_build import DatasetBuild
from ..engine.building.methods import method_of
from ..engine.building.predecessors import further_origins
from ..engine.columns import column as col
from ..engine.columns import verbs
from ..engine.tables.dataset import (
    SAME_RECORD,
    Dataset,
    DatasetMetadata,
    Finished,
    Lineage,
    Origin,
    RangeCheck,
    Reading,
    RuleUse,
    ValueLevel,
    VariableMetadata,
)
from ..mappings.facts.document_pages import together
from ..mappings.facts.facts import codelist, sdtm_dataset

#: lineage node of the parent's record
PARENT = "row:parent"
#: Define-XML origin type -> QORIG
QORIG = {
    "Collected": "CRF",
    "Derived": "DERIVED",
    "Assigned": "ASSIGNED",
    "Protocol": "PROTOCOL",
    "Predecessor": "DERIVED",
}


def supplemental_dataset(build: DatasetBuild, values: dict[str, pd.Series], parent: Finished) -> Finished:
    """The SUPP-- dataset of a finished domain. ``values``: qualifier to its values in build order."""
    domain = build.planned.name
    name = f"SUPP{domain}"
    sequence = build.planned.sequence
    order, columns = parent.order, parent.dataset.columns
    texts = {q: col.as_text(col.take(v, order)) for q, v in values.items()}
    filled = np.column_stack([~col.missing(v) for v in texts.values()])
    level = np.zeros(filled.shape, dtype="int16")  # 0: --SEQ, else the position in ``groups``
    groups = list(dict.fromkeys(g for q in values if (g := _group(build, q))))
    for at, (qualifier, text) in enumerate(texts.items()):
        group = _group(build, qualifier)
        if group:
            shared, others = _shared(columns["USUBJID"], columns[group], text)
            level[shared, at] = groups.index(group) + 1
            filled[:, at] &= ~others
    at_record, at_name = np.nonzero(filled)
    at_level = level[at_record, at_name]
    names = list(values)
    stacked = col.concat(list(texts.values()))
    planned = build.planned.supplemental
    identified = {i: col.as_text(columns[n]) for i, n in enumerate([sequence, *groups]) if n}
    ids = col.objects(col.constant("", len(at_record)))
    for i, identifier in identified.items():
        here = at_level == i
        ids[here] = col.objects(identifier)[at_record[here]]
    subjects = col.take(columns["USUBJID"], at_record)
    idvar, qnam = col.join_text(at_level, [sequence, *groups]), col.join_text(at_name, names)
    order = verbs.order_rows([subjects, idvar, pd.Series(ids, dtype="str"), qnam])  # as the keys
    at_record, at_name, at_level, ids = at_record[order], at_name[order], at_level[order], ids[order]
    data = {
        "STUDYID": col.take(columns["STUDYID"], at_record),
        "RDOMAIN": col.constant(domain, len(at_record)),
        "USUBJID": col.take(columns["USUBJID"], at_record),
        "IDVAR": col.join_text(at_level, [sequence, *groups]),
        "IDVARVAL": pd.Series(ids, dtype="str"),
        "QNAM": col.join_text(at_name, names),
        "QLABEL": col.join_text(at_name, [planned[q].label for q in names]),
        "QVAL": col.take(stacked, at_name * len(parent.dataset) + at_record),
        "QORIG": col.join_text(at_name, [_qorig(build.origin(q)) for q in names]),
        "QEVAL": col.join_text(at_name, [_evaluator(build, q) for q in names]),
    }
    lineage = _lineage(parent.dataset.lineage, domain, [n for n in (sequence, *groups) if n], list(planned), at_record)
    spec = supplemental_spec(name, domain, build.planned.standard, tuple(_value_level(build, q) for q in planned))
    spec = with_parent_identity(spec, parent.dataset.metadata)
    dataset = Dataset.of_columns(spec, data, len(at_record), lineage)
    return Finished(dataset, np.arange(len(at_record)))


def _group(build: DatasetBuild, qualifier: str) -> str:
    """The variable whose groups of records a qualifier is true of; '' for single records."""
    return next((r.idvar for r in build.planned.supplemental[qualifier].rules if r.idvar), "")


def _shared(subject: pd.Series, group: pd.Series, values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(first records of the groups that share a value, their other records).

    A group that has two values, or none in some record, keeps a qualifier for each of its records.
    """
    keys = [col.split_text(v) for v in (subject, col.as_text(group))]
    codes, size = col.combined([(c, len(texts)) for c, texts in keys], len(subject))
    first = col.first_positions(codes, size)
    mine, _ = col.split_text(values)
    mixed = np.zeros(size, dtype=bool)
    mixed[codes[mine != mine[first][codes]]] = True
    shared = ~mixed[codes] & ~col.missing(group)
    is_first = np.zeros(len(codes), dtype=bool)
    is_first[first[first >= 0]] = True
    return shared & is_first, shared & ~is_first


def _qorig(origin: Origin) -> str:
    """QORIG as SDTMIG 3.4 section 8.4 names origins; data of a vendor's transfer are on no case report form."""
    if origin.type == "Collected" and origin.source == "Vendor":
        return "eDT"
    return QORIG.get(origin.type, "CRF")


def _value_level(build: DatasetBuild, name: str) -> ValueLevel:
    """The metadata of QVAL where QNAM is ``name``: codelist, origin and method (Define-XML 2.1, 4.5)."""
    planned, origin = build.planned.supplemental[name], build.origin(name)
    return ValueLevel(
        "QVAL",
        (RangeCheck("QNAM", "EQ", (name,)),),
        planned.type,
        digits=planned.digits,
        codelist=planned.codelist,
        dictionary=planned.dictionary,
        origin=origin,
        method=method_of(build, name) if origin.type == "Derived" else "",
        label=planned.label,
        further_origins=further_origins(planned),
    )


def _lineage(
    parent: Lineage | None, domain: str, by: list[str], names: list[str], at_record: np.ndarray
) -> Lineage | None:
    """Row ids of the parent's records, which the variables ``by`` name.

    The cells that a qualifier read in its record are cells of the parent's record.
    """
    if parent is None:
        return None

    def of_parent(use: RuleUse) -> RuleUse:
        reads = (Reading(PARENT, domain, r.column) if r.node == SAME_RECORD else r for r in use.reads)
        return replace(use, reads=tuple(reads))

    uses = [of_parent(u) for u in parent.rules if u.variable in ("STUDYID", "USUBJID", *names)]
    sentences = {
        "RDOMAIN": f"RDOMAIN is the domain of the parent, {domain}.",
        "IDVAR": f"IDVAR is {' or '.join(by) or 'blank, since the parent has one record per subject'}.",
        "IDVARVAL": f"IDVARVAL is the parent's {' or '.join(by)}." if by else "IDVARVAL is blank.",
        "QNAM": "QNAM is the name of the qualifier.",
        "QLABEL": "QLABEL is the label of the qualifier.",
        "QORIG": "QORIG is the origin of the qualifier's values.",
        "QEVAL": "QEVAL is the evaluator that the spec names.",
    }
    reads = {"IDVARVAL": tuple(Reading(PARENT, domain, n) for n in by)} if by else {}
    uses += [RuleUse(v, -1, None, sentence, reads.get(v, ())) for v, sentence in sentences.items()]
    rows = parent.rows.take(at_record).reset_index(drop=True).assign(**{PARENT: at_record.astype("int32")})
    return Lineage(rows, uses, parent.sources, {**parent.tables, PARENT: domain}, parent.columns)


def _evaluator(build: DatasetBuild, name: str) -> str:
    rules = build.planned.supplemental[name].rules
    return next((r.evaluator for r in rules if r.evaluator), "")


def with_parent_identity(spec: DatasetMetadata, parent: DatasetMetadata) -> DatasetMetadata:
    """The spec of SUPP-- with the origins and methods of the parent for STUDYID and USUBJID."""
    shared = {v.name: v for v in parent.variables if v.name in ("STUDYID", "USUBJID")}
    variables = tuple(
        replace(v, origin=shared[v.name].origin, method=shared[v.name].method) if v.name in shared else v
        for v in spec.variables
    )
    return replace(spec, variables=variables)


def supplemental_spec(name: str, domain: str, standard: str, values: tuple[ValueLevel, ...] = ()) -> DatasetMetadata:
    """The spec of SUPP--, from the standards facts. ``values``: the metadata of QVAL for each QNAM."""
    facts = sdtm_dataset(name)
    assert facts is not None
    assigned = Origin("Assigned", "Sponsor")
    origins = [v.origin for v in values if v.origin is not None and v.origin.type == "Collected"]
    collected = Origin("Collected", "Investigator", documents=together(d for o in origins for d in o.documents))
    variables = tuple(
        VariableMetadata(
            v.name,
            v.label,
            codelist=codelist(v.codelist[0], "sdtm") if v.codelist and v.name == "QEVAL" else None,
            role=v.role,
            core=v.core,
            origin=collected if v.name == "QVAL" else assigned,
            constant=v.name in ("IDVAR", "QORIG"),
        )
        for v in facts.variables
    )
    return DatasetMetadata(
        name=name,
        label=f"Supplemental Qualifiers for {domain}",
        variables=variables,
        keys=("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"),
        observation_class=facts.observation_class,
        structure=facts.structure,
        standard=standard,
        purpose="Tabulation",
        domain=domain,
        values=values,
    )
