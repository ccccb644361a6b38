"""The parameters of the IMWG algorithm: which records it gives, with their names, values and reasons.

Not for what the values are (algorithm.py) nor for putting records together (records.py).
"""

from __future__ import annotations

import numpy as np

from .algorithm import Algorithm
from .components import CHAINS, LAMBDA
from .evaluations import value_at
from .reasons import CATEGORIES
from .records import Batch, Origin, behind, component_batches
from .response import DECIDES

#: component -> (PARAMCD, PARAM)
COMPONENTS = {
    "serum": ("IMSERUM", "Serum M-Protein (g/dL), Algorithm"),
    "urine": ("IMURINE", "Urine M-Protein (mg/day), Algorithm"),
    "dflc": ("IMDFLC", "Involved minus Uninvolved Free Light Chain (mg/dL), Algorithm"),
    "marrow": ("IMMARROW", "Plasma Cells in Bone Marrow (%), Algorithm"),
    "spd": ("IMSPD", "Sum of Products of Plasmacytomas (mm2), Algorithm"),
    "blood": ("IMBLOOD", "Circulating Plasma Cells (/uL), Algorithm"),
}
MEASURABLE = {
    "serum": ("IMWGMS", "Serum M-Protein Measurable at Baseline, Algorithm"),
    "urine": ("IMWGMU", "Urine M-Protein Measurable at Baseline, Algorithm"),
    "chains": ("IMWGMF", "Free Light Chains Measurable at Baseline, Algorithm"),
    "marrow": ("IMWGMB", "Bone Marrow Alone Measurable at Baseline, Algorithm"),
}


def parameter_batches(a: Algorithm) -> list[Batch]:
    """Records of every kind."""
    out = [_category(a)]
    for key, (paramcd, label) in COMPONENTS.items():
        out += component_batches(paramcd, label, a.parts[key], a.response.levels.get(key), a.e)
    out += component_batches("IMRATIO", "Kappa/Lambda Ratio, Algorithm", a.ratios, None, a.e)[:2]
    for key, paramcd, label in (
        ("serum_ife", "IMSIFE", "Immunofixation of Serum, Algorithm"),
        ("urine_ife", "IMUIFE", "Immunofixation of Urine, Algorithm"),
    ):
        out += _immunofixation(a, key, paramcd, label)
    return [*out, _new_lesion(a), *_measurable(a)]


def _category(a: Algorithm) -> Batch:
    r, e, image = a.response, a.e, a.image()
    origins = {k: Origin(k, a.results[k], a.at[k].at) for k in a.at}
    i = a.images

    def at_image(positions: np.ndarray) -> np.ndarray:
        return value_at(positions, image, -1).astype("int64")

    grown, largest = at_image(i.grown_at), at_image(i.spd_at["diameter"])
    back, state = at_image(i.back_at), at_image(i.spd_at["lesion_state"])
    origins["diameter"] = Origin("diameter", a.results["diameter"], np.where(grown >= 0, grown, largest))
    origins["lesion_state"] = Origin("lesion_state", a.results["lesion_state"], np.where(back >= 0, back, state))
    origins["new_lesion"] = Origin("new_lesion", a.results["new_lesion"], at_image(i.new_at))
    # a marrow stands for later evaluations; where it is the measure itself, only that of the evaluation
    for key, stands in (("marrow", r.marrow_from), ("clonal", r.clonal_from)):
        own = a.at[key].at
        at = np.where(own >= 0, own, value_at(own, stands, -1)).astype("int64")
        origins[key] = Origin(key, a.results[key], at)
    chain = np.where(a.m.involved[e.subject] == LAMBDA, "lambda", "kappa")
    by = {
        "dflc": ("kappa", "lambda"),
        "spd": ("diameter", "lesion_state"),
        "new_lesion": ("new_lesion", "lesion_state"),
    }
    deciding = []
    for number, name in enumerate(DECIDES):
        for test in by.get(name, (name,)):
            use = r.decided == number
            use = use & (chain == test) if name == "dflc" else use
            deciding.append(Origin(test, a.results[test], np.where(use, origins[test].at, -1)))
    made_of: dict[str, list[Origin]] = {"": list(origins.values()), "baseline": [], "nadir": []}
    for part in a.parts.values():
        for role, found in behind(part, e).items():
            made_of[role] += found
    return Batch(
        "IMWG",
        e.subject,
        {
            "PARAM": "Response by IMWG Criteria, Algorithm (unconfirmed)",
            "AVAL": r.category.astype("float64"),
            "AVALC": np.array(CATEGORIES, dtype=object)[r.category],
            "ADT": a.response_day(),
            "VISIT": e.visit,
            "VISITNUM": e.number,
            "IMWGREAS": r.reason,
            "IFEINTFL": np.where(r.interference, "Y", "").astype(object),
        },
        made_of,
        deciding,
        judged=True,
    )


def _immunofixation(a: Algorithm, key: str, paramcd: str, label: str) -> list[Batch]:
    texts = np.array(["NEGATIVE", "POSITIVE"], dtype=object)
    out = []
    for known, subject, more in (
        (a.base[key], np.arange(len(a.begin)), {"ABLFL": "Y", "IMWGREAS": "BASELINE"}),
        (a.at[key], a.e.subject, {"VISIT": a.e.visit, "VISITNUM": a.e.number}),
    ):
        origins = [Origin(key, a.results[key], known.at)]
        code = np.nan_to_num(known.value).astype("int64")
        values = {"PARAM": label, "AVALC": texts[code], "AVAL": known.value, "ADT": known.day, **more}
        out.append(Batch(paramcd, subject, values, {"": origins}, origins).take(known.has))
    return out


def _new_lesion(a: Algorithm) -> Batch:
    i = a.images
    origins = [
        Origin("new_lesion", a.results["new_lesion"], i.new_at),
        Origin("lesion_state", a.results["lesion_state"], i.back_at),
    ]
    values = {
        "PARAM": "New Lesion on Imaging, Algorithm",
        "AVALC": np.where(i.new, "Y", "N").astype(object),
        "AVAL": i.new.astype("float64"),
        "ADT": i.day,
        "VISIT": a.e.visit,
        "VISITNUM": a.e.number,
    }
    return Batch("IMNEWLES", a.e.subject, values, {"": origins}, origins).take(i.imaged)


def _measurable(a: Algorithm) -> list[Batch]:
    """What is measurable at baseline, and the involved chain: one record of each for every subject."""
    subjects = np.arange(len(a.begin))
    texts = np.array(["N", "Y", "U"], dtype=object)  # -1 is the last
    base, limits = a.base, a.criteria.measurable
    enough = a.options.serum_measurable
    limit = {
        "serum": f"{limits['serum']} G/DL" if enough is None else f">= {enough:g} G/DL",
        "urine": f"{limits['urine']} MG/DAY",
        "chains": f"INVOLVED CHAIN {limits['chain']} MG/DL AND ABNORMAL RATIO, NO M-PROTEIN MEASURABLE",
        "marrow": f"{limits['marrow']} % AND NOTHING ELSE MEASURABLE",
    }
    tests = {
        "serum": ("serum",),
        "urine": ("urine",),
        "chains": ("kappa", "lambda", "ratio"),
        "marrow": ("marrow",),
    }
    out = []
    for key, (paramcd, label) in MEASURABLE.items():
        flag = getattr(a.m, key)
        origins = [Origin(t, a.results[t], base[t].at) for t in tests[key]]
        reason = np.where(flag >= 0, f"MEASURABLE: {limit[key]}", "NOT KNOWN: NO BASELINE RESULT").astype(object)
        values = {
            "PARAM": label,
            "AVALC": texts[flag],
            "AVAL": np.where(flag >= 0, flag, np.nan),
            "ADT": base[tests[key][0]].day,
            "ABLFL": "Y",
            "IMWGREAS": reason,
        }
        out.append(Batch(paramcd, subjects, values, {"": origins}, origins))
    origins = [Origin(t, a.results[t], base[t].at) for t in ("ratio", "kappa", "lambda")]
    values = {
        "PARAM": "Involved Free Light Chain at Baseline, Algorithm",
        "AVALC": np.array(CHAINS, dtype=object)[a.m.involved],
        "ADT": a.ratio_day(base),
        "ABLFL": "Y",
    }
    return [*out, Batch("IMWGCHN", subjects, values, {"": origins}, origins)]
