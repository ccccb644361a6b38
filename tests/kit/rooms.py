"""The rooms of the package, lowest first, and what its modules import.

A room imports rooms below it in its list, never one above or beside it in a circle. Imports for types only and imports
inside functions count too. Not for the tests of it: tests/house/test_floors.py.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from .file_queue import shared_folder
from .package_files import package_files

ROOT = Path(__file__).parents[2]

#: what lies in a folder of the package, lowest first; '' is the root. A module or a folder; parts of one tuple do not
#: import each other
FLOORS: dict[str, list[tuple[str, ...]]] = {
    "": [
        ("errors", "findings"),
        ("mappings", "output_folder"),
        ("sources", "statistics"),
        ("dictionaries",),
        ("engine",),
        ("sdtm", "adam", "transport"),
        ("define", "programs"),
        ("conformance",),
        ("validation", "linting"),
        ("existing_sdtm", "synth", "acrf", "guides", "analyses"),
        ("report",),
        ("runs",),
        ("trace", "comparison", "specification"),
        ("selftest", "commands"),
        ("cli",),
        ("pages", "__main__"),
    ],
    "engine": [
        ("columns", "standard"),
        ("tables", "accounts"),
        ("subjects", "plan"),
        ("readers",),
        ("expressions",),
        ("derivations",),
        ("building",),
        ("checks",),
    ],
    "commands": [
        ("options", "printing"),
        ("build", "check", "coding", "define", "findings", "outputs", "specs", "submission"),
    ],
    "dictionaries": [
        ("dictionary", "join", "table_file"),
        ("coding_file", "meddra", "published_tables", "tables", "whodrug"),
        ("smq",),
        ("study_dictionary",),
        ("read", "term_list"),
    ],
    "findings": [("rule", "identity"), ("catalogue",), ("entries",), ("review",), ("table",)],
    "mappings": [("yaml", "facts"), ("binding",), ("models",), ("expressions",), ("loader",)],
    "sources": [
        ("form_design",),
        ("cell_text", "locate", "options", "table", "text_columns", "xml_text"),
        ("cell_parts", "header", "quarantine", "reader"),
        ("delimited", "odm", "parquet", "statistical"),
        ("excel", "redcap"),
        ("read",),
    ],
    "report": [
        ("ars_conditions", "csv_table", "figures", "rtf_pages"),
        ("ars_groupings", "headline", "rtf_table", "subject_data"),
        ("ars_analyses", "page"),
        ("ars",),
        ("write",),
    ],
    "sdtm": [
        (
            "date_formats",
            "identity_rules",
            "natural_keys",
            "relations",
            "standard",
            "supplemental",
            "text_parts",
        ),
        ("date_reader", "further_qualifiers"),
        ("derivations", "long_text", "raw_dates"),
        ("coding", "conventions", "date_checks", "long_text_partitions", "planned_cutoff", "qualifiers", "trial"),
        ("planning",),
    ],
    "adam": [
        (
            "dates",
            "grading",
            "imwg",
            "records",
            "lesions",
            "response",
            "standard",
            "time_to_event",
            "visits",
            "baseline",
            "on_treatment",
            "period",
            "query",
            "treatment_emergent",
            "criterion",
        ),
        ("questionnaires", "parameters", "derived_blocks"),
        ("planning",),
    ],
    "conformance": [
        ("closed_codelists", "iso_text", "table"),
        ("define_xml",),
        ("locate_files", "package"),
        ("read_package",),
        ("kinds",),
        ("language",),
        ("findings_of_hits",),
        ("consequences",),
        ("run",),
        ("examples",),
    ],
    "validation": [("rejection", "agency_rules"), ("pmda_rejection", "reports"), ("quality",), ("raw",)],
    "synth": [("terms",), ("subjects",), ("forms", "writers"), ("dirt",), ("export",)],
}


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Dotted name -> file of every module of the package; the root is ''."""
    found = {}
    for path in package_files(root):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(known: dict[str, Path], root: Path = ROOT) -> Iterator[tuple[str, str, int]]:
    """(module, module that it imports, line) of every relative import."""
    for name, path in known.items():
        package = path.relative_to(root).parts[:-1]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
                for alias in node.names:
                    full = ".".join(p for p in [*base, alias.name] if p)
                    target = full if full in known else ".".join(p for p in base if p)
                    if target in known and target not in ("", name):
                        yield name, target, node.lineno


@lru_cache(maxsize=1)
def imports_of_package() -> list[tuple[str, str, int]]:
    """The imports of the package itself; the tree is read once, also by several processes that run the suite."""
    folder = shared_folder()
    if folder is None:
        return list(imports(modules()))
    shared = folder / "imports.json"
    if not shared.exists():
        being_written = folder / f"imports-{os.getpid()}.json"
        being_written.write_text(json.dumps(list(imports(modules()))), "utf-8")
        being_written.replace(shared)
    return [(name, target, line) for name, target, line in json.loads(shared.read_text("utf-8"))]
