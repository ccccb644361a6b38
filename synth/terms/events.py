"""The adverse events of the synthetic registry, with verbatim terms in the languages of its sites.

Not for MedDRA: demonstration terms in plain medical language, with groups of their kind. MEDDRA_VER of each row has
the name of this dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

DICTIONARY = "DEMO 1.0 (not MedDRA)"
LANGUAGES = ("en", "fr", "de", "es", "it", "pt")
BLOOD, INFECTION, GENERAL, GUT, NERVE, LUNG, BONE, SKIN, HEART, INJURY, MIND = (
    "Blood and lymphatic system disorders", "Infections and infestations", "General disorders",
    "Gastrointestinal disorders",
    "Nervous system disorders", "Respiratory disorders", "Musculoskeletal disorders", "Skin disorders",
    "Cardiac and vascular disorders", "Injury and procedural complications", "Psychiatric disorders",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One kind of event. ``severe``: percent that is grade 3 or 4. ``words``: verbatim, in the order of LANGUAGES."""

    term: str
    group: str
    weight: int
    severe: int
    words: tuple[str, str, str, str, str, str]


EVENTS = (
    Event(
        "Neutropenia",
        BLOOD,
        16,
        75,
        ("low neutrophils", "neutropénie", "Neutropenie", "neutropenia", "neutropenia", "neutropenia"),
    ),
    Event(
        "Thrombocytopenia",
        BLOOD,
        8,
        50,
        (
            "low platelets",
            "thrombopénie",
            "Thrombozytopenie, gemäß Labor",
            "plaquetas bajas",
            "piastrinopenia",
            "plaquetas baixas",
        ),
    ),
    Event("Anaemia", BLOOD, 8, 35, ("anaemia", "anémie", "Anämie", "anemia", "anemia", "anemia")),
    Event(
        "Pneumonia",
        INFECTION,
        6,
        60,
        ("pneumonia", "pneumopathie fébrile", "Lungenentzündung", "neumonía", "polmonite", "pneumonia à direita"),
    ),
    Event(
        "Upper respiratory tract infection",
        INFECTION,
        10,
        6,
        (
            "common cold",
            "rhinopharyngite, à répétition",
            "grippaler Infekt der oberen Atemwege",
            "infección respiratoria alta",
            "infezione delle vie aeree",
            "infecção respiratória",
        ),
    ),
    Event(
        "Bronchitis",
        INFECTION,
        6,
        8,
        (
            "bronchitis",
            "bronchite aiguë",
            "akute Bronchitis (bakteriell möglich)",
            "bronquitis",
            "bronchite",
            "bronquite",
        ),
    ),
    Event(
        "COVID-19",
        INFECTION,
        5,
        20,
        (
            "covid infection",
            "infection à COVID-19",
            "COVID-19-Infektion, bestätigt",
            "infección por COVID-19",
            "infezione da COVID-19",
            "infecção por COVID-19",
        ),
    ),
    Event(
        "Urinary tract infection",
        INFECTION,
        4,
        12,
        (
            "UTI",
            "infection urinaire récidivante",
            "Harnwegsinfekt; Rückfall",
            "infección urinaria",
            "infezione urinaria",
            "infecção urinária",
        ),
    ),
    Event(
        "Fatigue",
        GENERAL,
        9,
        8,
        ("tiredness", "fatigue générale", "Müdigkeit", "astenia, más de una semana", "affaticabilità", "cansaço"),
    ),
    Event("Pyrexia", GENERAL, 4, 5, ("fever", "fièvre", "Fieber über 38 °C", "fiebre", "febbre", "febre")),
    Event(
        "Oedema peripheral",
        GENERAL,
        3,
        3,
        (
            "swollen ankles",
            "œdème des chevilles",
            "Knöchelödeme",
            "edema de tobillos",
            "edema alle caviglie",
            "inchaço nos tornozelos",
        ),
    ),
    Event("Diarrhoea", GUT, 7, 7, ("diarrhea", "diarrhée", "Durchfälle", "diarrea", "diarrea", "diarréia")),
    Event(
        "Constipation",
        GUT,
        5,
        2,
        (
            "constipation",
            "constipation sévère",
            "Verstopfung für 3 Tage",
            "estreñimiento",
            "stitichezza",
            "prisão de ventre",
        ),
    ),
    Event("Nausea", GUT, 4, 2, ("nausea", "nausées", "Übelkeit", "náuseas", "nausea", "náusea")),
    Event(
        "Neuropathy peripheral",
        NERVE,
        4,
        6,
        (
            "numb feet",
            "neuropathie périphérique",
            "Kribbeln in den Füßen",
            "neuropatía periférica",
            "neuropatia periferica",
            "neuropatia periférica",
        ),
    ),
    Event(
        "Dizziness",
        NERVE,
        2,
        2,
        (
            "dizzy spells",
            "étourdissements",
            "Schwindel, ständig",
            "mareo; sin caída, según señala",
            "capogiro",
            "tontura",
        ),
    ),
    Event(
        "Dyspnoea",
        LUNG,
        4,
        12,
        (
            "short of breath",
            "essoufflement à l'effort",
            "Atemnot bei Belastung (Gehstrecke verkürzt)",
            "disnea al caminar, según paciente",
            "dispnea, già nota",
            "falta de ar",
        ),
    ),
    Event(
        "Cough",
        LUNG,
        3,
        1,
        ("cough", "toux sèche", "Husten, nächtlich", "tos, más por la noche", "tosse", "tosse noturna"),
    ),
    Event(
        "Back pain",
        BONE,
        5,
        7,
        (
            "back pain",
            "douleurs lombaires, déjà connues",
            "Rückenschmerzen",
            "dolor de espalda, región lumbar",
            "mal di schiena",
            "dor nas costas, região lombar",
        ),
    ),
    Event(
        "Muscle spasms", BONE, 3, 1, ("cramps", "crampes répétées", "Wadenkrämpfe", "calambres", "crampi", "cãibras")
    ),
    Event(
        "Rash",
        SKIN,
        3,
        5,
        ("rash", "éruption cutanée", "Ausschlag an Brust und Rücken", "erupción", "eruzione cutanea", "erupção"),
    ),
    Event(
        "Hypertension",
        HEART,
        4,
        35,
        (
            "high blood pressure",
            "hypertension artérielle",
            "erhöhter Blutdruck",
            "hipertensión",
            "ipertensione",
            "hipertensão",
        ),
    ),
    Event(
        "Atrial fibrillation",
        HEART,
        2,
        30,
        (
            "AF",
            "fibrillation auriculaire paroxystique, découverte",
            "Vorhofflimmern (tachykard, spät bestätigt)",
            "fibrilación auricular",
            "fibrillazione atriale",
            "fibrilação atrial",
        ),
    ),
    Event(
        "Fall",
        INJURY,
        2,
        15,
        (
            "fall at home",
            "chute à domicile",
            "Sturz zu Hause (häuslich)",
            "caída",
            "caduta",
            "queda em casa, sem lesão",
        ),
    ),
    Event(
        "Insomnia",
        MIND,
        5,
        3,
        (
            "cannot sleep",
            "insomnie liée à la dexaméthasone",
            "Schlafstörung",
            "insomnio, después de dexametasona",
            "insonnia",
            "insônia",
        ),
    ),
)

REACTION = Event(
    "Infusion related reaction",
    INJURY,
    0,
    3,
    (
        "infusion reaction",
        "réaction à la perfusion",
        "Infusionsreaktion, während der 1. Gabe, rückläufig",
        "reacción a la infusión",
        "reazione all'infusione, già risolta",
        "reação à infusão",
    ),
)
#: fatal events in the order of OTHER_CAUSES (synth/forms/subject.py); the last is for an unknown cause
FATAL = (
    EVENTS[3],
    Event(
        "Sepsis", INFECTION, 0, 100, ("sepsis", "choc septique avéré", "Sepsis, tödlich", "sepsis", "sepsi", "sépsis")
    ),
    Event(
        "Cardiac failure",
        HEART,
        0,
        100,
        (
            "heart failure",
            "insuffisance cardiaque décompensée",
            "Herzschwäche, akut",
            "insuficiencia cardíaca",
            "scompenso cardiaco",
            "insuficiência cardíaca",
        ),
    ),
    EVENTS[6],
    Event(
        "Death",
        GENERAL,
        0,
        100,
        (
            "sudden death",
            "décès de cause inconnue",
            "plötzlicher Tod",
            "muerte súbita",
            "morte improvvisa",
            "morte súbita",
        ),
    ),
)
