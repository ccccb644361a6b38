"""The rules of USUBJID, SUBJID and SITEID: copies of what identifies the subject of a row, with their origin.

Not for deriving the identity (engine/subjects/identity.py). Source: Define-XML 2.1, 4.3.1: a value that is put together
from others is Derived and has a method; a collected identifier, padded or not, is Collected.
"""

from __future__ import annotations

from ..engine.derivations.assign import From
from ..mappings.models.derivation import OriginSpec
from ..mappings.models.study import SubjectSpec
from ..mappings.models.template import Part, parse_template


def identity_rule(name: str, subject: SubjectSpec) -> From:
    """The rule that copies USUBJID, SUBJID or SITEID of a row's subject."""
    plain = {"from": name}
    sentence = _composition(name, subject)
    if not sentence:
        return From.model_validate(plain)
    return From.model_validate({**plain, "origin": OriginSpec(type="Derived", source="Sponsor"), "method": sentence})


def _composition(name: str, subject: SubjectSpec) -> str:
    """How a template puts an identifier together; '' for a single collected one."""
    template = {"USUBJID": subject.usubjid, "SUBJID": subject.subjid, "SITEID": subject.siteid}[name]
    parts = parse_template(template).parts if template else ()
    changed = [
        "An identifier that has changed is replaced by the crosswalk of the study." if subject.crosswalk else "",
        "An enrolment that continues an earlier one has its identifier." if subject.continues else "",
    ]
    if len(parts) < 2 and not (name == "USUBJID" and any(changed)):
        return ""
    listed = [_part(p, subject) for p in parts]
    joined = f"{', '.join(listed[:-1])} and {listed[-1]}" if len(listed) > 1 else "".join(listed)
    first = f"{name} consists of {joined}."
    return " ".join(filter(None, [first, *(changed if name == "USUBJID" else ())]))


def _part(part: Part, subject: SubjectSpec) -> str:
    """A part of a template in words: the name of a raw column means nothing to a reader of SDTM."""
    if not part.name or part.name == "STUDYID":
        return part.name or f"'{part.text}'"
    names = subject.names
    sites = parse_template(subject.siteid).names if subject.siteid else names[:-1][:1]
    if (part.name,) == tuple(sites):
        what = "site identifier"
    elif part.name == names[-1]:
        what = "subject identifier"
    else:
        what = f"identifier {names.index(part.name) + 1}" if part.name in names else "further identifier"
    return f"the collected {what}{f' with leading zeros to {part.width} characters' if part.width else ''}"
