"""The comorbidities of the synthetic registry, with verbatim terms in the languages of its sites.

Not for MedDRA: demonstration terms. ``charlson`` is the number of the item in the list of docs/synthetic-export.md.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """``weight``: permille of subjects. ``words``: verbatim, in the order of LANGUAGES (events.py)."""

    term: str
    charlson: int  # 0: none
    weight: int
    words: tuple[str, str, str, str, str, str]


CONDITIONS = (
    Condition(
        "Myocardial infarction",
        1,
        55,
        (
            "heart attack", "infarctus du myocarde", "Herzinfarkt", "infarto de miocardio", "infarto miocardico",
            "infarto do miocárdio",
        ),
    ),
    Condition(
        "Congestive heart failure",
        2,
        45,
        (
            "heart failure", "insuffisance cardiaque", "Herzinsuffizienz", "insuficiencia cardíaca",
            "scompenso cardiaco", "insuficiência cardíaca",
        ),
    ),
    Condition(
        "Peripheral arterial disease",
        3,
        35,
        (
            "peripheral arterial disease", "artériopathie des membres inférieurs", "pAVK, Stadium II",
            "arteriopatía periférica", "arteriopatia periferica", "doença arterial periférica",
        ),
    ),
    Condition(
        "Cerebrovascular accident",
        4,
        35,
        ("stroke", "accident vasculaire cérébral", "Schlaganfall", "ictus", "ictus cerebrale", "AVC isquêmico"),
    ),
    Condition("Dementia", 5, 6, ("dementia", "démence", "beginnende Demenz", "demencia", "demenza", "demência")),
    Condition(
        "Chronic obstructive pulmonary disease",
        6,
        75,
        ("COPD", "BPCO", "COPD (chronische Bronchitis)", "EPOC", "BPCO", "DPOC"),
    ),
    Condition(
        "Rheumatoid arthritis",
        7,
        20,
        (
            "rheumatoid arthritis", "polyarthrite rhumatoïde", "rheumatoide Arthritis", "artritis reumatoide",
            "artrite reumatoide", "artrite reumatóide",
        ),
    ),
    Condition(
        "Peptic ulcer",
        8,
        30,
        ("gastric ulcer", "ulcère gastrique", "Magengeschwür", "úlcera gástrica", "ulcera gastrica", "úlcera gástrica"),
    ),
    Condition(
        "Chronic hepatitis",
        9,
        18,
        (
            "chronic hepatitis B", "hépatite B chronique", "chronische Hepatitis", "hepatitis crónica",
            "epatite cronica", "hepatite crônica",
        ),
    ),
    Condition(
        "Type 2 diabetes mellitus",
        10,
        130,
        ("type 2 diabetes", "diabète de type 2", "Diabetes mellitus Typ 2", "diabetes tipo 2", "diabete tipo 2",
         "diabetes tipo 2"),
    ),
    Condition(
        "Diabetic nephropathy",
        11,
        15,
        (
            "diabetes with kidney damage", "néphropathie diabétique", "diabetische Nephropathie",
            "nefropatía diabética", "nefropatia diabetica", "nefropatia diabética",
        ),
    ),
    Condition(
        "Paraplegia",
        12,
        5,
        ("paraplegia", "paraplégie", "Querschnittlähmung", "paraplejía", "paraplegia", "paraplegia"),
    ),
    Condition(
        "Chronic kidney disease",
        13,
        120,
        (
            "CKD stage 3", "insuffisance rénale chronique", "chronische Niereninsuffizienz",
            "insuficiencia renal crónica",            "insufficienza renale cronica", "doença renal crônica",
        ),
    ),
    Condition(
        "Second primary cancer",
        14,
        35,
        (
            "cancer of another organ, treated", "autre cancer, traité", "Zweittumor, behandelt",
            "otro cáncer, tratado", "altro tumore, trattato", "outro câncer, tratado",
        ),
    ),
    Condition(
        "Hypertension",
        0,
        440,
        (
            "high blood pressure", "hypertension artérielle", "arterielle Hypertonie", "hipertensión arterial",
            "ipertensione arteriosa", "hipertensão arterial",
        ),
    ),
    Condition(
        "Osteoporosis",
        0,
        150,
        ("osteoporosis", "ostéoporose", "Osteoporose", "osteoporosis", "osteoporosi", "osteoporose"),
    ),
    Condition(
        "Hypercholesterolaemia",
        0,
        170,
        (
            "raised cholesterol", "hypercholestérolémie", "Hypercholesterinämie", "colesterol alto",
            "ipercolesterolemia", "colesterol elevado",
        ),
    ),
    Condition(
        "Atrial fibrillation",
        0,
        90,
        (
            "atrial fibrillation", "fibrillation auriculaire", "Vorhofflimmern", "fibrilación auricular",
            "fibrillazione atriale", "fibrilação atrial",
        ),
    ),
    Condition(
        "Peripheral neuropathy",
        0,
        210,
        (
            "neuropathy after bortezomib", "neuropathie après bortézomib", "Polyneuropathie nach Bortezomib",
            "neuropatía por bortezomib", "neuropatia da bortezomib", "neuropatia por bortezomibe",
        ),
    ),
    Condition("Hypothyroidism", 0, 80, ("hypothyroidism", "hypothyroïdie", "Hypothyreose", "hipotiroidismo",
                                        "ipotiroidismo", "hipotireoidismo")),
    Condition(
        "Cataract", 0, 60, ("cataract, operated", "cataracte opérée", "Katarakt-OP beidseits", "catarata", "cataratta",
                            "catarata operada")
    ),
)  # fmt: skip
