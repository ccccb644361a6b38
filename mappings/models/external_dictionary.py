"""The typed model of an external dictionary, such as MedDRA, for define.xml.

The JSON Schema and the reference page are generated from this model, so every field has a description. Not for coding
terms with a dictionary.
"""

from __future__ import annotations

import re

from pydantic import Field, model_validator

from ..binding.bind import FieldMistake, SpecModel
from ..facts import facts
from ..facts.terminology import ExternalDictionary

_ADDRESS = re.compile(r"https?://[!-~]+", re.ASCII)


class ExternalDictionarySpec(SpecModel, defer_build=False):  # every rule has it: built once, not again for each
    """A dictionary outside CDISC terminology whose terms or codes a variable has."""

    name: str = Field(
        description="Name of the dictionary as controlled terminology spells it (DICTNAM): MedDRA, WHODD, LOINC, UNII, "
        "SNOMED, ISO 3166; another name for a dictionary that it does not have."
    )
    version: str = Field(description="Version of the dictionary, such as 27.1.")
    href: str = Field(default="", description="Web address of the dictionary.")

    @model_validator(mode="after")
    def _named(self) -> ExternalDictionarySpec:
        for field in ("name", "version"):
            text = getattr(self, field)
            if not text.strip() or text != text.strip():
                raise FieldMistake(f"the {field} of the dictionary is empty or has blanks around it", field)
        listed = facts.codelist("DICTNAM", "sdtm")
        term = listed.lookup().get(self.name.casefold(), self.name) if listed is not None else self.name
        if term != self.name:
            message = f"controlled terminology (DICTNAM) calls the dictionary '{self.name}' {term}"
            raise FieldMistake(message, "name", hint=f"write {term}")
        if self.href and not _ADDRESS.fullmatch(self.href):
            raise FieldMistake(f"'{self.href}' is no web address: it begins with https:// and has no blanks", "href")
        return self

    def named(self, label: str = "") -> ExternalDictionary:
        """The dictionary, with the name of its codelist in define.xml; by default that of the dictionary."""
        return ExternalDictionary(self.name, self.version, self.href, label or self.name)
