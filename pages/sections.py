"""Models and derivations as sections of the reference page, in Markdown.

Not for the whole page, which must know all derivations (spec_reference.py).
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from ..mappings.binding.bind import Binder
from ..mappings.binding.spec_model import SpecModel
from ..mappings.models.derivation import DerivationSpec, Example
from ..mappings.models.example import csv_text
from ..mappings.models.record_step import Step
from ..mappings.models.step_example import StepExample, with_subject
from ..mappings.yaml.read import examine_text


def model_section(model: type[SpecModel]) -> Iterator[str]:
    """A model's fields as a table, then each model that its fields contain, once."""
    seen: set[type] = {DerivationSpec, Step, model}
    queue = [model]
    while queue:
        current = queue.pop(0)
        if current is not model:
            yield f"\n### {current.__name__}\n"
            yield f"\n{_sentences(current)}\n\n"
        yield from _table(current.model_fields)
        for field in current.model_fields.values():
            for part in _models(field.annotation):
                if part not in seen:
                    seen.add(part)
                    queue.append(part)


def derivation_section(rule: type[DerivationSpec]) -> Iterator[str]:
    """One derivation: what it does, its arguments, its sentence, its example with cells and result."""
    yield f"\n### {rule.verb}\n\n{_sentences(rule)}\n\n"
    arguments = {n: f for n, f in rule.model_fields.items() if n not in DerivationSpec.model_fields}
    yield from _table(arguments)
    for part in dict.fromkeys(m for f in arguments.values() for m in _models(f.annotation)):
        yield f"\n#### {part.__name__}\n\n{_sentences(part)}\n\n"
        yield from _table(part.model_fields)
    if rule.example is not None:
        yield from _example(rule, rule.example)


def step_section(step: type[Step]) -> Iterator[str]:
    """One step of a block: what it does and its arguments, with the models that these contain, and its example."""
    yield f"\n### {step.verb}\n\n{_sentences(step)}\n\n"
    yield from _table(step.model_fields)
    queue = [m for f in step.model_fields.values() for m in _models(f.annotation)]
    for part in queue:
        queue += [m for f in part.model_fields.values() for m in _models(f.annotation) if m not in queue]
    for part in dict.fromkeys(queue):
        yield f"\n#### {part.__name__}\n\n{_sentences(part)}\n\n"
        yield from _table(part.model_fields)

    if step.example is not None:
        yield from _step_example(step.example)


def _step_example(example: StepExample) -> Iterator[str]:
    """The SDTM dataset, the ADaM dataset, the raw cells, and the records that the step derives."""
    yield "\n```yaml\n" + "".join(f"{line}\n" for line in example.study.splitlines())
    for name, lines in example.datasets.items():
        yield f"# {name}, rows: {{source: {name.lower()}}}\n{lines.strip()}\n"
    yield f"# adam/{example.dataset.lower()}.yaml\n"
    yield from (f"{line}\n" for line in example.dataset_lines())
    yield "```\n"
    for name, columns in example.sources.items():
        yield f"\n`{name}.csv`\n\n```csv\n{csv_text(with_subject(columns), name)}```\n"
    yield f"\n`{example.dataset}` gives:\n\n| {' | '.join(example.gives)} |\n|{'---|' * len(example.gives)}\n"
    for cells in zip(*example.gives.values(), strict=True):
        yield "| " + " | ".join(_escape(c) for c in cells) + " |\n"


def _example(rule: type[DerivationSpec], example: Example) -> Iterator[str]:
    yield f"\nSentence: {_escape(_sentence(example, rule))}\n\n```yaml\n"
    if example.info:
        yield f"study: {{id: DEMO, {example.info}}}\n"
    yield from (f"{line}\n" for line in example.study.splitlines())
    for name, lines in example.datasets.items():
        source = "raw" if name.lower() not in example.sources else name.lower()
        yield f"# {name}, rows: {{source: {source}}}\n{lines}\n"
    rows = "{from: DM}" if example.dataset.startswith("AD") else "{source: raw}"
    yield f"# {example.dataset}, rows: {rows}\n"
    yield from (f"{line}\n" for line in example.setting.splitlines())
    yield f"{example.variable}: {example.rule}\n```\n"
    for name, cells in example.sources.items():
        yield f"\n`{name}.csv`\n\n```csv\n{csv_text(cells, name)}```\n"
    shown = [*example.rows]
    head = [*(f"raw `{c}`" for c in shown), f"gives `{example.variable}`"]
    yield f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}\n"
    for *cells, value in zip(*example.rows.values(), example.gives, strict=True):
        yield "| " + " | ".join(_escape(c) for c in cells) + f" | {_escape(value)} |\n"


def _sentence(example: Example, rule: type[DerivationSpec]) -> str:
    """The sentence of the example's rule."""
    node, problems = examine_text(f"{example.variable}: {example.rule}\n", "example")
    assert node is not None and not problems, problems
    binder = Binder()
    bound: Any = binder.bind(node, dict[str, DerivationSpec])
    assert not binder.problems, binder.problems
    return bound[example.variable].describe(example.variable)


def _table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield "| key | takes | default | meaning |\n|---|---|---|---|\n"
    for name, field in fields.items():
        key = field.alias or name
        cells = (f"`{key}`", _escape(_type(field.annotation)), _default(field), _escape(field.description or ""))
        yield f"| {' | '.join(cells)} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ((), {}, "") or isinstance(value, SpecModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(map(str, value))}]`"
    return f"`{value}`"


def _type(annotation: Any) -> str:
    """A type in the words of a spec's author."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(parts[0])
    if origin is Literal:
        return ", ".join(f"`{p}`" for p in parts if p != "")
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(p) for p in parts if p is not type(None)))
    if origin is tuple:
        return f"list of {_type(parts[0])}"
    if origin is dict:
        return f"map to {_type(parts[1])}"
    if inspect.isclass(annotation) and issubclass(annotation, DerivationSpec):
        return "rule"
    if inspect.isclass(annotation) and issubclass(annotation, Step):
        return "[step](#steps-of-a-block)"
    if inspect.isclass(annotation) and issubclass(annotation, SpecModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "NoneType": "null"}.get(
        getattr(annotation, "__name__", ""), getattr(annotation, "__name__", str(annotation))
    )


def _models(annotation: Any) -> Iterator[type[SpecModel]]:
    """The models in a type, except rules."""
    if (
        inspect.isclass(annotation)
        and issubclass(annotation, SpecModel)
        and not issubclass(annotation, (DerivationSpec, Step))
    ):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _sentences(model: type) -> str:
    return inspect.cleandoc(model.__doc__ or "")


def _escape(text: str) -> str:
    """Text in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
