"""Opens a findings page of many findings in headless Chromium, and prints how long the page, a search and a sort take.

    python tests/tools/open_findings.py 100000

Not a test: it needs Chromium, and its times are those of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from raw2adam.engine.subjects.sites import Sites
from raw2adam.findings.catalogue import rules
from raw2adam.findings.table import Findings
from raw2adam.validation.reports.findings import FindingsPage, findings_html

_READY = "document.documentElement.dataset.ready || ''"
_SEARCH = """new Promise(function (done) {
  const field = document.getElementById("text"), start = performance.now();
  new MutationObserver(function () { done(performance.now() - start - 120); }).observe(
    document.getElementById("found"), {childList: true});
  field.value = "0112 AESTDTC"; field.dispatchEvent(new Event("input"));
})"""
_SORT = """(function () {
  const start = performance.now();
  document.querySelectorAll("#heads button")[3].click();
  return performance.now() - start;
})()"""


def many(count: int) -> tuple[Findings, Sites]:
    """``count`` invented findings of 120 rules, 1,200 subjects and 60 sites."""
    draw = np.random.default_rng(1)
    table, names = Findings(), list(rules())[:120]
    subjects = [f"S-{i % 60 + 100:04}-{i:04}" for i in range(1200)]
    for number, rule in enumerate(names):
        n = count // len(names) + (number < count % len(names))
        table.add(
            rule.id, [f"message {i % 997} of a rule" for i in range(n)], severity=rule.severities[0],
            dataset=draw.choice(["AE", "CM", "LB", "VS", "QS", ""], n).astype(object),
            subject=np.array(subjects, dtype=object)[draw.integers(0, 1200, n)], sequence=draw.integers(1, 400, n),
            variable=draw.choice(["AESTDTC", "AETERM", "LBORRES"], n).astype(object),
            value=[f"v{i}" for i in draw.integers(0, 20_000, n)], source="ae", file="ae.csv",
            row=draw.integers(1, 5000, n), column=draw.choice(list("ABCDE"), n).astype(object),
        )  # fmt: skip
    return table, Sites(subjects={s: (s[2:6], s) for s in subjects})


class Browser:
    """Chromium, driven over a pair of pipes."""

    def __init__(self, program: str, profile: str):
        to_read, self._out = os.pipe()
        self._in, to_write = os.pipe()
        switches = "--headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe"
        command = f'exec "$0" {switches} --user-data-dir="$1" about:blank 3<&{to_read} 4>&{to_write}'
        self._process = subprocess.Popen(
            ["bash", "-c", command, program, profile], pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL
        )
        os.close(to_read), os.close(to_write)
        self._number, self._rest, self._session = 0, b"", ""
        pages = self.call("Target.getTargets")["targetInfos"]
        target = next(p["targetId"] for p in pages if p["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        os.write(
            self._out, json.dumps({"id": self._number, "method": method, "params": params, **session}).encode() + b"\0"
        )
        while True:
            while b"\0" in self._rest:
                one, _, self._rest = self._rest.partition(b"\0")
                answer = json.loads(one)
                if answer.get("id") == self._number:
                    return answer["result"]
            self._rest += os.read(self._in, 1 << 20)

    def value(self, code: str) -> Any:
        """The value of an expression in the page."""
        return self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)["result"].get(
            "value"
        )

    def close(self) -> None:
        self.call("Browser.close")
        self._process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("findings", type=int, nargs="?", default=100_000)
    count = parser.parse_args().findings
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("there is no chromium on this machine")
    table, sites = many(count)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "findings.html"
        page.write_bytes(findings_html(table, FindingsPage(title="many findings", sites=sites)))
        print(f"{count:,} findings, {page.stat().st_size:,} bytes")
        browser = Browser(program, f"{folder}/profile")
        browser.call("Page.navigate", url=page.as_uri())
        while not browser.value(_READY):
            time.sleep(0.02)
        print(f"open:   {browser.value(_READY)} ms, {browser.value('document.getElementById(`found`).textContent')}")
        print(
            f"search: {browser.value(_SEARCH):.0f} ms, {browser.value('document.getElementById(`found`).textContent')}"
        )
        print(f"sort:   {browser.value(_SORT):.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
