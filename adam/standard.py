"""ADaM as the engine asks for it. Source: ADaMIG 1.3 section 3.1.1 for the numeric dates and times, 3.1.4 for (N)."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..engine.standard import CodedResults, Standard, register_standard

#: variables of a parameter whose meaning depends on it: ADaMIG 1.3 section 3.3.4, of times to event 3.3.8
_RESULTS = re.compile(
    r"AVALC?|BASEC?|CHG|PCHG|R2BASE|SHIFT\d+|(?:AVAL|BASE|CHG|PCHG)CAT\d+|STARTDTM?|CNSR|EVNTDESC|CNSDTDSC"
)
#: numbers in the unit of the analysis value: ADaMIG 1.3 sections 3.3.4 and 3.3.6
_VALUE = re.compile(r"AVAL|BASE|CHG|A[1N](?:RLO|RHI|LO|HI)")
#: categories: ADaMIG 1.3 section 3.3.4
_CATEGORY = re.compile(r"(?:PARCAT|(?:AVAL|BASE|P?CHG)CAT|CRIT)\d+")


def _coded_results(names: Collection[str]) -> CodedResults | None:
    """The analysis values of a dataset with parameters."""
    found = tuple(n for n in names if _RESULTS.fullmatch(n))
    texts = tuple((n, f"{n}C") for n in found if f"{n}C" in found)
    return CodedResults("PARAMCD", "PARAM", found, texts) if "PARAMCD" in names and found else None


register_standard(
    Standard(
        name="adam",
        reads_all=True,
        copied_origin="Predecessor",
        explains_assigned=True,
        code_names=lambda text: (f"{text}CD", f"{text}N"),  # PARAMCD and PARAMN of PARAM, AGEGR1N of AGEGR1
        coded_results=_coded_results,
        unit_names=lambda number: ("AVALU",) if _VALUE.fullmatch(number) else (),
        is_category=lambda name: _CATEGORY.fullmatch(name) is not None,
        formats=(("DTM", "DATETIME20."), ("TM", "TIME8."), ("DT", "DATE9.")),
    )
)
