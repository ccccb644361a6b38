"""The code or the text of a record at one level of a coding dictionary.

Not for reading dictionaries and coding files (dictionaries/), nor for the variables that a standard fills from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from pydantic import Field, model_validator

from ...dictionaries.coding_file import disagreement_text
from ...dictionaries.study_dictionary import CodedBy, Coding, StudyDictionary
from ...errors import Place, SpecProblem, nearest
from ...mappings.binding.bind import key_place_of, place_of
from ...mappings.models.derivation import Example, register
from ...mappings.models.dictionaries import CodingDictionarySpec
from ...mappings.models.wording import AS_WRITTEN, Wording, quoted
from ..accounts.changes import ChangeKind
from ..columns import column as col
from ..expressions.sentence import condition_sentence
from ..expressions.truth import TRUE
from ..plan.plan import PlannedStudy
from .assign import ASSIGNED
from .derivation import Derivation, Derived
from .environment import Environment

_TABLE = """\
dictionaries:
  EVENTS:
    name: Event dictionary
    version: "1"
    format: table
    path: events.csv
    levels: {NAME: NAME, GROUP: GROUP}
    coding: coded.csv
"""


@register
class Coded(Derivation):
    """The code or the text of a record at one level of a dictionary that study.yaml declares.

    A row of the coding file decides first, by the term. Without one the raw columns of ``at`` decide. ``coding:`` of a
    dataset writes this rule for all variables of the standard.
    """

    verb: ClassVar[str] = "coded"
    change = ChangeKind.MAPPED
    carries = "choice"
    default_origin = ASSIGNED
    example = Example(
        rule="{coded: GROUP, by: EVENTS, term: TERM}",
        rows={"TERM": ["head ache", "Head  Ache", "sick", "?"]},
        gives=["Nervous system", "Nervous system", "Gut", ""],
        variable="AEBODSYS",
        study=_TABLE,
        files={
            "events.csv": "NAME,GROUP\nHeadache,Nervous system\nNausea,Gut\n",
            "coded.csv": "term,NAME\nhead ache,Headache\nsick,Nausea\n",
        },
    )

    coded: str = Field(description="The level: LLT, LLT_CODE, PT, ... of MedDRA, a level of a table.")
    by: str = Field(description="A dictionary of dictionaries: in study.yaml.")
    term: str | tuple[str, ...] = Field(
        default=(), description="The coded variable or column; or one for each key of the dictionary."
    )
    at: dict[str, str] = Field(
        default_factory=dict, description="Level to the column with its code or text, the deciding one first."
    )
    match: str | None = Field(default=None, description="Level whose current texts code a term that is equal to them.")
    version: str | None = Field(
        default=None,
        description="Raw column with the version by which its row was coded: one of its words must be the declared "
        "version, as in MedDRA 27.1.",
    )
    report: bool = Field(
        default=True,
        description="Report terms that are not coded and texts that do not agree; false for all but one variable of a "
        "record.",
    )

    @model_validator(mode="after")
    def _something_to_code(self) -> Coded:
        if not self.terms and not self.at:
            raise ValueError("coded: needs term:, the variable with the term, or at:, the columns with codes")
        return self

    @property
    def terms(self) -> tuple[str, ...]:
        return (self.term,) if isinstance(self.term, str) else self.term

    def dictionary_name(self) -> str | None:
        return self.by

    def reads(self) -> Iterator[tuple[str, str]]:
        yield from (("term", name) for name in self.terms)
        yield from (("at", name) for name in self.at.values())
        if self.version is not None:
            yield "version", self.version

    def describe(self, target: str, words: Wording = AS_WRITTEN) -> str:
        read = words.names(self.terms or tuple(self.at.values()))
        level, dictionary = quoted(self.coded), quoted(self.by)
        return f"{target} is {level} of the dictionary {dictionary} for {read}{condition_sentence(self.when, words)}."

    def derive(self, env: Environment) -> Derived:
        names = [*self.terms, *self.at.values()]
        fields = ["term"] * len(self.terms) + ["at"] * len(self.at)
        split = [col.split_text(col.as_text(env.column(n, f))) for n, f in zip(names, fields, strict=True)]
        dictionary = env.study.dictionaries.get(self.by)
        if dictionary is None:
            if env.n:
                raise env.error(f"the dictionary {self.by} was not read", "by")
            return Derived(col.constant("", 0))  # a study that runs without rows reads no dictionary
        combined, records = _combinations([codes for codes, _ in split])
        keys, codings = [], []
        for row in combined.tolist():
            texts = tuple(str(split[i][1][code]) for i, code in enumerate(row))
            keys.append(texts[: len(self.terms)])
            codings.append(self._coding(dictionary, texts))
        found = [dictionary.level_text(coding, self.coded) for coding in codings]
        here = env.truth(self.when)[0] == TRUE if self.when is not None else np.ones(env.n, dtype=bool)
        self._report_several(env, [n for _, n in found], records, here)
        if self.report:
            self._note_terms(env, dictionary, keys, codings, records, here)
            self._report(env, dictionary, keys, codings, records, here)
        if self.version is not None:
            self._report_versions(env, dictionary, self.version, here)
        positions = np.array([dictionary.position(coding) for coding in codings], dtype="int64")
        filled = np.array([bool(text) for text, _ in found], dtype=bool)
        coding = np.where(filled, positions, -1)[records] if len(records) else np.zeros(0, dtype="int64")
        return Derived(col.join_text(records, [text for text, _ in found]), coding=(self.by, coding))

    def _coding(self, dictionary: StudyDictionary, texts: tuple[str, ...]) -> Coding:
        many = len(self.terms)
        return dictionary.coding(texts[:many], tuple(self.at), texts[many:], self.match or "")

    def _read(self) -> str | tuple[str, ...]:
        """The columns of a finding about the record: the first filled one counts."""
        names = (*self.terms, *self.at.values())
        return names[0] if len(names) == 1 else names

    def _note_terms(
        self,
        env: Environment,
        dictionary: StudyDictionary,
        keys: list[tuple[str, ...]],
        codings: list[Coding],
        records: np.ndarray,
        here: np.ndarray,
    ) -> None:
        """Count the records of each term in the ledger, for the list of terms to code."""
        if not self.terms or (env.build.of_no_subject and not env.build.study.first):
            return
        counts = np.bincount(records[here], minlength=len(keys))
        ledger = env.build.study.ledger
        for key, coding, count in zip(keys, codings, counts.tolist(), strict=True):
            if any(t.strip() for t in key) and count:
                term = (self.by, f"{env.dataset}.{self.terms[0]}", tuple(" ".join(t.split()) for t in key))
                known, codes = ledger.terms.get(term, (0, frozenset()))
                ledger.terms[term] = (known + count, codes | {dictionary.finest(coding)})

    def _report(
        self,
        env: Environment,
        dictionary: StudyDictionary,
        keys: list[tuple[str, ...]],
        codings: list[Coding],
        records: np.ndarray,
        here: np.ndarray,
    ) -> None:
        """Terms without a code, codes that may not be used any more, and raw texts that do not agree."""
        shown = f"{dictionary.spec.name} {dictionary.spec.version}"
        uncoded = [c.by is CodedBy.NOTHING and any(t.strip() for t in k) for c, k in zip(codings, keys, strict=True)]
        values = np.array([" / ".join(key) for key in keys], dtype=object)[records] if len(self.terms) > 1 else None
        message = f"the term has no code in {self.by} ({shown})"
        env.report("R2A-DICT-001", np.array(uncoded, dtype=bool)[records] & here, message, self._read(), values)
        entries = dictionary.dictionary
        if entries is None:
            return
        old = [c.by is not CodedBy.NOTHING and not entries.is_current(c.entries) for c in codings]
        message = f"the term is coded with an entry that is not current in {shown}"
        env.report("R2A-DICT-004", np.array(old, dtype=bool)[records] & here, message, self._read())
        for level, name in self.at.items():
            for rule, known in (("R2A-DICT-002", False), ("R2A-DICT-003", True)):
                texts = ["" for _ in codings]
                for i, coding in enumerate(codings):
                    for problem in coding.disagreements:
                        if problem.level == level and (problem.known or bool(problem.expected)) == known:
                            texts[i] = f"{self.by} ({shown}): {disagreement_text(problem)}"
                messages = np.array(texts, dtype=object)[records]
                env.report(rule, (messages != "") & here, messages, name)

    def _report_versions(self, env: Environment, dictionary: StudyDictionary, name: str, here: np.ndarray) -> None:
        """Rows that were coded with another version than the declared one."""
        codes, texts = col.split_text(col.as_text(env.column(name, "version")))
        wanted = dictionary.spec.version.casefold()
        other = [bool(t.strip()) and wanted not in t.casefold().split() for t in texts]
        message = f"the row is coded with another version than {dictionary.spec.name} {dictionary.spec.version}"
        env.report("R2A-DICT-008", np.array(other, dtype=bool)[codes] & here, message, name)

    def _report_several(self, env: Environment, counts: list[int], records: np.ndarray, here: np.ndarray) -> None:
        """Records whose entries have several texts at the level: none of them is the value."""
        several = np.array([n > 1 for n in counts], dtype=bool)[records] & here
        if several.any():
            messages = np.array(
                [f"{self.by} has {n} different {self.coded} for this record" for n in counts], dtype=object
            )[records]
            env.report("R2A-DICT-005", several, messages, self._read())


def _combinations(codes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(the different rows of several columns of codes, the row of each record)."""
    records = np.zeros(len(codes[0]), dtype="int64")
    for column in codes:
        records = np.unique(records * (int(column.max(initial=0)) + 1) + column, return_inverse=True)[1].reshape(-1)
    first = np.unique(records, return_index=True)[1]
    return np.column_stack([column[first] for column in codes]), records


def coded_rules(plan: PlannedStudy) -> Iterator[tuple[str, str, Coded]]:
    """(dataset, variable, rule) of each rule of a plan that codes."""
    for dataset in plan.datasets.values():
        for name, variable in dataset.every.items():
            for rule in variable.rules:
                if isinstance(rule, Coded):
                    yield dataset.name, name, rule


def coded_problems(plan: PlannedStudy) -> Iterator[SpecProblem]:
    """Dictionaries, levels and keys that rules name and study.yaml does not have, each at its line.

    The rules of one ``coding:`` have the same arguments, which the one that reports stands for.
    """
    declared = plan.spec.dictionaries
    for dataset, variable, rule in coded_rules(plan):
        spec = declared.get(rule.by)
        if spec is None:
            hint = nearest(rule.by, list(declared)) or "declare it under dictionaries: of study.yaml"
            message = f"study.yaml has no dictionary '{rule.by}'"
            yield SpecProblem(place_of(rule, "by"), message, dataset, variable, hint, refers_to=frozenset({rule.by}))
            continue
        for field, level, place in _levels(rule):
            if level not in spec.level_names:
                hint = nearest(level, spec.level_names) or f"one of {', '.join(spec.level_names)}"
                yield SpecProblem(place, f"{field}: {rule.by} has no level '{level}'", dataset, variable, hint)
        if rule.report:
            yield from _key_problems(rule, spec, dataset, variable)


def _levels(rule: Coded) -> Iterator[tuple[str, str, Place]]:
    """(field, level, place) of each level that a rule names."""
    yield "coded", rule.coded, place_of(rule, "coded")
    if not rule.report:
        return
    for level in rule.at:
        yield "at", level, key_place_of(rule, "at", level)
    if rule.match is not None:
        yield "match", rule.match, place_of(rule, "match")


def _key_problems(rule: Coded, spec: CodingDictionarySpec, dataset: str, variable: str) -> Iterator[SpecProblem]:
    place = place_of(rule, "term")
    if rule.terms and len(rule.terms) != len(spec.keys):
        message = (
            f"term: has {len(rule.terms)} names, and the keys of {rule.by} are {', '.join(spec.keys)}; name a variable "
            "for each key"
        )
        yield SpecProblem(place, message, dataset, variable)
    if rule.terms and not (spec.coding_files or rule.match or rule.at):
        message, hint = f"{rule.by} has no coding file, so no term is coded", "add coding: to the dictionary, or match:"
        about = frozenset({rule.by, "coding"})
        yield SpecProblem(place, message, dataset, variable, hint, "warning", refers_to=about)
