"""The JSON Schema of the spec language, for editors that complete and check while typing.

Not for checking a spec: ``bind.py`` does that, with places and hints.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import CoreRef, GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from ...errors import Place
from ..yaml.core_schema import ScalarMistake, scalar_value
from ..yaml.nodes import NULL_FORMS, Scalar

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = ["string", "number", "boolean"]


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the YAML that fills ``model``; the same model gives the same text.

    A text field takes every scalar except null, because Y, 12:30 and 1e3 are text in a text field.
    A model class with a hook for binding declares its permitted models, or other types (``str`` for a shorthand), with
    a classmethod ``__schema__()``. Models have their YAML keys.
    """
    return {"$schema": DIALECT, **model.model_json_schema(by_alias=True, schema_generator=_Generator)}


class _Generator(GenerateJsonSchema):
    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": list(_TEXT)}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        return _as_written(super().literal_schema(schema))

    def enum_schema(self, schema: core_schema.EnumSchema) -> JsonSchemaValue:
        return _as_written(super().enum_schema(schema))

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        result = super().dict_schema(schema)
        names = result.get("propertyNames")
        if isinstance(names, Mapping):  # keys are strings for JSON Schema, whatever YAML would make of them
            constraints = {k: v for k, v in names.items() if k != "type"}
            result.pop("propertyNames")
            if constraints:
                result["propertyNames"] = constraints
        return result

    def generate_inner(self, schema: Any) -> JsonSchemaValue:
        cls = schema.get("cls")
        if schema["type"] != "model" or "__schema__" not in cls.__dict__:
            return super().generate_inner(schema)
        # always a separate definition, added before its options: rules may contain rules
        ref = CoreRef(schema.get("ref") or f"{cls.__module__}.{cls.__qualname__}:{id(cls)}")
        name, reference = self.get_cache_defs_ref_schema(ref)
        if name not in self.definitions:
            result: JsonSchemaValue = {"title": cls.__name__}
            if cls.__doc__:
                result["description"] = inspect.cleandoc(cls.__doc__)
            self.definitions[name] = result
            taken = cls.__dict__["__schema__"].__get__(None, cls)()
            options = [self.generate_inner(TypeAdapter(kind).core_schema) for kind in taken]
            if options:
                result["anyOf"] = options
        return reference


def _as_written(schema: JsonSchemaValue) -> JsonSchemaValue:
    """Add to listed texts the values that an editor reads from them without quotes: '1' is also the number 1."""
    listed = [schema["const"]] if "const" in schema else list(schema.get("enum", []))
    typed = [v for text in listed if isinstance(text, str) for v in _typed(text)]
    if not typed:
        return schema
    others = {k: v for k, v in schema.items() if k not in ("const", "type")}
    return {**others, "enum": listed + typed}


def _typed(text: str) -> list[Any]:
    if text in NULL_FORMS:
        return []
    for kind in (bool, int, float):
        try:
            return [scalar_value(Scalar(text, True, Place("")), kind)]
        except ScalarMistake:
            continue
    return []
