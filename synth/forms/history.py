"""The forms of the history before isatuximab: diagnosis and cytogenetics, earlier lines, comorbidities.

Not for the draws: synth/subjects/disease.py, synth/subjects/prior_lines.py.
"""

from __future__ import annotations

import numpy as np

from ..subjects.cohort import ABSENT
from ..subjects.disease import ABNORMALITIES, FINDINGS, ISOTYPES, LIGHT, NONE, POSITIVE, STAGES
from ..subjects.draws import Draws
from ..subjects.prior_lines import NAMES, STOPS
from ..subjects.registry import Registry
from ..subjects.tables import Table, choose, spell
from ..terms.conditions import CONDITIONS
from ..terms.countries import take
from ..terms.events import LANGUAGES
from ..terms.regimens import REGIMENS
from .response import response_words
from .subject import yes_no

DURIE_SALMON = ("IA", "IIA", "IIIA", "IB", "IIB", "IIIB", "")
BONE_LESIONS = ("NONE", "1-3", ">3", "UNK")
SITES_OF_RADIATION = ("Thoracic spine", "Lumbar spine", "Left femur", "Right humerus", "Pelvis", "Rib, left", "Skull")
OTHER_ABNORMALITIES = ("t(11;14)", "del(1p)", "hyperdiploid", "monosomy 13", "17p-: 8% (below cut-off)", "t(6;14)")
ISOTYPE_SHORT = ("G", "A", "D", "M", "E", "")


def mmdiag(registry: Registry) -> Table:
    """One row per subject: the diagnosis of myeloma. ISS and R-ISS follow from values that no form has."""
    disease, cohort = registry.disease, registry.cohort
    n = len(cohort)
    draws = Draws(registry.seed, "history")
    rows = np.arange(n)
    dx = registry.prior.diagnosis
    stage = draws.pick((4, 12, 46, 1, 5, 18, 14), n)
    percent, other, reported = draws.between(20, 95, n), draws.below(len(OTHER_ABNORMALITIES), n), draws.chance(90, n)
    had = (disease.plasmacytomas > 0) & draws.chance(700, n)
    outside = had & draws.chance(550, n)
    cells, unknown_cells = draws.between(12, 92, n), draws.chance(80, n)
    cells = np.where(disease.isotype == NONE, np.maximum(cells, 35), cells)
    results = {
        name: np.where(disease.fish, choose(FINDINGS, disease.findings[:, j]), "")
        for j, name in enumerate(ABNORMALITIES)
    }
    deleted = disease.fish & (disease.findings[:, 0] == POSITIVE)
    return registry.table(
        "mmdiag.csv",
        rows,
        {
            "DX_DT": dx,
            "ISS": choose(STAGES, disease.iss),
            "RISS": choose(STAGES, disease.riss),
            "DS_STAGE": choose(DURIE_SALMON, stage),
            "IG_TYPE": _isotypes(registry),
            "LC_TYPE": _light_chains(registry),
            "FISH_YN": yes_no(disease.fish),
            "FISH_DT": np.where(disease.fish, dx + draws.between(0, 4, n), ABSENT),
            **results,
            "DEL17P_PCT": np.where(deleted, spell(percent, str), "").astype(object),
            "OTHER_CA": np.where(disease.fish & reported, choose(OTHER_ABNORMALITIES, other), "").astype(object),
            "PLASMACYTOMA_YN": yes_no(had),
            "EXTRAMED_YN": yes_no(outside),
            "BONE_LES": choose(BONE_LESIONS, disease.bone_lesions),
            "BMPC": np.where(unknown_cells, "", spell(cells, str)).astype(object),
        },
        delimiter=";",
        encoding="utf-8-sig",
    )


def _isotypes(registry: Registry) -> np.ndarray:
    """IgG, or with the chain ("IgG kappa"), or short ("G-k") or in capitals ("IGG"), by site."""
    disease = registry.disease
    chain = np.where(disease.kappa, "kappa", "lambda").astype(object)
    code = choose(ISOTYPES, disease.isotype)
    long = np.where(disease.isotype == LIGHT, "Light chain ", code + " ") + chain
    long = np.where(disease.isotype == NONE, "Non-secretory", long)
    short = choose((*ISOTYPE_SHORT, ""), disease.isotype) + "-" + np.where(disease.kappa, "k", "l").astype(object)
    capitals = np.array([t.upper() for t in ISOTYPES], dtype=object)[disease.isotype]
    third = np.where((registry.cohort.site % 2 == 0) & (disease.isotype < LIGHT), short, capitals)
    return np.choose(registry.style, [code, long, third]).astype(object)


def _light_chains(registry: Registry) -> np.ndarray:
    disease = registry.disease
    third = np.where(
        registry.cohort.site % 2 == 0, np.where(disease.kappa, "κ", "λ"), np.where(disease.kappa, "k", "l")
    )
    words = [np.where(disease.kappa, "KAPPA", "LAMBDA"), np.where(disease.kappa, "kappa", "lambda"), third]
    return np.where(disease.isotype == NONE, "", np.choose(registry.style, words)).astype(object)


def priortx(registry: Registry) -> Table:
    """One row per earlier line of therapy, oldest first."""
    prior = registry.prior
    rows, n = prior.rows, len(prior.rows)
    draws = Draws(registry.seed, "history", part=1)
    where, unclear, unknown = draws.below(len(SITES_OF_RADIATION), n), draws.chance(40, n), draws.chance(50, n)
    drugs = np.array([[*REGIMENS[name], "", "", "", ""][:4] for name in NAMES], dtype=object)[prior.regimen]
    radiated = prior.radiotherapy != ABSENT
    return registry.table(
        "priortx.txt",
        rows,
        {
            "LINE_NO": spell(prior.number, str),
            "REGIMEN_TXT": choose(NAMES, prior.regimen),
            **{f"DRUG_{k + 1}": drugs[:, k] for k in range(4)},
            "ST_DT": prior.start,
            "EN_DT": prior.stop,
            "BEST_RESP": response_words(registry, rows, np.where(unknown, -1, prior.best)),
            "STOP_REASON": choose(STOPS, prior.reason),
            "PD_DT": prior.progression,
            "ASCT_YN": yes_no(prior.transplant != ABSENT),
            "ASCT_DT": prior.transplant,
            "ALLO_YN": yes_no(prior.allogeneic),
            "RT_YN": yes_no(radiated),
            "RT_DT": prior.radiotherapy,
            "RT_LOC": np.where(radiated, choose(SITES_OF_RADIATION, where), "").astype(object),
            "REFR_YN": np.where(unclear & unknown, "UNK", yes_no(prior.refractory)).astype(object),
        },
        delimiter="\t",
        encoding="utf-16",
    )


def conditions(registry: Registry) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Subject, position in CONDITIONS, first day and last day (ABSENT: goes on) of every comorbidity."""
    n, most = len(registry.cohort), len(CONDITIONS)
    draws = Draws(registry.seed, "comorbidity")
    has = draws.chance(np.array([x.weight for x in CONDITIONS]), (n, most))
    years, part = draws.between(1, 22, (n, most)), draws.below(365, (n, most))
    over, lasted = draws.chance(130, (n, most)), draws.between(20, 300, (n, most))
    anchor = np.where(registry.cohort.first_dose == ABSENT, registry.cohort.enrolled, registry.cohort.first_dose)[
        :, None
    ]
    began = anchor - 365 * years - part - 30
    rows, term = np.nonzero(has)
    return rows, term, began[has], np.where(over, began + lasted, ABSENT)[has]


def comorb(registry: Registry) -> Table:
    """One row per condition other than myeloma, begun before isatuximab; verbatim in the language of the country."""
    rows, term, began, ended = conditions(registry)
    words = np.array([x.words for x in CONDITIONS], dtype=object)
    language = np.array([LANGUAGES.index(code) for code in take("language")])[registry.cohort.country[rows]]
    return registry.table(
        "comorb.csv",
        rows,
        {
            "TERM": words[term, language],
            "PT": choose(tuple(x.term for x in CONDITIONS), term),
            "CHARLSON": np.array([str(x.charlson or "") for x in CONDITIONS], dtype=object)[term],
            "DX_DT": began,
            "ONGOING": yes_no(ended == ABSENT),
            "EN_DT": ended,
        },
        delimiter=";",
        encoding="cp1252",
    )
