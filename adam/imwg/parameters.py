"""The parameters of the IMWG algorithm: its records, with their names, values and reasons.

Not for deriving the values (algorithm.py) nor for assembling records (records.py).
"""

from __future__ import annotations

import numpy as np

from .algorithm import Algorithm
from .components import CHAINS, LAMBDA
from .evaluations import value_at
from .reasons import CATEGORIES
from .records import Batch, Origin, component_batches, references_of
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


def parameter_batches(algorithm: Algorithm) -> list[Batch]:
    """Records of every kind."""
    out = [_category(algorithm)]
    for key, (paramcd, label) in COMPONENTS.items():
        out += component_batches(
            paramcd, label, algorithm.components[key], algorithm.response.levels.get(key), algorithm.evaluations
        )
    out += component_batches("IMRATIO", "Kappa/Lambda Ratio, Algorithm", algorithm.ratios, None, algorithm.evaluations)[
        :2
    ]
    for key, paramcd, label in (
        ("serum_ife", "IMSIFE", "Immunofixation of Serum, Algorithm"),
        ("urine_ife", "IMUIFE", "Immunofixation of Urine, Algorithm"),
    ):
        out += _immunofixation(algorithm, key, paramcd, label)
    return [*out, _new_lesion(algorithm), *_measurable(algorithm)]


def _category(algorithm: Algorithm) -> Batch:
    response, evaluations, image = algorithm.response, algorithm.evaluations, algorithm.evaluated.image
    origins = {k: Origin(k, algorithm.results[k], algorithm.known[k].at) for k in algorithm.known}
    lesions = algorithm.lesions

    def at_image(positions: np.ndarray) -> np.ndarray:
        return value_at(positions, image, -1).astype("int64")

    grown, largest = at_image(lesions.grown_at), at_image(lesions.spd_at["diameter"])
    back, state = at_image(lesions.back_at), at_image(lesions.spd_at["lesion_state"])
    origins["diameter"] = Origin("diameter", algorithm.results["diameter"], np.where(grown >= 0, grown, largest))
    origins["lesion_state"] = Origin(
        "lesion_state", algorithm.results["lesion_state"], np.where(back >= 0, back, state)
    )
    origins["new_lesion"] = Origin("new_lesion", algorithm.results["new_lesion"], at_image(lesions.new_at))
    # an evaluation without a marrow has the earlier marrow that counts for it
    for key, counts_from in (("marrow", response.marrow_from), ("clonal", response.clonal_from)):
        here = algorithm.known[key].at
        at = np.where(here >= 0, here, value_at(here, counts_from, -1)).astype("int64")
        origins[key] = Origin(key, algorithm.results[key], at)
    chain = np.where(algorithm.measurable.involved[evaluations.subject] == LAMBDA, "lambda", "kappa")
    by = {
        "dflc": ("kappa", "lambda"),
        "spd": ("diameter", "lesion_state"),
        "new_lesion": ("new_lesion", "lesion_state"),
    }
    deciding = []
    for number, name in enumerate(DECIDES):
        for test in by.get(name, (name,)):
            use = response.decided == number
            use = use & (chain == test) if name == "dflc" else use
            deciding.append(Origin(test, algorithm.results[test], np.where(use, origins[test].at, -1)))
    read: dict[str, list[Origin]] = {"": list(origins.values()), "baseline": [], "nadir": []}
    for part in algorithm.components.values():
        for role, found in references_of(part, evaluations).items():
            read[role] += found
    return Batch(
        "IMWG",
        evaluations.subject,
        {
            "PARAM": "Response by IMWG Criteria, Algorithm (unconfirmed)",
            "AVAL": response.category.astype("float64"),
            "AVALC": np.array(CATEGORIES, dtype=object)[response.category],
            "ADT": algorithm.response_day(),
            "VISIT": evaluations.visit,
            "VISITNUM": evaluations.number,
            "IMWGREAS": response.reason,
            "IFEINTFL": np.where(response.interference, "Y", "").astype(object),
        },
        read,
        deciding,
        judged=True,
    )


def _immunofixation(algorithm: Algorithm, key: str, paramcd: str, label: str) -> list[Batch]:
    texts = np.array(["NEGATIVE", "POSITIVE"], dtype=object)
    out = []
    for known, subject, more in (
        (algorithm.baseline[key], np.arange(len(algorithm.begin)), {"ABLFL": "Y", "IMWGREAS": "BASELINE"}),
        (
            algorithm.known[key],
            algorithm.evaluations.subject,
            {"VISIT": algorithm.evaluations.visit, "VISITNUM": algorithm.evaluations.number},
        ),
    ):
        origins = [Origin(key, algorithm.results[key], known.at)]
        code = np.nan_to_num(known.value).astype("int64")
        values = {"PARAM": label, "AVALC": texts[code], "AVAL": known.value, "ADT": known.day, **more}
        out.append(Batch(paramcd, subject, values, {"": origins}, origins).take(known.has))
    return out


def _new_lesion(algorithm: Algorithm) -> Batch:
    lesions = algorithm.lesions
    origins = [
        Origin("new_lesion", algorithm.results["new_lesion"], lesions.new_at),
        Origin("lesion_state", algorithm.results["lesion_state"], lesions.back_at),
    ]
    values = {
        "PARAM": "New Lesion on Imaging, Algorithm",
        "AVALC": np.where(lesions.new, "Y", "N").astype(object),
        "AVAL": lesions.new.astype("float64"),
        "ADT": lesions.day,
        "VISIT": algorithm.evaluations.visit,
        "VISITNUM": algorithm.evaluations.number,
    }
    return Batch("IMNEWLES", algorithm.evaluations.subject, values, {"": origins}, origins).take(lesions.imaged)


def _measurable(algorithm: Algorithm) -> list[Batch]:
    """Measurable disease at baseline, and the involved chain: one record of each for every subject."""
    subjects = np.arange(len(algorithm.begin))
    texts = np.array(["N", "Y", "U"], dtype=object)  # -1 is the last
    base, limits = algorithm.baseline, algorithm.criteria.measurable
    enough = algorithm.options.serum_measurable
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
        flag = getattr(algorithm.measurable, key)
        origins = [Origin(t, algorithm.results[t], base[t].at) for t in tests[key]]
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
    origins = [Origin(t, algorithm.results[t], base[t].at) for t in ("ratio", "kappa", "lambda")]
    values = {
        "PARAM": "Involved Free Light Chain at Baseline, Algorithm",
        "AVALC": np.array(CHAINS, dtype=object)[algorithm.measurable.involved],
        "ADT": algorithm.ratio_day(base),
        "ABLFL": "Y",
    }
    return [*out, Batch("IMWGCHN", subjects, values, {"": origins}, origins)]
