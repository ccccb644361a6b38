"""The forms with few rows per subject: sites, enrolment, demography, death, end of study, next therapy.

Not for the repeating forms of treatment, response and adverse events.
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


def sites(registry: Registry) -> Table:
    """One row per site, whether it has enrolled or not."""
    ids = registry.cohort.site_id
    codes = np.array([c.code for c in COUNTRIES], dtype=object)[registry.cohort.site_country]
    investigators = np.array([f"Investigator {s}-01" for s in ids], dtype=object)
    numbers = np.array([f"{s}-01" for s in ids], dtype=object)
    return Table("sites.csv", {"SITE_ID": ids, "COUNTRY": codes, "INVEST": investigators, "INVEST_ID": numbers})


def enrol(registry: Registry) -> Table:
    """One row per enrolment; a deceased retrospective subject has a waiver and no consent.

    A subject who moved to another site has a second row: the new identifiers, without consent and criteria. A subject
    who was screened again has the first screening before the primary row.
    """
    cohort, continuity = registry.cohort, registry.continuity
    everyone = np.arange(len(cohort))
    moved, again = np.flatnonzero(continuity.new_id != ""), np.flatnonzero(continuity.first_id != "")
    rows = np.concatenate([everyone, moved, again])
    kind = np.repeat([1, 2, 0], [len(everyone), len(moved), len(again)])  # primary, after a transfer, first screening
    order = np.lexsort((kind, rows))
    rows, kind = rows[order], kind[order]
    transfer, first = kind == 2, kind == 0

    def entered(cells: np.ndarray, at_first: str = "") -> np.ndarray:
        """``cells`` of the subjects, ``at_first`` (if any) on a first screening; empty after a transfer."""
        return np.where(transfer, "", np.where(first & (at_first != ""), at_first, cells[rows])).astype(object)

    site = cohort.site_id[cohort.site[rows]]
    enrolled = np.select(
        [transfer, first], [continuity.moved[rows], continuity.first_enrolled[rows]], cohort.enrolled[rows]
    )
    consent = np.select(
        [transfer, first], [np.full(len(rows), ABSENT), continuity.first_enrolled[rows]], cohort.consent[rows]
    )
    met = {name: entered(cells, "Y" if name.startswith("INCL") else "N") for name, cells in _criteria(registry).items()}
    table = registry.table(
        "enrol.csv",
        rows,
        {
            "COHORT": choose(("PROSPECTIVE", "RETROSPECTIVE"), cohort.retrospective.astype(np.int64))[rows],
            "ENR_DT": enrolled,
            "ICF_YN": entered(yes_no(~cohort.waiver)),
            "ICF_DT": consent,
            "WAIVER_YN": yes_no(cohort.waiver)[rows],
            "WAIVER_DT": np.where(cohort.waiver, cohort.enrolled, ABSENT)[rows],
            "WAIVER_REASON": choose(("", "Deceased before enrolment"), cohort.waiver.astype(np.int64))[rows],
            "ELIG_YN": entered(yes_no(cohort.eligible), "Y"),
            "PLAN_REGIMEN": choose(tuple(REGIMENS), cohort.regimen)[rows],
            **met,
            "PRIMARY_YN": yes_no(kind == 1),
            "PREV_SITE_ID": np.where(transfer | ((kind == 1) & (continuity.first_id[rows] != "")), site, "").astype(
                object
            ),
            "PREV_SUBJ_ID": np.where(
                transfer, cohort.subject_id[rows], np.where(first, "", continuity.first_id[rows])
            ).astype(object),
        },
    )
    table.columns["SUBJ_ID"] = np.where(first, continuity.first_id[rows], table.columns["SUBJ_ID"]).astype(object)
    return table


def _criteria(registry: Registry) -> dict[str, np.ndarray]:
    """INCL_1 to INCL_4 (N: violated) and EXCL_1, EXCL_2 (Y: violated). A subject who is not eligible violates one.

    Adult (INCL_1), a prior line (INCL_2), consent (INCL_4) and exposure before enrolment (EXCL_1) are never violated,
    because other forms have the data.
    """
    n = len(registry.cohort)
    chosen_later = Draws(registry.seed, "eligibility").chance(500, n)
    never = np.zeros(n, dtype=bool)
    out = ~registry.cohort.eligible
    broken = {"INCL_1": never, "INCL_2": never, "INCL_3": out & chosen_later, "INCL_4": never}
    return {name: yes_no(~v) for name, v in broken.items()} | {
        "EXCL_1": yes_no(never),
        "EXCL_2": yes_no(out & ~chosen_later),
    }


def demo(registry: Registry) -> Table:
    """One row per subject: year of birth only; sex in the country's codes; race and ethnicity where collected."""
    cohort = registry.cohort
    rows = np.arange(len(cohort))
    male, female = (np.array([x.sexes[k] for x in COUNTRIES], dtype=object)[cohort.country] for k in (0, 1))
    return registry.table(
        "demo.csv",
        rows,
        {
            "BIRTH_YR": spell(cohort.birth_year, str),
            "AGE": spell(cohort.age, str),
            "SEX": np.where(cohort.male, male, female),
            "RACE": cohort.race,
            "ETHNIC": cohort.ethnic,
            "HEIGHT": spell(cohort.height, str),
            "WEIGHT": tenths(cohort.weight, registry.comma(rows)),
            "RACE_2": _second_race(registry),
        },
    )


def _second_race(registry: Registry) -> np.ndarray:
    """Rarely a second race, another than the first; only where race is collected."""
    draws = Draws(registry.seed, "demographics", part=1)
    n = len(registry.cohort)
    reported = draws.chance(12, n) & (registry.cohort.race != "")
    first = np.where(
        registry.cohort.race == RACES[0], choose(RACES, np.full(n, 1)), choose(RACES, np.zeros(n, dtype=np.int64))
    )
    return np.where(reported, first, "").astype(object)


def causes(registry: Registry) -> tuple[np.ndarray, np.ndarray]:
    """Cause of death of every subject, as positions in MYELOMA_CAUSES and OTHER_CAUSES."""
    draws = Draws(registry.seed, "death")
    n = len(registry.cohort)
    return draws.pick((50, 30, 20), n), draws.pick((30, 22, 18, 15, 15), n)


def death(registry: Registry) -> Table:
    """One row per death on or before last contact."""
    rows = np.flatnonzero(registry.cohort.treated & (registry.course.death < NEVER))
    of_myeloma = registry.course.myeloma_death[rows]
    myeloma, other = (position[rows] for position in causes(registry))
    related = np.where(of_myeloma, "Y", np.where(other == UNKNOWN_CAUSE, "UNK", "N")).astype(object)
    cause = np.where(of_myeloma, choose(MYELOMA_CAUSES, myeloma), choose(OTHER_CAUSES, other))
    return registry.table(
        "death.csv",
        rows,
        {
            "DTH_DT": dates(registry.cohort, registry.course.death[rows], rows),
            "CAUSE": cause,
            "MM_REL": related,
            "AUTOPSY_YN": yes_no(Draws(registry.seed, "death", part=1).chance(35, len(registry.cohort))[rows]),
        },
    )


def end(registry: Registry) -> Table:
    """Up to two rows per subject: FORM EOT (end of isatuximab, treated subjects only) and EOS (end of study)."""
    cohort, course = registry.cohort, registry.course
    everyone, treated = np.arange(len(cohort)), np.flatnonzero(cohort.treated)
    rows = np.concatenate([treated, everyone])
    is_eos = np.repeat([False, True], [len(treated), len(everyone)])
    order = np.lexsort((is_eos, rows))
    rows, is_eos = rows[order], is_eos[order]

    draws = Draws(registry.seed, "follow-up", part=1)
    never_treated_end = cohort.enrolled + draws.between(14, 60, len(cohort))
    end_day = np.where(cohort.treated, dates(cohort, course.end), never_treated_end)
    end_reason = np.where(cohort.treated, course.end_reason, END_COMPLETED)
    ongoing = end_reason == END_ONGOING
    eos_reason = np.where(cohort.treated, choose(ENDS, end_reason), "Physician decision")
    eos_reason = np.where(ongoing, "", eos_reason)
    eos_status = np.where(ongoing, "ONGOING", np.where(eos_reason == "Completed", "COMPLETED", "DISCONTINUED"))
    stopped = course.stop < NEVER
    eot_reason = np.where(stopped, choose(STOPS, course.stop_reason), "")

    reason = np.where(is_eos, eos_reason[rows], eot_reason[rows]).astype(object)
    status = np.where(is_eos, eos_status[rows], np.where(stopped, "DISCONTINUED", "ONGOING")[rows]).astype(object)
    stop = np.where(is_eos, np.where(ongoing, ABSENT, end_day)[rows], dates(cohort, course.stop)[rows])
    alive = np.where(end_reason == END_DEATH, ABSENT, end_day)
    return registry.table(
        "eos.csv",
        rows,
        {
            "FORM": choose(("EOT", "EOS"), is_eos.astype(np.int64)),
            "STATUS": status,
            "STOP_DT": stop,
            "REASON": reason,
            "LAST_CONTACT_DT": np.where(is_eos, alive[rows], ABSENT),
        },
        when=np.where(is_eos | ~stopped[rows], end_day[rows], dates(cohort, course.stop)[rows]),
    )


def subsequent(registry: Registry) -> Table:
    """One row per first subsequent therapy; no end date while it goes on."""
    course = registry.course
    rows = np.flatnonzero(registry.cohort.treated & (course.next_therapy < NEVER))
    draws = Draws(registry.seed, "subsequent therapy", part=1)
    n = len(registry.cohort)
    drugs, intent = draws.below(len(NEXT_DRUGS), n), draws.pick((70, 20, 4, 6), n)
    best, unreported = draws.pick((18, 22, 10, 28, 15, 5, 2), n), draws.chance(200, n)
    # a response takes a month: a therapy that has just begun has none
    last = np.minimum(course.end, course.death - 1)
    ended = course.next_therapy + draws.between(30, 420, n)
    reported = (last >= course.next_therapy + 40) & ~unreported
    # the therapy before a planned transplant is BRIDGING; a therapy for progression is not CURATIVE
    planned = course.next_reason == NEXT_REASONS.index("PLANNED TRANSPLANT / CONSOLIDATION")
    intent = np.where(planned, INTENTS.index("BRIDGING"), intent)
    curative = intent == INTENTS.index("CURATIVE")
    intent = np.where(curative & (course.next_reason == 0), INTENTS.index("PALLIATIVE"), intent)
    return registry.table(
        "subtx.csv",
        rows,
        {
            "DRUGS": choose(NEXT_DRUGS, drugs[rows]),
            "ST_DT": dates(registry.cohort, registry.course.next_therapy[rows], rows),
            "REASON": choose(NEXT_REASONS, registry.course.next_reason[rows]),
            "INTENT": choose(INTENTS, intent[rows]),
            "EN_DT": np.where(ended <= last, dates(registry.cohort, ended), ABSENT)[rows],
            "BEST_RESP": response_words(registry, rows, np.where(reported, best, -1)[rows]),
        },
    )
