"""Who is enrolled: sites, consent or waiver, first dose, regimen, age and build.

Not for the course of the disease: course.py. All dates are whole days since 1970-01-01, ABSENT where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ..terms.countries import COUNTRIES, RACES, quotas, take
from .draws import Draws

ABSENT = -1
EPOCH = date(1970, 1, 1).toordinal()


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    return date(year, month, day).toordinal() - EPOCH


FIRST_ENROLMENT = day_number(2020, 8, 13)
LAST_ENROLMENT = day_number(2025, 6, 30)
CUTOFF = day_number(2025, 12, 31)

#: regimen -> its share in percent; the positions are the values of Cohort.regimen
REGIMENS = {"Isa-Pd": 72, "Isa-Kd": 23, "Isa-d": 5}
AGE = ((0, 38), (50, 52), (250, 64), (500, 71), (750, 77), (950, 84), (1000, 91))  # median 71, as in the first interim
HEIGHT = (
    ((0, 155), (100, 166), (500, 174), (900, 183), (1000, 197)),
    ((0, 144), (100, 153), (500, 161), (900, 169), (1000, 181)),
)
WEIGHT = (
    ((0, 520), (100, 640), (500, 790), (900, 970), (1000, 1280)),
    ((0, 410), (100, 520), (500, 655), (900, 840), (1000, 1140)),
)
LONGEST_EXPOSURE_BEFORE_CONSENT = 92  # days: "at most 3 months of exposure before enrolment"


@dataclass(kw_only=True)
class Cohort:
    """One element per subject, ordered by site and enrolment; sites are positions in the ``site_*`` arrays."""

    site_id: np.ndarray  # text, per site
    site_country: np.ndarray  # position in COUNTRIES, per site
    site: np.ndarray
    country: np.ndarray
    subject_id: np.ndarray  # text, unique within a site
    retrospective: np.ndarray
    waiver: np.ndarray  # deceased before enrolment: no consent
    treated: np.ndarray
    regimen: np.ndarray
    enrolled: np.ndarray
    consent: np.ndarray
    first_dose: np.ndarray
    waiver_death: np.ndarray  # days from first dose to death of those with a waiver, else ABSENT
    eligible: np.ndarray
    age: np.ndarray
    birth_year: np.ndarray
    male: np.ndarray
    race: np.ndarray  # text
    ethnic: np.ndarray  # text
    height: np.ndarray  # cm
    weight: np.ndarray  # tenths of a kg

    def __len__(self) -> int:
        return len(self.site)


def draw_cohort(subjects: int, seed: int) -> Cohort:
    """``subjects`` subjects over 15 to 120 sites in all countries."""
    draws = Draws(seed, "cohort")
    n = subjects
    sites = quotas(min(max(n // 8, len(COUNTRIES)), 120), [c.weight for c in COUNTRIES], least=1)
    site_country = np.repeat(np.arange(len(COUNTRIES)), sites)
    within = np.concatenate([np.arange(1, k + 1) for k in sites])
    site_id = np.array([f"{c + 1:02}{w:02}" for c, w in zip(site_country, within, strict=True)], dtype=object)

    country = np.repeat(np.arange(len(COUNTRIES)), quotas(n, [c.weight for c in COUNTRIES]))
    first_site = np.concatenate([[0], np.cumsum(sites)[:-1]])
    site = first_site[country] + draws.below(sites[country], n)
    enrolled = draws.between(FIRST_ENROLMENT, LAST_ENROLMENT, n)
    order = np.lexsort((enrolled, site))
    site, enrolled = site[order], enrolled[order]
    starts = np.searchsorted(site, site, side="left")
    number = np.arange(n) - starts + 1
    country = site_country[site]

    retrospective = draws.chance(250, n)
    waiver = draws.chance(90, n) & retrospective
    treated = ~draws.chance(20, n) | retrospective
    consent = enrolled - draws.between(0, 2, n)
    waiver_death = draws.between(20, 85, n)
    prospective_start = consent + draws.between(0, 21, n)
    retrospective_start = consent - draws.between(1, LONGEST_EXPOSURE_BEFORE_CONSENT, n)
    waiver_start = enrolled - draws.between(5, 60, n) - waiver_death
    first_dose = np.where(waiver, waiver_start, np.where(retrospective, retrospective_start, prospective_start))

    who = Draws(seed, "demographics")
    age = who.quantile(AGE, n)
    had_birthday = who.below(2, n)
    year = enrolled.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    male = who.chance(545, n)
    height = np.where(male, who.quantile(HEIGHT[0], n), who.quantile(HEIGHT[1], n))
    weight = np.where(male, who.quantile(WEIGHT[0], n), who.quantile(WEIGHT[1], n))
    race, ethnic = _race_and_ethnicity(who, country)
    return Cohort(
        site_id=site_id,
        site_country=site_country,
        site=site,
        country=country,
        subject_id=np.array([f"{k:04}" for k in range(10_000)], dtype=object)[number],
        retrospective=retrospective,
        waiver=waiver,
        treated=treated,
        regimen=draws.pick(tuple(REGIMENS.values()), n),
        enrolled=enrolled,
        consent=np.where(waiver, ABSENT, consent),
        first_dose=np.where(treated, first_dose, ABSENT),
        waiver_death=np.where(waiver, waiver_death, ABSENT),
        eligible=~draws.chance(40, n),
        age=age,
        birth_year=year - age - 1 + had_birthday,
        male=male,
        race=race,
        ethnic=ethnic,
        height=height,
        weight=weight,
    )


def _race_and_ethnicity(who: Draws, country: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Texts; blank in the countries that do not collect race."""
    n = len(country)
    percent, hispanic = who.below(100, n), who.below(100, n) < take("hispanic")[country].astype(np.int64)
    edges = np.array([np.cumsum(c.race or (100, 0, 0, 0)) for c in COUNTRIES])
    position = (percent[:, None] >= edges[country]).sum(axis=1)
    collected = np.array([c.race is not None for c in COUNTRIES])[country]
    race = np.where(collected, np.array(RACES, dtype=object)[position], "")
    ethnic = np.where(hispanic, "HISPANIC OR LATINO", "NOT HISPANIC OR LATINO").astype(object)
    return race, np.where(collected, ethnic, "")
