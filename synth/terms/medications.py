"""The concomitant medications of the synthetic registry: their indications, and how sites write them.

Not for WHODrug: the standardised names are plain substance names, the classes are invented. WHO_VER of each
row has the name of this dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

DICTIONARY = "DEMO 1.0 (not WHODrug)"
PROPHYLAXIS, CONDITION, EVENT = range(3)


@dataclass(frozen=True)
class Medication:
    """``why``: PROPHYLAXIS, CONDITION or EVENT. ``reason``: the indication, or the term of the condition or event.

    ``share``: permille of these subjects, conditions or events that are treated.
    """

    name: str
    group: str
    dose: int
    unit: str
    frequency: str
    route: str
    why: int
    reason: str
    share: int


MEDICATIONS = (
    Medication("Aciclovir", "DEMO-J05", 400, "mg", "BID", "ORAL", PROPHYLAXIS, "Herpes prophylaxis", 760),
    Medication("Cotrimoxazole", "DEMO-J01", 960, "mg", "QW", "ORAL", PROPHYLAXIS, "Infection prophylaxis", 330),
    Medication("Acetylsalicylic acid", "DEMO-B01", 100, "mg", "QD", "ORAL", PROPHYLAXIS, "Thrombosis prophylaxis", 480),
    Medication("Enoxaparin", "DEMO-B01", 40, "mg", "QD", "SUBCUTANEOUS", PROPHYLAXIS, "Thrombosis prophylaxis", 110),
    Medication("Colecalciferol", "DEMO-A11", 5000, "IU", "QW", "ORAL", PROPHYLAXIS, "Bone protection", 300),
    Medication("Pantoprazole", "DEMO-A02", 40, "mg", "QD", "ORAL", PROPHYLAXIS, "Stomach protection", 420),
    Medication("Ramipril", "DEMO-C09", 5, "mg", "QD", "ORAL", CONDITION, "Hypertension", 720),
    Medication("Metformin", "DEMO-A10", 850, "mg", "BID", "ORAL", CONDITION, "Type 2 diabetes mellitus", 700),
    Medication("Atorvastatin", "DEMO-C10", 20, "mg", "QD", "ORAL", CONDITION, "Hypercholesterolaemia", 820),
    Medication("Apixaban", "DEMO-B01", 5, "mg", "BID", "ORAL", CONDITION, "Atrial fibrillation", 680),
    Medication("Levothyroxine", "DEMO-H03", 75, "ug", "QD", "ORAL", CONDITION, "Hypothyroidism", 900),
    Medication("Pregabalin", "DEMO-N03", 75, "mg", "BID", "ORAL", CONDITION, "Peripheral neuropathy", 450),
    Medication(
        "Theophylline", "DEMO-R03", 200, "mg", "BID", "ORAL", CONDITION, "Chronic obstructive pulmonary disease", 640
    ),
    Medication("Calcium carbonate", "DEMO-A12", 500, "mg", "QD", "ORAL", CONDITION, "Osteoporosis", 520),
    Medication("Filgrastim", "DEMO-L03", 300, "ug", "QD", "SUBCUTANEOUS", EVENT, "Neutropenia", 480),
    Medication("Epoetin", "DEMO-B03", 30000, "IU", "QW", "SUBCUTANEOUS", EVENT, "Anaemia", 360),
    Medication("Amoxicillin", "DEMO-J01", 1000, "mg", "TID", "ORAL", EVENT, "Pneumonia", 700),
    Medication("Ceftriaxone", "DEMO-J01", 2000, "mg", "QD", "INTRAVENOUS", EVENT, "Sepsis", 900),
    Medication("Doxycycline", "DEMO-J01", 100, "mg", "BID", "ORAL", EVENT, "Bronchitis", 520),
    Medication("Ciprofloxacin", "DEMO-J01", 500, "mg", "BID", "ORAL", EVENT, "Urinary tract infection", 780),
    Medication("Paracetamol", "DEMO-N02", 500, "mg", "PRN", "ORAL", EVENT, "Pyrexia", 740),
    Medication("Metamizole", "DEMO-N02", 500, "mg", "TID", "ORAL", EVENT, "Back pain", 610),
    Medication("Loperamide", "DEMO-A07", 2, "mg", "PRN", "ORAL", EVENT, "Diarrhoea", 560),
    Medication("Macrogol", "DEMO-A06", 13, "g", "QD", "ORAL", EVENT, "Constipation", 640),
    Medication("Ondansetron", "DEMO-A04", 8, "mg", "PRN", "ORAL", EVENT, "Nausea", 620),
    Medication("Furosemide", "DEMO-C03", 20, "mg", "QD", "ORAL", EVENT, "Oedema peripheral", 540),
    Medication("Amlodipine", "DEMO-C08", 5, "mg", "QD", "ORAL", EVENT, "Hypertension", 650),
    Medication("Bisoprolol", "DEMO-C07", 2, "mg", "QD", "ORAL", EVENT, "Atrial fibrillation", 720),
    Medication("Zopiclone", "DEMO-N05", 7, "mg", "PRN", "ORAL", EVENT, "Insomnia", 430),
    Medication("Magnesium", "DEMO-A12", 300, "mg", "QD", "ORAL", EVENT, "Muscle spasms", 600),
    Medication("Cetirizine", "DEMO-R06", 10, "mg", "QD", "ORAL", EVENT, "Rash", 560),
    Medication("Hydrocortisone", "DEMO-H02", 100, "mg", "PRN", "INTRAVENOUS", EVENT, "Infusion related reaction", 640),
    Medication(
        "Dexchlorpheniramine", "DEMO-R06", 5, "mg", "PRN", "INTRAVENOUS", EVENT, "Infusion related reaction", 520
    ),
)
