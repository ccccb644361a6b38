"""The two hypothesis profiles of the suite: ``test`` draws the same examples at every run, ``fuzz`` draws new ones.

``make test`` runs the first. ``make fuzz`` runs the second: each property test draws until its share of the time is
over. Not for the tests themselves. tests/conftest.py takes over the hooks.
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.entropy import deterministic_PRNG

FUZZ = "fuzz"
#: examples of one test in the profile fuzz: its time is over before
WITHOUT_END = 1_000_000
#: shares of the time of a test whose single example takes long (marked ``slow_examples``)
SLOW_SHARES = 5
#: ``make test`` draws a part of the examples that a test names, and at least so many: the first one is the simplest
PART, LEAST = 4, 4
settings.register_profile("test", max_examples=20, derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile(
    FUZZ,
    max_examples=WITHOUT_END,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def fuzzing() -> bool:
    """Whether the profile fuzz is in force."""
    return settings.get_current_profile_name() == FUZZ


def examples(count: int) -> int:
    """``max_examples`` of a property test: a part of ``count`` in ``make test``, without end in ``make fuzz``."""
    return WITHOUT_END if fuzzing() else max(count // PART, min(count, LEAST))


# hooks of pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--fuzz-seconds``: how long the profile fuzz draws."""
    parser.addoption("--fuzz-seconds", type=float, default=300.0, help="time of the profile fuzz, over all tests")


def choose_profile(config: pytest.Config) -> None:
    """The profile ``test``, where the command names no other."""
    config.addinivalue_line("markers", "slow_examples: one example takes long; make fuzz gives the test more time")
    config.addinivalue_line("markers", "in_fuzz: make fuzz runs it, though it draws no examples")
    if not config.getoption("--hypothesis-profile", None):
        settings.load_profile("test")
        _draw_no_constants_of_modules()
    with deterministic_PRNG():
        pass  # its first use searches all objects for garbage: now there are few, at the first property test millions


def _draw_no_constants_of_modules() -> None:
    """Keep hypothesis from drawing the constants of the modules that a process has imported.

    Which modules a worker has imported depends on the tests before, and ``make test`` draws the same examples at every
    run. Reading all modules also takes several seconds of each worker. The profile fuzz draws them.
    """
    providers.is_local_module_file = lambda path: False  # type: ignore[attr-defined]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the profile fuzz: the tests that draw examples, each with its share of the time, and those marked ``in_fuzz``."""
    if not fuzzing():
        return
    drawing = [i for i in items if isinstance(i, pytest.Function) and is_hypothesis_test(i.obj)]
    chosen = [i for i in items if i in drawing or i.get_closest_marker("in_fuzz")]
    config.hook.pytest_deselected(items=[i for i in items if i not in chosen])
    items[:] = chosen
    shares = [SLOW_SHARES if i.get_closest_marker("slow_examples") else 1 for i in drawing]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    share = config.getoption("--fuzz-seconds") * workers / max(sum(shares), 1)
    for item, count in zip(drawing, shares, strict=True):
        item.stash[DRAWN] = drawn = _Drawn(share * count)
        item.user_properties.append(("drawn", drawn.count))
    for body in {id(i.obj.hypothesis): i.obj.hypothesis for i in drawing}.values():  # parametrised tests share one
        body.inner_test = limited(body.inner_test)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """The examples that are drawn now are those of this test."""
    RUNNING[:] = [item.stash[DRAWN]] if DRAWN in item.stash else []
    return (yield)


class TimeOver(pytest.skip.Exception):  # hypothesis lets a skip through at once
    """The time of a test is over, and no example failed."""


class _Drawn:
    """The examples that a test has drawn, and when its time is over."""

    def __init__(self, seconds: float):
        self.seconds, self.ends, self.failed = seconds, 0.0, False
        self.count = [0]  # a list, since pytest takes it over before the first example


DRAWN = pytest.StashKey[_Drawn]()
#: of the test that runs
RUNNING: list[_Drawn] = []


def limited(test: Callable[..., Any]) -> Callable[..., Any]:
    """The body of a test, which ends the test when its time is over.

    After an example has failed, the test goes on as long as it likes: hypothesis then makes the example smaller.
    """

    @functools.wraps(test)
    def body(*arguments: Any, **named: Any) -> None:
        (drawn,) = RUNNING
        drawn.ends = drawn.ends or time.monotonic() + drawn.seconds
        drawn.count[0] += 1
        try:
            test(*arguments, **named)
        except Exception:
            drawn.failed = True
            raise
        if time.monotonic() > drawn.ends and not drawn.failed:
            raise TimeOver  # after the body: it has drawn all that it draws

    return body


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that used up its time without a failure has passed."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, TimeOver):
        report.outcome, report.longrepr = "passed", None
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many examples the profile fuzz has drawn, and how a failing one is run again."""
    if not fuzzing():
        return
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, []) if r.when == "call"]
    drawn = {r.nodeid: dict(r.user_properties)["drawn"][0] for r in reports if "drawn" in dict(r.user_properties)}
    terminalreporter.section("examples drawn")
    for test, count in sorted(drawn.items()):
        terminalreporter.line(f"{count:>9,} {test}")
    terminalreporter.line(f"{sum(drawn.values()):>9,} examples in {len(drawn)} tests")
    for report in terminalreporter.stats.get("failed", []):
        terminalreporter.line(f"replay: .venv/bin/python -m pytest --hypothesis-profile=fuzz '{report.nodeid}'")
    if terminalreporter.stats.get("failed"):
        terminalreporter.line(
            "The failing example stands above as 'Failing test case', with a line @reproduce_failure."
        )
        terminalreporter.line("Fix the fault, and add the example to the tests as a literal case.")
