"""SUPP--: the supplemental qualifiers of a domain, one record per filled value, tied to the parent's record.

Source: SDTMIG 3.4 section 8.4. IDVAR is --SEQ, and blank for DM.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..engine import columns as col
from ..engine.build import DatasetBuild, Finished
from ..engine.dataset import Dataset, DatasetSpec, Lineage, Origin, Variable
from ..mappings.facts import sdtm_dataset

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
    texts = {q: col.take(v, order) for q, v in values.items()}
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
    lineage = parent.dataset.lineage
    if lineage is not None:
        uses = [u for u in lineage.rules if u.variable in planned]
        rows = lineage.rows.take(at_record).reset_index(drop=True)
        lineage = Lineage(rows, uses, lineage.sources, lineage.tables)
    data = pd.DataFrame(columns, index=pd.RangeIndex(len(at_record)))
    return Finished(
        Dataset(supplemental_spec(name, domain, build.planned.standard), data, lineage), np.arange(len(at_record))
    )


def _evaluator(build: DatasetBuild, name: str) -> str:
    rules = build.planned.supplemental[name].rules
    return next((r.evaluator for r in rules if r.evaluator), "")


def supplemental_spec(name: str, domain: str, standard: str) -> DatasetSpec:
    """The spec of SUPP--, from the standards facts."""
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
    )
