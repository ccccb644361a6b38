"""The regimens of earlier lines: their abbreviations, their drugs, and their frequency in each line.

Not for treatment guidelines: the mixture is plausible only. Drug names are international nonproprietary names.
"""

from __future__ import annotations

BOR, CAR, IXA, LEN, POM, THA, DEX, CYC, MEL, PRE, DAR, ELO, SEL, BEN, DOX = (
    "Bortezomib", "Carfilzomib", "Ixazomib", "Lenalidomide", "Pomalidomide", "Thalidomide", "Dexamethasone",
    "Cyclophosphamide", "Melphalan", "Prednisone", "Daratumumab", "Elotuzumab", "Selinexor", "Bendamustine",
    "Doxorubicin",
)  # fmt: skip

#: abbreviation -> drugs, at most four
REGIMENS: dict[str, tuple[str, ...]] = {
    "VCD": (BOR, CYC, DEX),
    "VTD": (BOR, THA, DEX),
    "VRd": (BOR, LEN, DEX),
    "VMP": (BOR, MEL, PRE),
    "PAd": (BOR, DOX, DEX),
    "Rd": (LEN, DEX),
    "D-VTD": (DAR, BOR, THA, DEX),
    "DRd": (DAR, LEN, DEX),
    "KRd": (CAR, LEN, DEX),
    "Kd": (CAR, DEX),
    "DVd": (DAR, BOR, DEX),
    "Vd": (BOR, DEX),
    "IRd": (IXA, LEN, DEX),
    "ERd": (ELO, LEN, DEX),
    "R maintenance": (LEN,),
    "KCd": (CAR, CYC, DEX),
    "PVd": (POM, BOR, DEX),
    "Pd": (POM, DEX),
    "Dara mono": (DAR,),
    "SVd": (SEL, BOR, DEX),
    "Bd": (BEN, DEX),
    "CTd": (CYC, THA, DEX),
    "MP": (MEL, PRE),
}
#: weights of the regimens in the first, second and later lines
FIRST = {"VCD": 22, "VTD": 18, "VRd": 20, "VMP": 14, "PAd": 4, "Rd": 9, "D-VTD": 5, "DRd": 5, "CTd": 3}
SECOND = {"Rd": 24, "KRd": 14, "DRd": 14, "Vd": 12, "DVd": 12, "IRd": 8, "ERd": 5, "Kd": 6, "VCD": 5}
LATER = {
    "Kd": 18, "DVd": 16, "Pd": 12, "Dara mono": 9, "Rd": 9, "IRd": 7, "PVd": 6, "KCd": 5, "SVd": 5, "Bd": 5,
    "Vd": 4, "MP": 4,
}  # fmt: skip
#: regimens of induction, which a transplant usually follows
INDUCTION = ("VCD", "VTD", "VRd", "PAd", "D-VTD")
