"""ADaM as the engine asks for it. Source: ADaMIG 1.3 section 3.1.1 for the numeric dates and times."""

from __future__ import annotations

from ..engine.standard import Standard, register_standard

register_standard(
    Standard(
        name="adam",
        reads_all=True,
        copied_origin="Predecessor",
        explains_assigned=True,
        formats=(("DTM", "DATETIME20."), ("TM", "TIME8."), ("DT", "DATE9.")),
    )
)
