"""Documents of define.xml."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-DOC-001", "error", "A document that study.yaml declares is missing or cannot be opened",
      "Put the file into the study folder, or into the folder that --documents names; or remove it from documents:."),
)
