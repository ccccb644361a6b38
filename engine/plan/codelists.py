"""The codelists of a study, by name or code: those of controlled terminology and those of study.yaml."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from ...errors import Place, SpecProblem, nearest
from ...mappings.binding.bind import key_place_of
from ...mappings.facts import facts
from ...mappings.facts.terminology import Codelist, Term
from ...mappings.models.documents import comment_pages, comment_text
from ...mappings.models.study import CodelistSpec, StudySpec
from ..columns.number_text import plain_number
from ..standard import standard_names, tabulation


def study_codelists(file: StudySpec, problems: list[SpecProblem]) -> dict[str, Codelist]:
    """The codelists of study.yaml; one that extends a CT list has its terms, code and standard too.

    Parts of the study that the standard treats as codelists are added, unless study.yaml has a codelist of that name.
    """
    out = {}
    for name, spec in file.codelists.items():
        terms = tuple(Term(value, decode=decode) for value, decode in spec.terms.items())
        about = {"comment": comment_text(spec.comment), "comment_documents": comment_pages([spec.comment])}
        if spec.dictionary is not None:
            dictionary = replace(spec.dictionary.named(spec.label), **about)
            out[name] = Codelist(name, spec.label, (), dictionary=dictionary)
            continue
        place = key_place_of(file, "codelists", name)
        if spec.joins:
            out[name] = replace(_joined(name, spec, terms, place, problems), **about)
            continue
        if spec.extends is None:
            out[name] = Codelist(name, spec.label, terms, **about)
            continue
        base = published(spec.extends, place, problems)
        if base is None:
            continue
        if not base.extensible:
            problems.append(SpecProblem(place, f"codelist {base.name} ({base.code}) is not extensible"))
        extended = _extended(base, spec.label, terms)
        out[name] = replace(extended, **about) if any(about.values()) else extended
    for name, dictionary in file.dictionaries.items():
        out.setdefault(name, Codelist(name, dictionary.label, (), dictionary=dictionary.named(dictionary.label)))
    of_standard = tabulation().study_codelists(file)
    return {**out, **{n: c for n, c in of_standard.items() if n not in out}}


@lru_cache(maxsize=64)
def _extended(base: Codelist, label: str, terms: tuple[Term, ...]) -> Codelist:
    """A published list with the terms of the study; one object for equal lists, which builds its lookup once."""
    codes = {t.value: t.code for t in base.terms}
    # a published term that the study lists too is no addition: it has its code, and the text of the study
    of_study = {t.value: replace(t, code=codes.get(t.value, "")) for t in terms}
    published_terms = tuple(t for t in base.terms if t.value not in of_study)
    return replace(base, label=label, terms=published_terms + tuple(of_study.values()))


def _joined(
    name: str, spec: CodelistSpec, terms: tuple[Term, ...], place: Place, problems: list[SpecProblem]
) -> Codelist:
    """The terms of several published lists, each with its code, and those of the study."""
    found = (published(base, place, problems) for base in spec.joins)
    bases = [base for base in found if base is not None]
    codes = {t.value: t.code for base in reversed(bases) for t in base.terms}
    of_study = tuple(replace(t, code=codes.get(t.value, "")) for t in terms)
    joined = union([Codelist(name, spec.label, of_study), *bases], name) or Codelist(name, spec.label, of_study)
    rest = tuple(t for t in joined.terms if t.value not in spec.terms)
    standard = bases[0].standard if bases else ""
    open_ = any(base.extensible for base in bases)
    return Codelist(name, spec.label, rest + of_study, "", open_, standard)


def published(
    name: str, place: Place, problems: list[SpecProblem], dataset: str = "", variable: str = ""
) -> Codelist | None:
    """A codelist of SDTM or ADaM terminology by name or code, or that of countries; else a problem at ``place``."""
    for package in (*standard_names(), facts.COUNTRY_PACKAGE):
        found = facts.codelist(name, package)
        if found is not None:
            return found
    known = [n for package in standard_names() for n in facts.codelist_index(package)]
    message, hint = f"there is no codelist '{name}'", nearest(name, known)
    problems.append(SpecProblem(place, message, dataset, variable, hint, refers_to=frozenset({name})))
    return None


def union(codelists: list[Codelist], name: str) -> Codelist | None:
    """Several codelists as one, as for DSDECOD: the distinct terms; extensible if any of them is."""
    if len(codelists) < 2:
        return codelists[0] if codelists else None
    terms = {t.value: t for c in reversed(codelists) for t in c.terms}
    ordered = tuple({t.value: terms[t.value] for c in codelists for t in c.terms}.values())
    return Codelist(
        name,
        " / ".join(c.label for c in codelists),
        ordered,
        "",
        any(c.extensible for c in codelists),
        codelists[0].standard,
    )


def numeric_result(variable: str, codelist: Codelist, text: str) -> bool:
    """Whether a text is a number in a result that may be a number or a term of its codelist (SDTMIG 3.4, 6.3).

    With a codelist that is not extensible, such as scores, only its terms are valid.
    """
    if not (codelist.extensible and tabulation().is_result(variable)):
        return False
    return plain_number(text.strip().lstrip("<>= ")) is not None
