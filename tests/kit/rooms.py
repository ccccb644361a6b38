"""The rooms of the package, lowest first.

A room imports rooms below it in its list, never one above or beside it in a circle. Imports for types only and imports
inside functions count too. Not for the imports (source_facts.py) nor for the tests of them (tests/house/test_floors.py).
"""

from __future__ import annotations

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
        ("cell_parts", "empty_rows", "header", "quarantine", "reader"),
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
            "paired",
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
