"""Reads the files that study.yaml names, each from the nearest layer that has it, and findings.yaml beside it.

Each function adds the file that it read to ``specs`` and the mistakes to ``problems``. Not for the specs themselves
(loader.py), nor for what a file may hold: its model has that.
"""

from __future__ import annotations

from pathlib import Path

from ..errors import Place, SpecProblem
from .binding.bind import key_place_of, place_of
from .models.crf_questions import CrfQuestions, read_questions
from .models.define_texts import DefineTexts, read_define_texts
from .models.dispositions import FILE as DISPOSITIONS
from .models.dispositions import DispositionSpec, examine_dispositions
from .models.queries import Phrases, read_phrases
from .models.study import StudySpec
from .models.study_table import StudyTable, read_study_table, table_name_mistake
from .models.translations import Translations, read_translations

#: how a TrueType font or a collection of them begins
TRUETYPE = (b"\x00\x01\x00\x00", b"true", b"ttcf")


def translations_of(
    file: StudySpec, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]
) -> Translations:
    """The translations that study.yaml names, from the nearest layer with the file."""
    spec = file.translations
    if spec is None:
        return Translations()
    found = _beside(spec.file, place_of(spec, "file"), layers, specs, problems)
    if found is None:
        return Translations()
    return read_translations(spec, found, problems)


def questions_of(
    file: StudySpec, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]
) -> CrfQuestions:
    """The questions of the generated annotated CRF, from the nearest layer with the file that study.yaml names."""
    spec = next((d for d in file.documents.values() if d.questions is not None), None)
    if spec is None or spec.questions is None:
        return {}
    found = _beside(spec.questions, place_of(spec, "questions"), layers, specs, problems)
    if found is None:
        return {}
    return read_questions(spec, found, file.sources, problems)


def check_font(file: StudySpec, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]) -> None:
    """The font of the generated annotated CRF, from the nearest layer with the file; another file is a problem."""
    spec = next((d for d in file.documents.values() if d.font is not None), None)
    if spec is None or spec.font is None:
        return
    here = place_of(spec, "font")
    found = _beside(spec.font, here, layers, specs, problems)
    if found is None:
        return
    try:
        with found.open("rb") as content:
            start = content.read(4)
    except OSError as error:
        problems.append(SpecProblem(here, f"the font {spec.font} cannot be read: {error.strerror or error}"))
        return
    if start not in TRUETYPE:
        message = f"{spec.font} is no TrueType font; name a .ttf or .ttc file (an .otf file often has other outlines)"
        problems.append(SpecProblem(here, message))


def dispositions_of(root: Path, specs: dict[str, Path], problems: list[SpecProblem]) -> tuple[DispositionSpec, ...]:
    """The entries of findings.yaml of the study itself: a layer has none, since findings are of one study."""
    path = root / DISPOSITIONS
    if not path.exists():
        return ()
    found, mistakes = examine_dispositions(path, root)
    problems += mistakes
    specs[f"{root.name}/{DISPOSITIONS}"] = path
    return tuple(found)


def phrases_of(file: StudySpec, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]) -> Phrases:
    """The phrases of the query list, from the nearest layer with the file that study.yaml names."""
    spec = file.queries
    found = _beside(spec.file, place_of(spec, "file"), layers, specs, problems) if spec is not None else None
    if spec is None or found is None:
        return Phrases()
    return read_phrases(spec, found, problems)


def define_texts_of(
    file: StudySpec, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]
) -> DefineTexts:
    """The texts of define.xml in other languages, from the nearest layer with the file that study.yaml names."""
    spec = file.define
    found = _beside(spec.file, place_of(spec, "file"), layers, specs, problems) if spec is not None else None
    if spec is None or found is None:
        return {}
    return read_define_texts(spec, found, problems)


def tables_of(
    file: StudySpec, datasets: frozenset[str], layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]
) -> dict[str, StudyTable]:
    """The small tables of the study, those of files from the nearest layer with the file."""
    found = {}
    for name, spec in file.tables.items():
        if message := table_name_mistake(name, datasets | file.sources.keys()):
            problems.append(SpecProblem(key_place_of(file, "tables", name), message))
            continue
        path = _beside(spec.file, place_of(spec, "file"), layers, specs, problems) if spec.file is not None else None
        found[name] = read_study_table(spec, path, problems)
    return found


def _beside(
    name: str, place: Place, layers: list[Path], specs: dict[str, Path], problems: list[SpecProblem]
) -> Path | None:
    """A file beside study.yaml, of the nearest layer that has it, which is added to ``specs``.

    Where no layer has it, its path in the study, for the message of the reader; None, and a problem, if it is outside.
    """
    path = Path(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        problems.append(SpecProblem(place, f"'{name}' leaves the study folder"))
        return None
    found = next((layer / path for layer in reversed(layers) if (layer / path).is_file()), None)
    if found is None:
        return layers[-1] / path
    specs[name] = found
    return found
