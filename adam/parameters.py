"""Writes out ``parameters:`` of a dataset: each becomes a block of ADSL with the step that derives its records.

Not for the fields of a parameter (mappings/models/time_to_event.py) nor for its records (adam/time_to_event/step.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ..engine.derivations.assign import Value
from ..errors import SpecProblem
from ..mappings.binding.bind import key_place_of, with_place_of
from ..mappings.facts.terminology import Codelist, Term
from ..mappings.models.dataset import DatasetSpec, ValueSpec
from ..mappings.models.derivation import DerivationSpec, OriginSpec
from ..mappings.models.row_block import RowBlock
from ..mappings.models.time_to_event import ParameterSpec, TimeSpec, filled
from .time_to_event.step import TimeToEvent


def written_out(
    file: DatasetSpec, study_codelists: dict[str, Codelist], problems: list[SpecProblem]
) -> tuple[DatasetSpec, dict[str, Codelist]]:
    """The same dataset with a block per parameter, and the codelists of the study with that of its parameters.

    The whole rule of a parameter is the method of AVAL where PARAMCD is its code (value-level metadata).
    """
    if not file.parameters:
        return file, study_codelists
    blocks, values, terms = list(file.blocks), list(file.values), dict[str, str]()
    listed = f"PARAM{file.dataset[2:]}"
    for key, spec in file.parameters.items():
        place = key_place_of(file, "parameters", key)
        for code, parameter in _each(key, spec):
            if not (code.isascii() and code.isalnum() and code[0].isalpha() and code.isupper() and len(code) <= 8):
                message = f"'{code}' is no PARAMCD: 1 to 8 capital letters and digits, a letter first"
                problems.append(SpecProblem(place, message, file.dataset))
            if code in terms:
                problems.append(SpecProblem(place, f"the parameter {code} is there already", file.dataset))
            terms[code] = parameter.PARAM
            step = _step(code, parameter)
            blocks.append(_block(code, parameter, step, listed))
            values.append(_level(code, parameter, step))
    codes = tuple(Term(code, decode=text) for code, text in terms.items())
    of_parameters = Codelist(listed, f"Parameter Codes of {file.dataset}", codes)
    written = file.model_copy(update={"rows": tuple(blocks), "values": tuple(values)})
    return written, {listed: of_parameters, **study_codelists}


def _each(key: str, spec: ParameterSpec) -> Iterator[tuple[str, ParameterSpec]]:
    """(PARAMCD, parameter) of one entry of the spec: itself, or one for each item of each:."""
    if not spec.each:
        yield key, spec
        return
    for item, label in spec.each.items():
        parameter = filled(spec, {"ITEM": item, "LABEL": label})
        assert isinstance(parameter, ParameterSpec)
        yield key.replace("{ITEM}", item), parameter


def _step(code: str, spec: ParameterSpec) -> TimeToEvent:
    fields = {n: getattr(spec, n) for n in TimeSpec.model_fields}
    step = TimeToEvent(time_to_event=spec.start, parameter=code, **fields)
    return with_place_of(step, spec).written_as(spec)


def _block(code: str, spec: ParameterSpec, step: TimeToEvent, listed: str) -> RowBlock:
    assigned = OriginSpec(type="Assigned", source="Sponsor")
    identifying: dict[str, DerivationSpec] = {
        "PARAMCD": Value(value=code, codelist=listed, origin=assigned),
        "PARAM": Value(value=spec.PARAM, origin=assigned),
    }
    placed = {n: with_place_of(r, spec) for n, r in identifying.items()}
    block = RowBlock(from_=spec.subjects, derive=step, variables={**placed, **spec.variables})
    return with_place_of(block, spec)


def _level(code: str, spec: ParameterSpec, step: TimeToEvent) -> ValueSpec:
    level = ValueSpec(
        where=f"PARAMCD == '{code}'",
        variable="AVAL",
        type="integer" if spec.unit == "DAYS" else "float",
        digits=None if spec.unit == "DAYS" else 12,
        origin=OriginSpec(type="Derived", source="Sponsor"),
        method=step.sentence(),
    )
    return with_place_of(level, spec)
