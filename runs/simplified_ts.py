"""The package of a study without SDTM: a simplified ts.xpt, which names the study start date and nothing else.

Source: FDA Technical Rejection Criteria for Study Data, appendix 2. Not for TS of a study with specs (sdtm/trial/).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .. import __version__
from ..engine.columns import column as col
from ..engine.tables.dataset import DatasetMetadata, VariableMetadata
from ..errors import UsageError
from ..mappings.facts.sdtm import sdtm_dataset
from ..output_folder.installed import package_versions
from ..output_folder.layout import ECTD, layout_of
from ..output_folder.manifest import write_manifest
from ..output_folder.swap import OutputFolder
from ..transport.dataset_writer import FileContext
from ..transport.output_formats import submitted, write_dataset
from ..transport.xpt_text import text_width
from ..validation.rejection import NULL_FLAVORS, SIMPLIFIED, START
from ..validation.reports.run_head import RunHead, fingerprint
from .package import Packaged, pre_check, write_package


@dataclass(frozen=True, kw_only=True)
class SimplifiedTs:
    """A study without SDTM. ``study``: study-id of its study tagging file, which is STUDYID.

    ``start``: the study start date, None for a study without one, which then has a ``null_flavor`` of ISO 21090.
    ``declared``: the declared date of the run.
    """

    study: str
    out: Path
    start: dt.date | None
    null_flavor: str = ""
    declared: dt.date
    say: Callable[[str], None] = lambda _: None


def write_simplified_ts(about: SimplifiedTs) -> Packaged:
    """Write m5/datasets/STUDY/tabulations/sdtm/ts.xpt with its list of checksums. Raises UsageError, OutputError."""
    if (about.start is None) == (not about.null_flavor):
        raise UsageError("name the study start date by --start, or why there is none by --null-flavor")
    if about.null_flavor and about.null_flavor not in NULL_FLAVORS:
        raise UsageError(
            f"--null-flavor {about.null_flavor!r}: expected a null flavour of ISO 21090: {', '.join(NULL_FLAVORS)}"
        )
    layout = layout_of(ECTD, about.study)
    folder = OutputFolder(about.out)
    with folder.stage() as stage:
        for note in folder.notes:
            about.say(note)
        place = stage.path / layout.datasets("sdtm")
        place.mkdir(parents=True)
        frame = _frame(about)
        context = FileContext(declared=dt.datetime.combine(about.declared, dt.time()))
        write_dataset(place, _metadata(frame), [frame], records=1, context=context, formats=[submitted()])
        criteria = pre_check(stage.path, layout, about.study)
        done = write_package(stage.path, layout, about.study, criteria, _head(about))
        write_manifest(
            stage.path,
            study=about.study,
            version=__version__,
            declared=about.declared,
            inputs={},
            specs={},
            packages=package_versions(),
            counts={"records": {"TS": 1}},
            findings={},
            options={"layout": ECTD, "package": about.study},
        )
    return done


def _frame(about: SimplifiedTs) -> pd.DataFrame:
    day = about.start.isoformat() if about.start is not None else ""
    values = (about.study, START, day, about.null_flavor)
    return pd.DataFrame({n: col.text_column([v]) for n, v in zip(SIMPLIFIED, values, strict=True)})


def _metadata(frame: pd.DataFrame) -> DatasetMetadata:
    """TS with labels of SDTMIG, and lengths of its only record."""
    facts = sdtm_dataset("TS")
    assert facts is not None
    labels = {n: v.label for n in SIMPLIFIED if (v := facts.variable(n)) is not None}
    variables = (VariableMetadata(n, labels[n], length=max(1, text_width(pd.Series(frame[n])))) for n in SIMPLIFIED)
    return DatasetMetadata("TS", facts.label, tuple(variables), keys=SIMPLIFIED[:2])


def _head(about: SimplifiedTs) -> RunHead:
    return RunHead(
        study=about.study,
        title="",
        version=__version__,
        as_of=about.declared.isoformat(),
        cutoff="",
        command=f"raw2adam simplified-ts {about.study} --out PACKAGE --as-of {about.declared.isoformat()}",
        fingerprint=fingerprint({}),
    )
