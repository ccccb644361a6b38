"""A small dictionary in the file layout of MedDRA, written by hand. Its terms and codes are invented; it is not MedDRA."""

from __future__ import annotations

from pathlib import Path

#: code, term, code of its PT, current; Head pain is no longer current
LLT = """\
90000001$Headache$90000001$$$$$$$Y$$
90000002$Head pain$90000001$$$$$$$N$$
90000003$Nausea$90000003$$$$$$$Y$$
90000004$Feeling sick$90000003$$$$$$$Y$$
90000005$Fall$90000005$$$$$$$Y$$
"""
#: PT, HLT, HLGT and SOC with their texts; Nausea has two paths, of which the second is the primary one
MDHIER = """\
90000001$91000001$92000001$93000001$Headache$Headaches$Head signs$Nervous system$Nerv$$93000001$Y$
90000003$91000009$92000009$93000001$Nausea$Brain sickness$Brain signs$Nervous system$Nerv$$93000002$N$
90000003$91000002$92000002$93000002$Nausea$Sickness$Gut signs$Gut$Gut$$93000002$Y$
90000005$91000003$92000003$93000003$Fall$Falls$Accidents$Injury$Inj$$93000003$Y$
"""
RELEASE = "27.1$English$$$$\n"


def write_meddra(folder: Path, **changed: str) -> Path:
    """The files of the dictionary in ``folder``. ``changed``: name of a file without its ending -> other content."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"llt": LLT, "mdhier": MDHIER, "meddra_release": RELEASE, **changed}.items():
        (folder / f"{name}.asc").write_text(text, "utf-8")
    return folder
