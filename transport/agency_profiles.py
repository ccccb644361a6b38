"""What an agency expects of transport files beyond the format: the profiles of --profile, and limits of file size.

The limits are those that the agencies name today; --max-file-size replaces them. Not for the checks
(validation/agency_rules.py) nor for the split (split_xpt.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..errors import UsageError, nearest

_GB = 1_000_000_000
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": _GB}


@dataclass(frozen=True, kw_only=True)
class AgencyProfile:
    """The rules of an agency. ``limit``: bytes above which a file is split too, 0 for never; ``chosen``: by the user.

    ``checked``: whether names, labels, types and lengths are checked. ``plain_names``: names have letters and digits
    only. ``balanced_labels``: labels have no quotation mark or bracket without its pair. ``tight_lengths``: a text
    variable is no longer than its longest value in the study. ``chinese``: labels are expected in Chinese.
    """

    name: str
    agency: str
    limit: int = 0
    chosen: bool = False
    checked: bool = True
    plain_names: bool = False
    balanced_labels: bool = False
    tight_lengths: bool = False
    chinese: bool = False


#: FDA: Study Data Technical Conformance Guide, sections on the transport format, dataset size, names, labels, lengths
FDA = AgencyProfile(name="fda", agency="FDA", limit=5 * _GB, plain_names=True, balanced_labels=True, tight_lengths=True)
#: PMDA: Technical Conformance Guide on Electronic Study Data Submissions
PMDA = AgencyProfile(name="pmda", agency="PMDA", limit=10 * _GB)
#: NMPA: Guideline on the Submission of Clinical Trial Data
NMPA = AgencyProfile(name="nmpa", agency="NMPA", limit=4 * _GB, chinese=True)
NONE = AgencyProfile(name="none", agency="", checked=False)
PROFILES = (FDA, PMDA, NMPA, NONE)


def agency_profile(name: str, max_file_size: str = "") -> AgencyProfile:
    """The profile of this name, with another limit where ``max_file_size`` has one (5GB, 200 MB, a number of bytes).

    Raises UsageError for an unknown name or size.
    """
    known = {p.name: p for p in PROFILES}
    profile = known.get(name.strip().lower())
    if profile is None:
        hint = nearest(name, list(known))
        raise UsageError(f"--profile {name!r}: expected one of {', '.join(known)}" + (f" ({hint})" if hint else ""))
    return replace(profile, limit=_bytes(max_file_size), chosen=True) if max_file_size else profile


def size_text(size: int) -> str:
    """A size as a reader compares it: 5 GB, 1.25 MB, 980 bytes."""
    unit = next((u for u in ("GB", "MB", "KB") if size >= _UNITS[u]), "")
    return f"{size / _UNITS[unit]:.4g} {unit}" if unit else f"{size} bytes"


def _bytes(text: str) -> int:
    match = _SIZE.fullmatch(text.strip())
    size = round(float(match[1]) * _UNITS[(match[2] or "").upper()]) if match else 0
    if not size:
        raise UsageError(f"--max-file-size {text!r}: expected a size such as 5GB, 200MB or 100000 (bytes)")
    return size
