"""Runs expectations of one table with great-expectations: whole table, summary results, no analytics, no network.

The package is loaded when it is used, without its charts and its project folder. Not for what results mean (run.py).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .deferred_imports import deferred


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection in the block: what the package creates is many objects, and next to none is garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@cache
def _whole_tables() -> tuple[Any, dict[str, Any]]:
    """What reads a table as one batch, and the classes of expectations by their names; the same for every table."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"  # read when the package is imported
    with deferred("altair", "scipy.stats"):  # for its charts and its tests of distributions, which no check asks for
        import great_expectations as gx
        import great_expectations.expectations as kinds
        from great_expectations.data_context.types.base import ProgressBarsConfig

    found = [getattr(kinds, n) for n in dir(kinds) if n.startswith("Expect")]
    classes = {kind.expectation_type: kind for kind in found if hasattr(kind, "expectation_type")}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("raw2adam").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole"), classes


def validated(expectations: Iterable[tuple[str, dict[str, Any]]], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The summary result of each expectation (name without expect_, arguments), in order, as the package reports it."""
    with _without_collection():
        whole, classes = _whole_tables()
        import great_expectations as gx

        batch = whole.get_batch({"dataframe": frame})
        instances = [classes[f"expect_{name}"](**arguments) for name, arguments in expectations]
        # one suite per expectation would lose the metrics they share; numbers keep equal expectations apart
        for number, expectation in enumerate(instances):
            expectation.meta = {"number": number}
        suite = gx.ExpectationSuite(name="checks", expectations=instances)
        with np.errstate(all="ignore"):  # 1e308 squared is infinite: an observation, not a message for a terminal
            result = batch.validate(suite, result_format="SUMMARY")
        reports: list[Any] = list(result.results)
        found = {r.expectation_config.meta["number"]: r.to_json_dict() for r in reports}
    return [found[number] for number in range(len(instances))]


def documented(folder: Path, suites: Sequence[tuple[str, pd.DataFrame, Sequence[tuple[str, dict[str, Any]]]]]) -> None:
    """Write the Data Docs of the package about several tables: name, records, expectations (see ``validated``)."""
    with _without_collection():
        classes = _whole_tables()[1]
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
        index = {"class_name": "DefaultSiteIndexBuilder"}
        site = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": store,
            "site_index_builder": index,
        }
        context.add_data_docs_site(site_name="raw2adam", site_config=site)
        source = context.data_sources.add_pandas("raw2adam")
        for name, frame, expectations in suites:
            whole = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
            instances = [classes[f"expect_{kind}"](**arguments) for kind, arguments in expectations]
            suite = context.suites.add(gx.ExpectationSuite(name=name, expectations=instances))
            definition = context.validation_definitions.add(gx.ValidationDefinition(name=name, data=whole, suite=suite))
            with np.errstate(all="ignore"):
                definition.run(batch_parameters={"dataframe": frame}, result_format="SUMMARY")
        context.build_data_docs(site_names=["raw2adam"])
