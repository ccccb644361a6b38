"""define.xml of the specs of a study alone, before there are data.

Lengths, digits and terms that the data decide are those of the specs, or are not there. Not for a build
(write_outputs.py).
"""

from __future__ import annotations

import datetime as dt

from .. import __version__
from ..define.content import DefineContent
from ..define.derived_lists import with_lists
from ..define.document import DefineDataset, DefineStudy, define_xml
from ..define.documents import DefineDocument
from ..define.standards import guide, terminology_package
from ..define.stated_data import as_stated
from ..define.value_lists import with_value_lists
from ..engine.building.partitions import open_ledger
from ..engine.building.study_build import StudyBuild
from ..engine.plan.plan import PlannedStudy
from ..engine.tables.dataset import DatasetMetadata
from ..engine.tables.table import ExistingDatasetTable, Table
from ..errors import UsageError
from ..existing_sdtm.needs import expected_table
from ..findings.table import Findings
from ..mappings.facts.facts import packages
from ..sdtm.supplemental import supplemental_dataset
from ..transport.output_formats import submitted
from .write_outputs import kind_of, standard_comments, whole_comment, with_expressions

#: the declared time of a define.xml that no run wrote
_NO_RUN = dt.datetime(1980, 1, 1)


def define_of_spec(plan: PlannedStudy, kind: str, stated: DefineContent | None = None) -> bytes | None:
    """define.xml of the SDTM or ADaM datasets of a study without raw sources; None if it has none of the kind.

    ``stated``: a define.xml whose lengths, terms and empty variables are those of the data.

    Raises UsageError where the study has sources: its rules need their columns, and a build writes its define.xml.
    """
    if plan.spec.sources:
        message = f"{plan.id} reads raw data: build it, and name the define.xml of the output"
        raise UsageError(message)
    tables: dict[str, Table] = {n: ExistingDatasetTable(expected_table(d)) for n, d in plan.inputs.items()}
    ledger = open_ledger({}, {}, frozenset())[0]
    finished = StudyBuild(plan, tables, ledger, Findings(), supplemental_dataset).run()
    specs = {n: done.dataset.metadata for n, done in finished.items()}
    names = [n for n in specs if kind_of(plan, n) == kind]
    if not names:
        return None
    others = {d.spec.name: d.spec for d in with_lists([_dataset(s) for n, s in specs.items() if n not in names])}
    datasets = [_dataset(specs[n]) for n in names]
    if stated is not None:
        datasets = [as_stated(d, stated) for d in datasets]
    return define_xml(
        _study(plan, kind), with_expressions(plan, with_value_lists(with_lists(datasets, others), others))
    )


def _dataset(spec: DatasetMetadata) -> DefineDataset:
    """A dataset whose variables have the terms that the study adds to codelists."""
    terms = {v.name: tuple(t.value for t in v.codelist.terms if not t.code) for v in spec.variables if v.codelist}
    return DefineDataset(spec, 1, terms, submitted().file(spec.name))


def _study(plan: PlannedStudy, kind: str) -> DefineStudy:
    info = plan.spec.study
    ig = guide("SDTMIG", info.sdtmig) if kind == "sdtm" else guide("ADaMIG", info.adamig)
    ct = terminology_package("SDTM" if kind == "sdtm" else "ADaM", info.ct.sdtm if kind == "sdtm" else info.ct.adam)
    documents = tuple(
        DefineDocument(name, d.file, d.title, d.role, d.listed_in(kind)) for name, d in plan.spec.documents.items()
    )
    title = ". ".join(t.rstrip(".") for t in (info.title, info.description) if t) or info.id
    return DefineStudy(
        info.id,
        info.id,
        title,
        info.protocol or info.id,
        (ig, ct, terminology_package("DEFINE-XML", packages()["define"])),
        (info.as_of and dt.datetime(info.as_of.year, info.as_of.month, info.as_of.day)) or _NO_RUN,
        system_version=__version__,
        documents=documents,
        displays=plan.displays if kind == "adam" else (),
        comments=standard_comments(info.comments, kind, ig, ct),
        comment=whole_comment(info.comments, kind),
    )
