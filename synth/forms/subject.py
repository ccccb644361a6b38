"""The forms with few rows per subject: sites, enrolment, demography, death, end of study, next therapy.

Not the repeating forms of treatment, response and adverse events.
"""

from __future__ import annotations

import numpy as np

from ..subjects.cohort import ABSENT, REGIMENS
from ..subjects.course import END_COMPLETED, END_DEATH, END_ONGOING, ENDS, NEVER, NEXT_REASONS, STOPS, dates
from ..subjects.draws import Draws
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell, tenths
from ..terms.countries import COUNTRIES, RACES
from .response import response_words

INTENTS = ("LIFE-PROLONGING/DISEASE CONTROL", "PALLIATIVE", "CURATIVE", "BRIDGING")
NEXT_DRUGS = (
    "Carfilzomib + Dexamethasone", "Belantamab mafodotin", "Teclistamab", "Selinexor + Bortezomib + Dexamethasone",
    "Elotuzumab + Pomalidomide + Dexamethasone", "Melphalan + Prednisone", "Talquetamab",
    "Cyclophosphamide + Dexamethasone",
)  # fmt: skip
MYELOMA_CAUSES = ("Multiple myeloma", "Progressive disease", "Plasma cell myeloma")
OTHER_CAUSES = ("Pneumonia", "Sepsis", "Cardiac failure", "COVID-19", "Unknown")
UNKNOWN_CAUSE = OTHER_CAUSES.index("Unknown")


def yes_no(flag: np.ndarray) -> np.ndarray:
    """Y or N."""
    return choose(("N", "Y"), flag.astype(np.int64))


def sites(r: Registry) -> Table:
    """One row per site, whether it has enrolled or not."""
    ids = r.cohort.site_id
    codes = np.array([c.code for c in COUNTRIES], dtype=object)[r.cohort.site_country]
    investigators = np.array([f"Investigator {s}-01" for s in ids], dtype=object)
    numbers = np.array([f"{s}-01" for s in ids], dtype=object)
    return Table("sites.csv", {"SITE_ID": ids, "COUNTRY": codes, "INVEST": investigators, "INVEST_ID": numbers})


def enrol(r: Registry) -> Table:
    """One row per enrolment; a deceased retrospective subject has a waiver and no consent.

    A subject who moved to another site has a second row with the new identifiers and no consent and criteria of its
    own; one who was screened again has the first screening before the primary row.
    """
    c, w = r.cohort, r.continuity
    everyone = np.arange(len(c))
    moved, again = np.flatnonzero(w.new_id != ""), np.flatnonzero(w.first_id != "")
    rows = np.concatenate([everyone, moved, again])
    kind = np.repeat([1, 2, 0], [len(everyone), len(moved), len(again)])  # primary, after a transfer, first screening
    order = np.lexsort((kind, rows))
    rows, kind = rows[order], kind[order]
    transfer, first = kind == 2, kind == 0

    def told(cells: np.ndarray, at_first: str = "") -> np.ndarray:
        """``cells`` of the subjects on the primary row; empty after a transfer."""
        return np.where(transfer, "", np.where(first & (at_first != ""), at_first, cells[rows])).astype(object)

    site = c.site_id[c.site[rows]]
    enrolled = np.select([transfer, first], [w.moved[rows], w.first_enrolled[rows]], c.enrolled[rows])
    consent = np.select([transfer, first], [np.full(len(rows), ABSENT), w.first_enrolled[rows]], c.consent[rows])
    met = {name: told(cells, "Y" if name.startswith("INCL") else "N") for name, cells in _criteria(r).items()}
    table = r.table(
        "enrol.csv",
        rows,
        {
            "COHORT": choose(("PROSPECTIVE", "RETROSPECTIVE"), c.retrospective.astype(np.int64))[rows],
            "ENR_DT": enrolled,
            "ICF_YN": told(yes_no(~c.waiver)),
            "ICF_DT": consent,
            "WAIVER_YN": yes_no(c.waiver)[rows],
            "WAIVER_DT": np.where(c.waiver, c.enrolled, ABSENT)[rows],
            "WAIVER_REASON": choose(("", "Deceased before enrolment"), c.waiver.astype(np.int64))[rows],
            "ELIG_YN": told(yes_no(c.eligible), "Y"),
            "PLAN_REGIMEN": choose(tuple(REGIMENS), c.regimen)[rows],
            **met,
            "PRIMARY_YN": yes_no(kind == 1),
            "PREV_SITE_ID": np.where(transfer | ((kind == 1) & (w.first_id[rows] != "")), site, "").astype(object),
            "PREV_SUBJ_ID": np.where(transfer, c.subject_id[rows], np.where(first, "", w.first_id[rows])).astype(
                object
            ),
        },
    )
    table.columns["SUBJ_ID"] = np.where(first, w.first_id[rows], table.columns["SUBJ_ID"]).astype(object)
    return table


def _criteria(r: Registry) -> dict[str, np.ndarray]:
    """INCL_1 to INCL_4 (N: violated) and EXCL_1, EXCL_2 (Y: violated). Whoever is not eligible violates one.

    Adult (INCL_1), a prior line (INCL_2), consent (INCL_4) and exposure before enrolment (EXCL_1) are never violated:
    other forms tell.
    """
    n = len(r.cohort)
    chosen_later = Draws(r.seed, "eligibility").chance(500, n)
    never = np.zeros(n, dtype=bool)
    out = ~r.cohort.eligible
    broken = {"INCL_1": never, "INCL_2": never, "INCL_3": out & chosen_later, "INCL_4": never}
    return {name: yes_no(~v) for name, v in broken.items()} | {
        "EXCL_1": yes_no(never),
        "EXCL_2": yes_no(out & ~chosen_later),
    }


def demo(r: Registry) -> Table:
    """One row per subject: year of birth only; sex in the country's codes; race and ethnicity where collected."""
    c = r.cohort
    rows = np.arange(len(c))
    male, female = (np.array([x.sexes[k] for x in COUNTRIES], dtype=object)[c.country] for k in (0, 1))
    return r.table(
        "demo.csv",
        rows,
        {
            "BIRTH_YR": spell(c.birth_year, str),
            "AGE": spell(c.age, str),
            "SEX": np.where(c.male, male, female),
            "RACE": c.race,
            "ETHNIC": c.ethnic,
            "HEIGHT": spell(c.height, str),
            "WEIGHT": tenths(c.weight, r.comma(rows)),
            "RACE_2": _second_race(r),
        },
    )


def _second_race(r: Registry) -> np.ndarray:
    """Rarely a second race, another than the first; only where race is collected."""
    d = Draws(r.seed, "demographics", part=1)
    n = len(r.cohort)
    told = d.chance(12, n) & (r.cohort.race != "")
    first = np.where(
        r.cohort.race == RACES[0], choose(RACES, np.full(n, 1)), choose(RACES, np.zeros(n, dtype=np.int64))
    )
    return np.where(told, first, "").astype(object)


def causes(r: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Cause of death of every subject, as positions in MYELOMA_CAUSES and OTHER_CAUSES."""
    d = Draws(r.seed, "death")
    n = len(r.cohort)
    return d.pick((50, 30, 20), n), d.pick((30, 22, 18, 15, 15), n)


def death(r: Registry) -> Table:
    """One row per death on or before last contact."""
    rows = np.flatnonzero(r.cohort.treated & (r.course.death < NEVER))
    of_myeloma = r.course.myeloma_death[rows]
    myeloma, other = (position[rows] for position in causes(r))
    related = np.where(of_myeloma, "Y", np.where(other == UNKNOWN_CAUSE, "UNK", "N")).astype(object)
    cause = np.where(of_myeloma, choose(MYELOMA_CAUSES, myeloma), choose(OTHER_CAUSES, other))
    return r.table(
        "death.csv",
        rows,
        {
            "DTH_DT": dates(r.cohort, r.course.death[rows], rows),
            "CAUSE": cause,
            "MM_REL": related,
            "AUTOPSY_YN": yes_no(Draws(r.seed, "death", part=1).chance(35, len(r.cohort))[rows]),
        },
    )


def end(r: Registry) -> Table:
    """Up to two rows per subject: FORM EOT (end of isatuximab, treated subjects only) and EOS (end of study)."""
    c, k = r.cohort, r.course
    everyone, treated = np.arange(len(c)), np.flatnonzero(c.treated)
    rows = np.concatenate([treated, everyone])
    is_eos = np.repeat([False, True], [len(treated), len(everyone)])
    order = np.lexsort((is_eos, rows))
    rows, is_eos = rows[order], is_eos[order]

    d = Draws(r.seed, "follow-up", part=1)
    never_treated_end = c.enrolled + d.between(14, 60, len(c))
    end_day = np.where(c.treated, dates(c, k.end), never_treated_end)
    end_reason = np.where(c.treated, k.end_reason, END_COMPLETED)
    ongoing = end_reason == END_ONGOING
    eos_reason = np.where(c.treated, choose(ENDS, end_reason), "Physician decision")
    eos_reason = np.where(ongoing, "", eos_reason)
    eos_status = np.where(ongoing, "ONGOING", np.where(eos_reason == "Completed", "COMPLETED", "DISCONTINUED"))
    stopped = k.stop < NEVER
    eot_reason = np.where(stopped, choose(STOPS, k.stop_reason), "")

    reason = np.where(is_eos, eos_reason[rows], eot_reason[rows]).astype(object)
    status = np.where(is_eos, eos_status[rows], np.where(stopped, "DISCONTINUED", "ONGOING")[rows]).astype(object)
    stop = np.where(is_eos, np.where(ongoing, ABSENT, end_day)[rows], dates(c, k.stop)[rows])
    alive = np.where(end_reason == END_DEATH, ABSENT, end_day)
    return r.table(
        "eos.csv",
        rows,
        {
            "FORM": choose(("EOT", "EOS"), is_eos.astype(np.int64)),
            "STATUS": status,
            "STOP_DT": stop,
            "REASON": reason,
            "LAST_CONTACT_DT": np.where(is_eos, alive[rows], ABSENT),
        },
        when=np.where(is_eos | ~stopped[rows], end_day[rows], dates(c, k.stop)[rows]),
    )


def subsequent(r: Registry) -> Table:
    """One row per first subsequent therapy; no end date while it goes on."""
    k = r.course
    rows = np.flatnonzero(r.cohort.treated & (k.next_therapy < NEVER))
    d = Draws(r.seed, "subsequent therapy", part=1)
    n = len(r.cohort)
    drugs, intent = d.below(len(NEXT_DRUGS), n), d.pick((70, 20, 4, 6), n)
    best, untold = d.pick((18, 22, 10, 28, 15, 5, 2), n), d.chance(200, n)
    # a response takes a month; none is told of a therapy that has just begun
    last = np.minimum(k.end, k.death - 1)
    ended = k.next_therapy + d.between(30, 420, n)
    told = (last >= k.next_therapy + 40) & ~untold
    # a planned transplant is meant to last, whoever is treated for progression is not cured
    planned = k.next_reason == NEXT_REASONS.index("PLANNED TRANSPLANT / CONSOLIDATION")
    intent = np.where(planned, INTENTS.index("BRIDGING"), intent)
    curative = intent == INTENTS.index("CURATIVE")
    intent = np.where(curative & (k.next_reason == 0), INTENTS.index("PALLIATIVE"), intent)
    return r.table(
        "subtx.csv",
        rows,
        {
            "DRUGS": choose(NEXT_DRUGS, drugs[rows]),
            "ST_DT": dates(r.cohort, r.course.next_therapy[rows], rows),
            "REASON": choose(NEXT_REASONS, r.course.next_reason[rows]),
            "INTENT": choose(INTENTS, intent[rows]),
            "EN_DT": np.where(ended <= last, dates(r.cohort, ended), ABSENT)[rows],
            "BEST_RESP": response_words(r, rows, np.where(told, best, -1)[rows]),
        },
    )
