"""SUPP--: the supplemental qualifiers of a domain, one record per filled value, tied to the parent's record.

Source: SDTMIG 3.4 section 8.4. IDVAR is --SEQ, and blank for DM.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..engine import columns as col
from ..engine.build import DatasetBuild, Finished, derivation
from ..engine.dataset import (
    OWN,
    Dataset,
    DatasetSpec,
    Lineage,
    Origin,
    RangeCheck,
    Reading,
    RuleUse,
    ValueLevel,
    Variable,
)
from ..mappings.facts import sdtm_dataset

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
    """The SUPP-- dataset of a finished domain. ``values``: qualifier to its values in the order of making."""
    domain = build.planned.name
    name = f"SUPP{domain}"
    sequence = build.planned.sequence
    order, frame = parent.order, parent.dataset.frame
    texts = {q: _as_text(col.take(v, order)) for q, v in values.items()}
    filled = np.column_stack([~col.missing(v) for v in texts.values()])
    at_record, at_name = np.nonzero(filled)
    names = list(values)
    stacked = col.concat(list(texts.values()))
    planned = build.planned.supplemental
    number = frame[sequence].to_numpy(dtype="float64")[at_record] if sequence else np.full(len(at_record), np.nan)
    unique, inverse = np.unique(number, return_inverse=True)
    columns = {
        "STUDYID": col.take(frame["STUDYID"], at_record),
        "RDOMAIN": col.constant(domain, len(at_record)),
        "USUBJID": col.take(frame["USUBJID"], at_record),
        "IDVAR": col.constant(sequence, len(at_record)),
        "IDVARVAL": col.join_text(inverse, [col.number_text(x) for x in unique.tolist()]),
        "QNAM": col.join_text(at_name, names),
        "QLABEL": col.join_text(at_name, [planned[q].label for q in names]),
        "QVAL": col.take(stacked, at_name * len(frame) + at_record),
        "QORIG": col.join_text(at_name, [QORIG.get(build.origin(q).type, "CRF") for q in names]),
        "QEVAL": col.join_text(at_name, [_evaluator(build, q) for q in names]),
    }
    lineage = _lineage(parent.dataset.lineage, domain, sequence, list(planned), at_record)
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(at_record)))
    spec = supplemental_spec(name, domain, build.planned.standard, tuple(_value_level(build, q) for q in planned))
    return Finished(Dataset(spec, data, lineage), np.arange(len(at_record)))


def _as_text(values: pd.Series) -> pd.Series:
    """QVAL is text: a number as a Dataset holds it, with a decimal point whatever the site wrote."""
    if not col.is_number(values):
        return values
    unique, inverse = np.unique(values.to_numpy(dtype="float64"), return_inverse=True)
    return col.join_text(inverse, ["" if np.isnan(x) else col.number_text(x) for x in unique.tolist()])


def _value_level(build: DatasetBuild, name: str) -> ValueLevel:
    """What QVAL is where QNAM is ``name``: codelist, origin and method of the qualifier (Define-XML 2.1, 4.5)."""
    planned, origin = build.planned.supplemental[name], build.origin(name)
    sentences = [r.method or derivation(r).describe(name) for r in planned.rules] if origin.type == "Derived" else []
    return ValueLevel(
        "QVAL",
        (RangeCheck("QNAM", "EQ", (name,)),),
        planned.type,
        digits=planned.digits,
        codelist=planned.codelist,
        origin=origin,
        method=" ".join(dict.fromkeys(sentences)),
        label=planned.label,
    )


def _lineage(
    parent: Lineage | None, domain: str, sequence: str, names: list[str], at_record: np.ndarray
) -> Lineage | None:
    """Row ids of the parent's records; what a qualifier read of its own record is read of the parent's."""
    if parent is None:
        return None

    def of_parent(use: RuleUse) -> RuleUse:
        reads = (Reading(PARENT, domain, r.column) if r.node == OWN else r for r in use.reads)
        return replace(use, reads=tuple(reads))

    uses = [of_parent(u) for u in parent.rules if u.variable in ("STUDYID", "USUBJID", *names)]
    made = {
        "RDOMAIN": f"RDOMAIN is the domain of the parent, {domain}.",
        "IDVAR": f"IDVAR is {sequence or 'blank, since the parent has one record per subject'}.",
        "IDVARVAL": f"IDVARVAL is the parent's {sequence}." if sequence else "IDVARVAL is blank.",
        "QNAM": "QNAM is the name of the qualifier.",
        "QLABEL": "QLABEL is the label of the qualifier.",
        "QORIG": "QORIG is the origin of the qualifier's values.",
        "QEVAL": "QEVAL is the evaluator that the spec names.",
    }
    reads = {"IDVARVAL": (Reading(PARENT, domain, sequence),)} if sequence else {}
    uses += [RuleUse(v, -1, None, sentence, reads.get(v, ())) for v, sentence in made.items()]
    rows = parent.rows.take(at_record).reset_index(drop=True).assign(**{PARENT: at_record.astype("int32")})
    return Lineage(rows, uses, parent.sources, {**parent.tables, PARENT: domain}, parent.columns)


def _evaluator(build: DatasetBuild, name: str) -> str:
    rules = build.planned.supplemental[name].rules
    return next((r.evaluator for r in rules if r.evaluator), "")


def supplemental_spec(name: str, domain: str, standard: str, values: tuple[ValueLevel, ...] = ()) -> DatasetSpec:
    """The spec of SUPP--, from the standards facts. ``values``: what QVAL is for each QNAM."""
    facts = sdtm_dataset(name)
    assert facts is not None
    assigned = Origin("Assigned", "Sponsor")
    variables = tuple(
        Variable(
            v.name,
            v.label,
            role=v.role,
            core=v.core,
            origin=Origin("Collected", "Investigator") if v.name == "QVAL" else assigned,
        )
        for v in facts.variables
    )
    return DatasetSpec(
        name,
        f"Supplemental Qualifiers for {domain}",
        variables,
        ("STUDYID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM"),
        facts.observation_class,
        facts.structure,
        standard,
        "Tabulation",
        domain,
        values,
    )
