"""The forms of what was before isatuximab: diagnosis and cytogenetics, earlier lines, comorbidities.

Not how these were drawn: synth/subjects/disease.py, synth/subjects/prior_lines.py.
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


def mmdiag(r: Registry) -> Table:
    """One row per subject: the diagnosis of myeloma. ISS and R-ISS follow from values that are not sent."""
    s, c = r.disease, r.cohort
    n = len(c)
    d = Draws(r.seed, "history")
    rows = np.arange(n)
    dx = r.prior.diagnosis
    stage = d.pick((4, 12, 46, 1, 5, 18, 14), n)
    percent, other, told = d.between(20, 95, n), d.below(len(OTHER_ABNORMALITIES), n), d.chance(90, n)
    had = (s.plasmacytomas > 0) & d.chance(700, n)
    outside = had & d.chance(550, n)
    cells, unknown_cells = d.between(12, 92, n), d.chance(80, n)
    cells = np.where(s.isotype == NONE, np.maximum(cells, 35), cells)
    results = {name: np.where(s.fish, choose(FINDINGS, s.findings[:, j]), "") for j, name in enumerate(ABNORMALITIES)}
    deleted = s.fish & (s.findings[:, 0] == POSITIVE)
    return r.table(
        "mmdiag.csv",
        rows,
        {
            "DX_DT": dx,
            "ISS": choose(STAGES, s.iss),
            "RISS": choose(STAGES, s.riss),
            "DS_STAGE": choose(DURIE_SALMON, stage),
            "IG_TYPE": _isotypes(r),
            "LC_TYPE": _light_chains(r),
            "FISH_YN": yes_no(s.fish),
            "FISH_DT": np.where(s.fish, dx + d.between(0, 4, n), ABSENT),
            **results,
            "DEL17P_PCT": np.where(deleted, spell(percent, str), "").astype(object),
            "OTHER_CA": np.where(s.fish & told, choose(OTHER_ABNORMALITIES, other), "").astype(object),
            "PLASMACYTOMA_YN": yes_no(had),
            "EXTRAMED_YN": yes_no(outside),
            "BONE_LES": choose(BONE_LESIONS, s.bone_lesions),
            "BMPC": np.where(unknown_cells, "", spell(cells, str)).astype(object),
        },
        delimiter=";",
        encoding="utf-8-sig",
    )


def _isotypes(r: Registry) -> np.ndarray:
    """IgG, or with the chain ("IgG kappa"), or short ("G-k") or in capitals ("IGG"), by site."""
    s = r.disease
    chain = np.where(s.kappa, "kappa", "lambda").astype(object)
    code = choose(ISOTYPES, s.isotype)
    long = np.where(s.isotype == LIGHT, "Light chain ", code + " ") + chain
    long = np.where(s.isotype == NONE, "Non-secretory", long)
    short = choose((*ISOTYPE_SHORT, ""), s.isotype) + "-" + np.where(s.kappa, "k", "l").astype(object)
    capitals = np.array([t.upper() for t in ISOTYPES], dtype=object)[s.isotype]
    third = np.where((r.cohort.site % 2 == 0) & (s.isotype < LIGHT), short, capitals)
    return np.choose(r.style, [code, long, third]).astype(object)


def _light_chains(r: Registry) -> np.ndarray:
    s = r.disease
    third = np.where(r.cohort.site % 2 == 0, np.where(s.kappa, "κ", "λ"), np.where(s.kappa, "k", "l"))
    words = [np.where(s.kappa, "KAPPA", "LAMBDA"), np.where(s.kappa, "kappa", "lambda"), third]
    return np.where(s.isotype == NONE, "", np.choose(r.style, words)).astype(object)


def priortx(r: Registry) -> Table:
    """One row per earlier line of therapy, oldest first."""
    p = r.prior
    rows, n = p.rows, len(p.rows)
    d = Draws(r.seed, "history", part=1)
    where, unclear, unknown = d.below(len(SITES_OF_RADIATION), n), d.chance(40, n), d.chance(50, n)
    drugs = np.array([[*REGIMENS[name], "", "", "", ""][:4] for name in NAMES], dtype=object)[p.regimen]
    radiated = p.radiotherapy != ABSENT
    return r.table(
        "priortx.txt",
        rows,
        {
            "LINE_NO": spell(p.number, str),
            "REGIMEN_TXT": choose(NAMES, p.regimen),
            **{f"DRUG_{k + 1}": drugs[:, k] for k in range(4)},
            "ST_DT": p.start,
            "EN_DT": p.stop,
            "BEST_RESP": response_words(r, rows, np.where(unknown, -1, p.best)),
            "STOP_REASON": choose(STOPS, p.reason),
            "PD_DT": p.progression,
            "ASCT_YN": yes_no(p.transplant != ABSENT),
            "ASCT_DT": p.transplant,
            "ALLO_YN": yes_no(p.allogeneic),
            "RT_YN": yes_no(radiated),
            "RT_DT": p.radiotherapy,
            "RT_LOC": np.where(radiated, choose(SITES_OF_RADIATION, where), "").astype(object),
            "REFR_YN": np.where(unclear & unknown, "UNK", yes_no(p.refractory)).astype(object),
        },
        delimiter="\t",
        encoding="utf-16",
    )


def conditions(r: Registry) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Subject, position in CONDITIONS, first day and last day (ABSENT: goes on) of every comorbidity."""
    n, most = len(r.cohort), len(CONDITIONS)
    d = Draws(r.seed, "comorbidity")
    has = d.chance(np.array([x.weight for x in CONDITIONS]), (n, most))
    years, part = d.between(1, 22, (n, most)), d.below(365, (n, most))
    over, lasted = d.chance(130, (n, most)), d.between(20, 300, (n, most))
    anchor = np.where(r.cohort.first_dose == ABSENT, r.cohort.enrolled, r.cohort.first_dose)[:, None]
    began = anchor - 365 * years - part - 30
    rows, term = np.nonzero(has)
    return rows, term, began[has], np.where(over, began + lasted, ABSENT)[has]


def comorb(r: Registry) -> Table:
    """One row per condition other than myeloma, begun before isatuximab; verbatim in the language of the country."""
    rows, term, began, ended = conditions(r)
    words = np.array([x.words for x in CONDITIONS], dtype=object)
    language = np.array([LANGUAGES.index(code) for code in take("language")])[r.cohort.country[rows]]
    return r.table(
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
