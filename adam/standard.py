"""ADaM as the engine asks for it. Source: ADaMIG 1.3 section 3.1.1 for the numeric dates and times, 3.1.4 for (N)."""

from __future__ import annotations

from ..engine.standard import Standard, register_standard

register_standard(
    Standard(
        name="adam",
        reads_all=True,
        copied_origin="Predecessor",
        explains_assigned=True,
        code_names=lambda text: (f"{text}CD", f"{text}N"),  # PARAMCD and PARAMN of PARAM, AGEGR1N of AGEGR1
        formats=(("DTM", "DATETIME20."), ("TM", "TIME8."), ("DT", "DATE9.")),
    )
)
