"""Runs expectations of one table with great-expectations: whole table, summary results, no analytics, no network.

The package is loaded when it is used, without its charts and its project folder. Not for what results mean (run.py).
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
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
