"""The countries of the synthetic registry: how many subjects they enrol and how their sites write data.

Not for the countries of the real study, which are not public.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Country:
    """A country's habits. ``sexes``: the codes for male and female. ``language``: of the verbatim event terms."""

    code: str  # ISO 3166 alpha-3
    weight: int  # share of the subjects, in percent
    dates: str  # in the words of a spec's date formats
    comma: bool  # decimal comma
    sexes: tuple[str, str] = ("M", "F")
    language: str = "en"
    race: tuple[int, int, int, int] | None = (96, 2, 1, 1)  # RACES; None: not collected
    hispanic: int = 1  # percent


RACES = ("WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN", "OTHER")

COUNTRIES = (
    Country("FRA", 12, "dd/mm/yyyy", True, ("H", "F"), "fr", None),
    Country("DEU", 9, "dd.mm.yyyy", True, ("1", "2"), "de", None),
    Country("ITA", 11, "dd/mm/yyyy", True, language="it"),
    Country("ESP", 8, "dd/mm/yyyy", True, language="es"),
    Country("GBR", 8, "dd-mon-yyyy", False, race=(86, 8, 5, 1)),
    Country("NLD", 4, "dd-mm-yyyy", True),
    Country("BEL", 4, "dd/mm/yyyy", True, ("H", "F"), "fr"),
    Country("SWE", 4, "yyyy-mm-dd", True),
    Country("GRC", 4, "dd/mm/yyyy", True),
    Country("CZE", 4, "dd.mm.yyyy", True),
    Country("JPN", 9, "yyyy-mm-dd", False, ("1", "2"), race=(0, 100, 0, 0), hispanic=0),
    Country("KOR", 5, "yyyy-mm-dd", False, ("1", "2"), race=(0, 100, 0, 0), hispanic=0),
    Country("BRA", 4, "dd/mm/yyyy", True, language="pt", race=(60, 2, 18, 20), hispanic=95),
    Country("MEX", 4, "dd-mon-yyyy", False, language="es", race=(45, 1, 2, 52), hispanic=98),
    Country("USA", 10, "mm/dd/yyyy", False, race=(74, 5, 19, 2), hispanic=12),
)


def quotas(total: int, weights: list[int], least: int = 0) -> np.ndarray:
    """``total`` split in proportion to ``weights`` by the largest remainder, each at least ``least`` if possible."""
    floor = min(least, total // len(weights))
    free = total - floor * len(weights)
    shares = np.array(weights, dtype=np.int64) * free
    parts = shares // sum(weights)
    order = np.argsort(-(shares % sum(weights)), kind="stable")
    parts[order[: free - int(parts.sum())]] += 1
    return parts + floor


def take(attribute: str) -> np.ndarray:
    """One attribute of every country, in the order of COUNTRIES, as an object array."""
    out = np.empty(len(COUNTRIES), dtype=object)
    out[:] = [getattr(c, attribute) for c in COUNTRIES]
    return out
