"""Collected texts in other languages, replaced by their English of the study's translations.

Not for reading the file (mappings/models/translations.py) nor for keeping the original
(engine/building/original_text.py).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...mappings.models.derivation import DerivationSpec
from ...mappings.models.translations import ENGLISH
from ..columns import column as col
from .environment import Environment


def translates(env: Environment, rule: DerivationSpec) -> bool:
    """Whether a rule copies a collected text that the study translates; texts of the spec itself are English."""
    spec = env.study.spec.translations
    return spec is not None and rule.verb == "from" and f"{env.dataset}.{env.target}" in spec.variables


def translated(env: Environment, rule: DerivationSpec, values: pd.Series) -> pd.Series:
    """The English of every text. One without English is unchanged, with a finding and a line of the list to fill in."""
    spec = env.study.spec.translations
    assert spec is not None
    codes, texts = col.split_text(values)
    if spec.by is not None:
        groups, names = col.split_text(col.as_text(env.column(spec.by, "by")))
    else:
        groups, names = np.zeros(env.n, dtype="int64"), np.array([""], dtype=object)
    pairs, inverse = np.unique(groups.astype("int64") * len(texts) + codes, return_inverse=True)
    out: list[str] = []
    missing, messages = np.zeros(len(pairs), dtype=bool), []
    untranslated = env.build.study.ledger.untranslated
    for i, pair in enumerate(pairs.tolist()):
        text, language = str(texts[pair % len(texts)]), spec.of(str(names[pair // len(texts)]))
        english = env.study.translations.english(text, language) if text.strip() else text
        missing[i] = english is None and language != ENGLISH
        named = f" ({language})" if language else ""
        messages.append(f"{spec.file} has no English of this text{named}: it is submitted unchanged")
        if missing[i]:
            untranslated.add((text.strip(), language, f"{env.dataset}.{env.target}"))
        out.append(text if english is None else english)
    if missing.any():
        env.report(
            "R2A-TEXT-005",
            missing[inverse],
            np.array(messages, dtype=object)[inverse],
            next((n for _, n in rule.reads()), ""),
        )
    return col.join_text(inverse, out)
