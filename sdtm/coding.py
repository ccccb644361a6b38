"""The variables that ``coding:`` of a dataset or of a block fills from a dictionary, as rules of the dataset.

The names are those of SDTM 2.0 for coding with MedDRA, WHODrug and LOINC. --SOC, --HLT and --HLGT are of the primary
SOC; --BODSYS is the SOC of the analysis, which a coding file may choose (SDTMIG 3.4, 6.2.1). A variable that the spec
derives by another rule, or removes by null, is not filled. Not for looking up codes (engine/derivations/coded.py).
"""

from __future__ import annotations

from ..engine.derivations.coded import Coded
from ..errors import SpecProblem, nearest
from ..mappings.binding.bind import key_place_of, place_of
from ..mappings.binding.spec_model import with_place_of
from ..mappings.facts.facts import DatasetFacts
from ..mappings.models.dataset import DatasetSpec
from ..mappings.models.derivation import DerivationSpec
from ..mappings.models.dictionaries import CodingDictionarySpec, CodingSpec
from ..mappings.models.row_block import RowBlock
from ..mappings.models.study import StudySpec

_DRUG = {"DECOD": "PREFERRED", "CLAS": "ATC_TEXT", "CLASCD": "ATC"}
#: format of a dictionary -> name of a variable without its prefix -> level
VARIABLES: dict[str, dict[str, str]] = {
    "meddra": {
        "LLT": "LLT", "LLTCD": "LLT_CODE", "DECOD": "PT", "PTCD": "PT_CODE",
        "HLT": "PRIMARY_HLT", "HLTCD": "PRIMARY_HLT_CODE", "HLGT": "PRIMARY_HLGT", "HLGTCD": "PRIMARY_HLGT_CODE",
        "BODSYS": "SOC", "BDSYCD": "SOC_CODE", "SOC": "PRIMARY_SOC", "SOCCD": "PRIMARY_SOC_CODE",
    },
    "loinc": {"LOINC": "LOINC_NUM"},
    "whodrug_b3": _DRUG,
    "whodrug_c3": _DRUG,
}  # fmt: skip


def with_coding(file: DatasetSpec, study: StudySpec, facts: DatasetFacts, problems: list[SpecProblem]) -> DatasetSpec:
    """The dataset with a rule for each variable that its codings fill. ``problems`` gets their mistakes."""
    off = {name for name, rule in file.variables.items() if rule is None}
    shared = {}
    for coding in file.codings:
        shared |= _rules(coding, {*file.variables, *shared}, file, study, facts, problems)
    blocks, changed = [], bool(shared)
    for block in file.blocks:
        coded = _block_rules(block, off, file, study, facts, problems)
        changed = changed or bool(coded)
        blocks.append(block.model_copy(update={"variables": {**block.variables, **coded}}) if coded else block)
    if not changed:
        return file
    update = {"variables": {**file.variables, **shared}, "rows": tuple(blocks)}
    return with_place_of(file.model_copy(update=update), file)


def _block_rules(
    block: RowBlock,
    off: set[str],
    file: DatasetSpec,
    study: StudySpec,
    facts: DatasetFacts,
    problems: list[SpecProblem],
) -> dict[str, DerivationSpec]:
    coded: dict[str, DerivationSpec] = {}
    for coding in block.codings:
        coded |= _rules(coding, {*block.variables, *off, *coded}, file, study, facts, problems)
    return coded


def _rules(
    coding: CodingSpec,
    taken: set[str],
    file: DatasetSpec,
    study: StudySpec,
    facts: DatasetFacts,
    problems: list[SpecProblem],
) -> dict[str, DerivationSpec]:
    """Variable -> its rule, for the variables of a coding that have no other rule. The first one reports."""
    spec = study.dictionaries.get(coding.dictionary)
    if spec is None:
        hint = nearest(coding.dictionary, list(study.dictionaries)) or "declare it under dictionaries: of study.yaml"
        message = f"study.yaml has no dictionary '{coding.dictionary}'"
        place = place_of(coding, "dictionary")
        refers_to = frozenset({coding.dictionary})
        problems.append(SpecProblem(place, message, file.dataset, hint=hint, refers_to=refers_to))
        return {}
    if not coding.terms and not coding.at:
        message = "coding: needs term:, the variable with the term, or at:, the columns with codes"
        problems.append(SpecProblem(place_of(coding), message, file.dataset))
        return {}
    wanted = coding.variables or _standard_variables(spec, file.dataset[:2], facts)
    if not wanted:
        message = f"coding: no variable of {file.dataset} is known for a dictionary with format: {spec.format}"
        hint = "name them: variables: {VARIABLE: LEVEL}"
        problems.append(SpecProblem(place_of(coding), message, file.dataset, hint=hint))
    out: dict[str, DerivationSpec] = {}
    for variable, level in wanted.items():
        if variable in taken:
            continue
        rule = Coded(
            coded=level,
            by=coding.dictionary,
            term=coding.term,
            at=coding.at,
            match=coding.match,
            version=None if out else coding.version,
            report=not out,
        )
        found = facts.variable(variable)
        if found is None and coding.variables:
            message = f"{variable} is no variable of {file.dataset} in SDTMIG {study.study.sdtmig}"
            place = key_place_of(coding, "variables", variable)
            hint = (
                nearest(variable, [v.name for v in facts.variables]) or "write its rule, with label:, under variables:"
            )
            problems.append(SpecProblem(place, message, file.dataset, variable, hint))
            continue
        out[variable] = with_place_of(rule, coding)
    return out


def _standard_variables(spec: CodingDictionarySpec, prefix: str, facts: DatasetFacts) -> dict[str, str]:
    """The variables that the standard has for a dictionary, in its order: those of the domain and of its class."""
    names = {f"{prefix}{ending}": level for ending, level in VARIABLES.get(spec.format, {}).items()}
    return {name: level for name, level in names.items() if facts.variable(name) is not None}
