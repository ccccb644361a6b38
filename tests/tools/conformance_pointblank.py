"""A second opinion: runs the SDTMIG 3.4 rules that PyPI's pointblank ships over the SDTM folder of a build.

    pip install pointblank polars pyreadstat lxml
    python tests/tools/conformance_pointblank.py OUT/sdtm

pointblank is not a dependency of raw2adam: others wrote its rules, so they are an independent check. The script prints
every rule that does not pass, with the number of its findings and their first values. It exits with 1 if there is one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import pyreadstat


def read(path: Path) -> pd.DataFrame:
    """A dataset with missing texts as None: XPT stores a missing text as '', and the rules read '' as a value."""
    frame = pyreadstat.read_xport(str(path), disable_datetime_conversion=True)[0]
    return frame.replace({"": None})


def main(folder: Path) -> int:
    import pointblank  # pyright: ignore[reportMissingImports]

    datasets = {path.stem.upper(): read(path) for path in sorted(folder.glob("*.xpt"))}
    if not datasets:
        print(f"{folder} holds no XPT file")
        return 2
    define = folder / "define.xml"
    report = pointblank.validate_sdtmig(datasets, version="3-4", define_xml=str(define) if define.is_file() else None)
    summary = report.summary()
    print(f"{len(datasets)} datasets, {summary['n_rules']} rules, CT {', '.join(summary['ct_packages'])}")
    print(", ".join(f"{status} {count}" for status, count in summary["status_counts"].items()))
    rows = report.findings_df()
    rows = rows.to_dicts() if hasattr(rows, "to_dicts") else rows.to_dict("records")
    for issue in report.issues():
        print(f"{issue['rule_id']} {issue['sensitivity']} {issue['dataset']}: {issue['message']} ({issue['n_issues']})")
        seen: dict[str, int] = {}
        for row in rows:
            if row["rule_id"] == issue["rule_id"] and row["dataset"] == issue["dataset"]:
                value = f"{row['checked_column']} = {row['checked_value']!r}"
                seen[value] = seen.get(value, 0) + 1
        for value, count in sorted(seen.items(), key=lambda kv: -kv[1])[:5]:
            print(f"    {count} x {value}")
    return 1 if report.issues() else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
