"""A first study spec from define.xml files or Excel specifications: study.yaml and a file for each dataset.

Rules that are not known are ``to_write``, and lint lists them. The specs are planned twice: first without metadata, to
find what the standard has, then with those that differ. Not for one dataset (first_dataset.py).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..adam.planning import STRUCTURES
from ..define.content import DatasetContent, DefineContent
from ..define.differences import Difference, differences
from ..define.reading import read_define
from ..engine.checks.unwritten import unwritten_problems
from ..engine.plan.plan import PlannedDataset
from ..errors import InputError, OutputError, SpecProblem, UsageError
from ..mappings.facts.facts import custom_domain_name, sdtm_dataset
from ..mappings.loader import load_study
from ..runs.define_of_spec import define_of_spec
from ..runs.plan_study import examine_study
from .first_analyses import FirstAnalyses
from .first_codelists import FirstCodelists, FirstDocuments
from .first_dataset import FirstDataset
from .ids import ids_of
from .open_content import open_content
from .predecessors import copied_tables, predecessor_of, qualifiers_of
from .yaml_text import Tree, yaml_text

#: a dataset; it names a file of the study
_NAME = re.compile(r"[A-Z][A-Z0-9]{1,7}", re.ASCII)
_IDENTITY = "{STUDYID}-{SUBJID}"


@dataclass
class FirstStudy:
    """The specs of a study. ``contents``: one of SDTM, one of ADaM, or both; ``notes``: what has no place in a spec."""

    contents: Sequence[DefineContent]
    notes: list[str] = field(default_factory=list)

    def files(self) -> dict[str, str]:
        """Path in the study folder -> text. Raises InputError where the files are not of one study."""
        plain = self._texts({})
        with tempfile.TemporaryDirectory(prefix="raw2adam-") as folder:
            write_files(Path(folder), plain)
            planned = examine_study(load_study(Path(folder)))[0].datasets
        return self._texts(planned)

    def _texts(self, planned: Mapping[str, PlannedDataset]) -> dict[str, str]:
        self.notes.clear()
        codelists, documents = FirstCodelists(), FirstDocuments()
        for content in self.contents:
            codelists.add(content, ids_of(content.codelists, "codelist"))
            documents.add(content, ids_of(content.leaves, "document"), _kind(content.datasets[0]))
        found = {}
        described = {n for c in self.contents for n in _grouped(c)}
        inputs: dict[str, None] = {}
        for dataset in self._datasets(codelists, documents, planned):
            heading = f"{dataset.name} from {_title(dataset.content)}. What is to be written is marked by to_write."
            tree = dataset.spec()
            found[f"{dataset.kind}/{dataset.name.lower()}.yaml"] = yaml_text(tree, (heading,))
            if dataset.base and dataset.base not in described:
                inputs |= dict.fromkeys(_inputs(dataset))
            self.notes += dataset.notes
        for content in self.contents:
            analyses = FirstAnalyses(content, documents)
            found |= {f"analyses/{name.lower()}.yaml": yaml_text(tree) for name, tree in analyses.files()}
            self.notes += analyses.notes
        self.notes += codelists.notes + documents.notes
        study = self._study(codelists, documents, list(inputs))
        comments = ("A first spec. subject: and sources: are to be written: they follow from the raw data.",)
        return {"study.yaml": yaml_text(study, comments), **found}

    def _study(self, codelists: FirstCodelists, documents: FirstDocuments, inputs: list[str]) -> dict[str, Tree]:
        first = self.contents[0]
        info: dict[str, Tree] = {"id": first.study}
        if first.description and first.description != first.study:
            info["title"] = first.description
        if first.protocol and first.protocol != first.study:
            info["protocol"] = first.protocol
        comments = dict(c for content in self.contents for c in _standard_comments(content))
        if comments:
            info["comments"] = comments
        for content in self.contents:
            for s in content.standards.values():
                version = {"SDTMIG": "3.4", "ADaMIG": "1.3"}.get(s.name.replace("-", ""), s.version)
                if s.type == "IG" and s.version != version:
                    self.notes.append(f"{s.name} {s.version}: raw2adam writes {s.name} {version}")
        study: dict[str, Tree] = {"study": info, "subject": {"columns": ["SUBJID"], "usubjid": _IDENTITY}}
        if inputs:
            study["inputs"] = {"required": [*inputs]}
        study["sources"] = {}
        if codelists.entries:
            study["codelists"] = dict(sorted(codelists.entries.items(), key=lambda e: "dictionary" in (e[1] or {})))
        if documents.entries:
            study["documents"] = documents.entries
        return study

    def _datasets(
        self, codelists: FirstCodelists, documents: FirstDocuments, planned: Mapping[str, PlannedDataset]
    ) -> Iterator[FirstDataset]:
        known = _known_variables(self.contents)
        names = {d.name for c in self.contents for d in c.datasets if _kind(d) == "sdtm"}
        seen: dict[str, str] = {}
        for content in self.contents:
            for name, parts in _grouped(content).items():
                kind = _kind(parts[0])
                if name in seen:
                    raise InputError(f"the dataset {name} is in two of the files; name each study once")
                seen[name] = kind
                if len(parts) > 1:
                    self.notes.append(f"{', '.join(p.name for p in parts)} are parts of {name}, which is one spec")
                dataset = _Classed(
                    content=content,
                    name=name,
                    kind=kind,
                    parts=parts,
                    codelists=codelists,
                    documents=documents,
                    known=known,
                    has_dm="DM" in names,
                    minimal=not planned,
                    planned=planned.get(name),
                    qualifiers=[d for d in content.datasets if _parent(d, content) == name],
                )
                if kind == "adam":
                    dataset = replace(dataset, base=self._base(dataset, names))
                yield dataset

    def _base(self, dataset: FirstDataset, sdtm: set[str]) -> str:
        """The dataset other than ADSL that most variables copy. The new dataset has its records."""
        adam = {d.name for c in self.contents for d in c.datasets}
        counts = {
            table: n
            for table, n in copied_tables(dataset.items).items()
            if table not in ("ADSL", dataset.name) and (table in adam | sdtm or sdtm_dataset(table) is not None)
        }
        if not counts:
            return ""
        base = max(sorted(counts), key=lambda t: counts[t])
        text = f"{dataset.name}: its records are those of {base}, which {counts[base]} variables copy; check rows:"
        self.notes.append(text)
        return base


class _Classed(FirstDataset):
    """A dataset with its class, where a spec needs one."""

    @property
    def observation_class(self) -> str:
        """The key class:, which custom domains and ADaM datasets need."""
        name = self.parts[0].class_name.upper()
        if self.kind == "adam":
            if self.name in STRUCTURES:
                return ""
            known = name if name in STRUCTURES else "OCCURRENCE DATA STRUCTURE"
            return known if name else "BASIC DATA STRUCTURE"
        return self.parts[0].class_name.title() if custom_domain_name(self.name) else ""


def _inputs(dataset: FirstDataset) -> Iterator[str]:
    """The dataset whose records a dataset has, and its variables that are copied and that SDTMIG does not list."""
    facts = sdtm_dataset(dataset.base)
    yield dataset.base
    for table, name in filter(None, map(predecessor_of, dataset.items.values())):
        unlisted = facts is not None and name not in facts.names and facts.variable(name) is not None
        if table == dataset.base and unlisted:
            yield f"{table}.{name}"


def _kind(dataset: DatasetContent) -> str:
    return "adam" if dataset.purpose == "Analysis" else "sdtm"


def _title(content: DefineContent) -> str:
    standard = next((f"{s.name} {s.version}" for s in content.standards.values() if s.type == "IG"), "")
    return f"a define.xml of {content.study}" + (f" ({standard})" if standard else "")


def _standard_comments(content: DefineContent) -> Iterator[tuple[str, Tree]]:
    """Key of study.yaml -> the text of the comment on a standard, or on the whole."""
    for s in content.standards.values():
        key = {"SDTMIG": "sdtmig", "ADaMIG": "adamig"}.get(s.name.replace("-", ""), "")
        if s.type == "CT":
            key = {"SDTM": "sdtm_ct", "ADaM": "adam_ct"}.get(s.publishing_set, "")
        comment = content.comments.get(s.comment)
        if key and comment is not None and comment.text:
            yield key, comment.text
    whole = content.comments.get(content.version_comment)
    if whole is not None and whole.text:
        yield _kind(content.datasets[0]), whole.text


def _grouped(content: DefineContent) -> dict[str, list[DatasetContent]]:
    """Name of a spec -> the datasets that it describes: the parts of a divided domain together, without SUPP--."""
    found: dict[str, list[DatasetContent]] = {}
    for dataset in content.datasets:
        if _parent(dataset, content):
            continue
        divided = dataset.domain and dataset.name != dataset.domain and sdtm_dataset(dataset.name) is None
        name = dataset.domain if divided and sdtm_dataset(dataset.domain) is not None else dataset.name
        found.setdefault(name, []).append(dataset)
    return found


def _parent(dataset: DatasetContent, content: DefineContent) -> str:
    """The domain of a dataset of supplemental qualifiers; '' for another dataset."""
    if not dataset.name.startswith("SUPP") or all(i.name != "QNAM" for i in dataset.items):
        return ""
    names = {d.name for d in content.datasets} | {d.domain for d in content.datasets}
    rest = dataset.name[4:]
    return next((n for n in (rest, rest[:2]) if n in names), rest)


def _known_variables(contents: Sequence[DefineContent]) -> dict[str, set[str]]:
    """Dataset -> its variables and qualifiers, of the files; of a domain that they do not have, those of SDTMIG."""
    found: dict[str, set[str]] = {}
    for content in contents:
        for dataset in content.datasets:
            for name in dict.fromkeys((dataset.name, dataset.domain)):
                found.setdefault(name, set()).update(i.name for i in dataset.items)
        for dataset in content.datasets:
            if parent := _parent(dataset, content):
                found.setdefault(parent, set()).update(qualifiers_of(content, dataset))
    described = set(found)
    copied = (predecessor_of(i) for c in contents for d in c.datasets for i in d.items)
    for table, variable in filter(None, copied):
        facts = sdtm_dataset(table) if table not in described else None
        if facts is not None and (facts.variable(variable) is not None or variable in found.get(table, ())):
            found.setdefault(table, set()).add(variable)
    return found


@dataclass(frozen=True)
class ReadStudy:
    """A first study as it was written. ``errors``: mistakes of its specs; ``differences``: to the files read."""

    datasets: int
    to_write: int
    notes: list[str]
    errors: list[SpecProblem]
    differences: list[Difference]


def read_study(files: Sequence[Path], out: Path, say: Callable[[str], None]) -> ReadStudy:
    """Write the first specs of a study into ``out``, and compare them with the files.

    Raises UsageError, InputError and OutputError; ``out`` then does not change.
    """
    contents = [open_content(path, say) for path in files]
    for path, content in zip(files, contents, strict=True):
        kinds = sorted({_kind(d) for d in content.datasets})
        if len(kinds) != 1:
            raise InputError(f"{path}: expected datasets of SDTM or of ADaM, found {' and '.join(kinds) or 'none'}")
        wrong = [repr(d.name) for d in content.datasets if not _NAME.fullmatch(d.name)]
        if wrong:
            what = "2 to 8 capital letters and digits, a letter first"
            raise InputError(f"{path}: {', '.join(wrong)}: the name of a dataset has {what}")
    first = FirstStudy(contents)
    texts = first.files()
    write_study(out, texts)
    loaded = load_study(out)
    plan, problems = examine_study(loaded)
    errors = [p for p in problems if p.severity == "error"]
    found: list[Difference] = []
    for content in contents if not errors else ():
        xml = define_of_spec(plan, _kind(content.datasets[0]), content)
        found += differences(content, read_define(xml or b"", str(out)))
    to_write = sum(1 for _ in unwritten_problems(plan))
    datasets = sum(name.startswith(("sdtm/", "adam/")) for name in texts)
    return ReadStudy(datasets, to_write, first.notes, errors, found)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of a study."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def write_study(out: Path, files: Mapping[str, str]) -> None:
    """Write a study folder whole. Raises UsageError where ``out`` has files, OutputError where it cannot be written."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"--out {out}: there are files already; name a new folder, so that no spec is replaced")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
            stage = Path(folder) / "study"
            stage.mkdir()
            write_files(stage, files)
            if out.exists():
                out.rmdir()
            stage.rename(out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written: {error.strerror or error}") from error
