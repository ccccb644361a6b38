"""Errors that a reviewer looks for and that no rule was written for: each was seeded before any rule was read for it.

Not for the errors by dataset (sdtm_*, adam), which the rules grew up with.
"""

from __future__ import annotations

from .define_xml import attribute, define, first, twice, without
from .metadata import metadata
from .seed import SEEDS, Area, change, record, values

S, A, T, P = Area.SDTM, Area.ADAM, Area.TRIAL, Area.SUPP
NAN = float("nan")
#: the number of the first of these errors
FIRST = len(SEEDS)


# ---- subjects
values(S, "RFPENDTC is before RFENDTC", "DM", {"RFPENDTC": "2001-01-01"},
       where=lambda f: (f["RFENDTC"] != "") & (f["RFPENDTC"] != ""), at="RFPENDTC RFENDTC")  # fmt: skip
values(S, "RFXENDTC is before RFXSTDTC", "DM", {"RFXENDTC": "2001-01-01"},
       where=lambda f: f["RFXENDTC"] != "", at="RFXENDTC RFXSTDTC")  # fmt: skip
values(S, "RFICDTC is after the end of participation", "DM", {"RFICDTC": "2030-01-01"},
       where=lambda f: f["RFPENDTC"] != "", at="RFICDTC RFPENDTC")  # fmt: skip
values(S, "DTHDTC is before RFSTDTC", "DM", {"DTHDTC": "2001-01-01"},
       where=lambda f: f["DTHDTC"] != "", at="DTHDTC RFSTDTC RFXENDTC RFENDTC RFPENDTC")  # fmt: skip
values(S, "SUBJID is that of another subject of the site", "DM", {"SUBJID": "1023"}, at="SUBJID USUBJID",
       where=lambda f: f["SUBJID"].ne("1023") & f["SITEID"].eq("701"))  # fmt: skip
values(S, "ACTARM does not fit to ACTARMCD", "DM", {"ACTARM": "Placebo patch"},
       where=lambda f: f["ACTARMCD"] != "", at="ACTARM ACTARMCD")  # fmt: skip
values(S, "the age does not fit to the date of birth", "DM", lambda r: {"AGE": r["AGE"] + 20},
       where=lambda f: f["BRTHDTC"] != "", at="AGE BRTHDTC")  # fmt: skip
values(S, "an adult has an age in months", "DM", {"AGEU": "MONTHS"}, where=lambda f: f["AGE"] > 30, at="AGEU AGE")
values(S, "COUNTRY of one subject differs in its site", "DM", {"COUNTRY": "CAN"}, at="COUNTRY SITEID")

# ---- events
values(
    S, "AEDY has the wrong sign", "AE", lambda r: {"AESTDY": -r["AESTDY"]}, where=lambda f: f["AESTDY"] > 1, at="AESTDY"
)
values(S, "AEENDY is counted with a day 0", "AE", lambda r: {"AEENDY": r["AEENDY"] - 1},
       where=lambda f: f["AEENDY"] > 2, at="AEENDY")  # fmt: skip
values(S, "EPOCH of an event is that of the screening", "AE", {"EPOCH": "SCREENING"},
       where=lambda f: (f["EPOCH"] == "TREATMENT") & (f["AESTDY"] > 3), at="EPOCH")  # fmt: skip
values(S, "AESDTH is Y and the outcome is not fatal", "AE", {"AESDTH": "Y", "AESER": "Y"},
       where=lambda f: f["AEOUT"] == "RECOVERED/RESOLVED", at="AESDTH AEOUT DM.DTHFL")  # fmt: skip
values(S, "AEREL is a word of no list of the study", "AE", {"AEREL": "PERHAPS"}, at="AEREL")
values(S, "AEACN is in small letters", "AE", {"AEACN": "dose not changed"}, at="AEACN")
values(S, "AEBODSYS of one record differs for its term", "AE", {"AEBODSYS": "EYE DISORDERS"},
       where=lambda f: f["AEDECOD"] == "APPLICATION SITE PRURITUS", at="AEBODSYS AEDECOD AESOC")  # fmt: skip
values(S, "AESTDTC has a month 13", "AE", {"AESTDTC": "2013-13-01"}, where=lambda f: f["AESTDTC"] != "", at="AESTDTC")
values(S, "AESTDTC is written as day and month", "AE", {"AESTDTC": "01/02/2013"}, where=lambda f: f["AESTDTC"] != "",
       at="AESTDTC")  # fmt: skip
values(S, "AESEQ is 0", "AE", {"AESEQ": 0.0}, at="AESEQ")
values(S, "AESEQ is not a whole number", "AE", {"AESEQ": 1.5}, at="AESEQ")
values(S, "DOMAIN of one record is CM", "AE", {"DOMAIN": "CM"}, at="DOMAIN")
values(S, "an informed consent is after the first dose", "DS", {"DSSTDTC": "2030-01-01"},
       where=lambda f: f["DSDECOD"] == "FINAL LAB VISIT", at="DSSTDTC DSSTDY DM.RFPENDTC")  # fmt: skip
record(S, "a subject completes twice", "DS", lambda r: {"DSSEQ": r["DSSEQ"] + 50},
       where=lambda f: f["DSDECOD"] == "COMPLETED", at="DSDECOD DSSEQ USUBJID DSTERM .")  # fmt: skip

# ---- interventions
values(S, "EXDOSU is empty beside a dose", "EX", {"EXDOSU": ""}, where=lambda f: f["EXDOSE"] > 0, at="EXDOSU EXDOSE")
values(S, "EXSTDTC is before the first dose of DM", "EX", {"EXSTDTC": "2001-01-01"},
       where=lambda f: f["VISITNUM"] > 3, at="EXSTDTC EXSTDY DM.RFXSTDTC")  # fmt: skip
values(
    S, "CMDOSTXT and CMDOSE are both there", "CM", {"CMDOSE": -1.0}, where=lambda f: f["CMDOSE"].notna(), at="CMDOSE"
)
values(S, "CMENDTC is before CMSTDTC", "CM", {"CMENDTC": "1901-01-01"},
       where=lambda f: (f["CMSTDTC"] != "") & (f["CMENDTC"] != ""), at="CMENDTC CMSTDTC CMENDY")  # fmt: skip

# ---- findings
values(S, "VISIT of one record is that of another number", "VS", {"VISIT": "WEEK 26"},
       where=lambda f: f["VISIT"] == "WEEK 2", at="VISIT VISITNUM")  # fmt: skip
values(S, "VISITNUM of one record is that of another visit", "LB", {"VISITNUM": 13.0},
       where=lambda f: f["VISITNUM"] == 4, at="VISIT VISITNUM")  # fmt: skip
values(S, "a test has another unit in one record", "VS", {"VSSTRESU": "F"},
       where=lambda f: (f["VSTESTCD"] == "TEMP") & (f["VSSTRESU"] == "C"), at="VSSTRESU")  # fmt: skip
values(S, "a unit stands without a result", "VS", {"VSORRES": "", "VSSTRESC": "", "VSSTRESN": NAN},
       where=lambda f: (f["VSORRES"] != "") & (f["VSBLFL"] == ""), at="VSORRES VSORRESU VSSTRESC VSSTRESU VSSTAT")  # fmt: skip
values(S, "a result stands in a record that is not done", "VS", {"VSSTAT": "NOT DONE"},
       where=lambda f: f["VSORRES"] != "", at="VSSTAT VSORRES VSSTRESC VSREASND")  # fmt: skip
values(S, "LBSTRESN is ten times LBSTRESC", "LB", lambda r: {"LBSTRESN": r["LBSTRESN"] * 10},
       where=lambda f: f["LBSTRESN"] > 1, at="LBSTRESN LBSTRESC")  # fmt: skip
values(S, "LBNRIND is HIGH and the result is in its range", "LB", {"LBNRIND": "HIGH"},
       where=lambda f: f["LBNRIND"] == "NORMAL", at="LBNRIND LBSTRESN")  # fmt: skip
values(S, "the lower limit is above the upper", "LB", lambda r: {"LBSTNRLO": r["LBSTNRHI"] * 2},
       where=lambda f: f["LBSTNRHI"] > 1, at="LBSTNRLO LBSTNRHI LBNRIND")  # fmt: skip
values(S, "LBBLFL is N", "LB", {"LBBLFL": "N"}, where=lambda f: f["LBBLFL"] == "", at="LBBLFL")
record(S, "a test has two baselines", "VS", lambda r: {"VSSEQ": r["VSSEQ"] + 9000}, where=lambda f: f["VSBLFL"] == "Y",
       at="VSBLFL VSSEQ VSTESTCD VSLOBXFL .")  # fmt: skip
values(S, "a baseline is flagged after the first dose", "VS", {"VSBLFL": "Y"},
       where=lambda f: (f["VSDY"] > 20) & (f["VSORRES"] != ""), at="VSBLFL VSDTC")  # fmt: skip
values(S, "VSDTC is in the future", "VS", {"VSDTC": "2099-01-01"}, where=lambda f: f["VSDTC"] != "",
       at="VSDTC VSDY DM.RFPENDTC")  # fmt: skip
values(S, "a visit of SV ends before it starts", "SV", {"SVENDTC": "2001-01-01"}, where=lambda f: f["SVENDTC"] != "",
       at="SVENDTC SVSTDTC SVENDY")  # fmt: skip
values(S, "LBTESTCD has nine letters", "LB", {"LBTESTCD": "ALBUMINXX"}, where=lambda f: f["LBTESTCD"] == "ALB",
       at="LBTESTCD LBTEST")  # fmt: skip

# ---- supplemental qualifiers and trial design
values(P, "IDVARVAL names a record that is not there", "SUPPAE", {"IDVARVAL": "99999"}, at="IDVARVAL")
values(T, "TSVAL of a parameter is empty without a null flavor", "TS", {"TSVAL": ""},
       where=lambda f: f["TSVAL"] != "", at="TSVAL TSVALNF")  # fmt: skip
values(
    T, "TSVALNF stands beside a value", "TS", {"TSVALNF": "NA"}, where=lambda f: f["TSVAL"] != "", at="TSVAL TSVALNF"
)

# ---- analysis data
values(A, "AVISIT of one record has another number", "ADVS", {"AVISITN": 99.0},
       where=lambda f: f["AVISIT"] != "", at="AVISITN AVISIT")  # fmt: skip
record(
    A, "a parameter has two baselines", "ADVS", where=lambda f: f["ABLFL"] == "Y", at="ABLFL ASEQ VSSEQ PARAMCD BASE ."
)
values(A, "CHG is there without BASE", "ADVS", {"BASE": NAN}, where=lambda f: f["CHG"].notna() & (f["ABLFL"] != "Y"),
       at="BASE CHG PCHG")  # fmt: skip
values(A, "BASE of one record differs", "ADVS", lambda r: {"BASE": r["BASE"] + 1},
       where=lambda f: f["BASE"].notna() & (f["ABLFL"] != "Y"), at="BASE CHG")  # fmt: skip
values(A, "an event before treatment is treatment-emergent", "ADAE", lambda r: {"ASTDT": r["TRTSDT"] - 30},
       where=lambda f: (f["TRTEMFL"] == "Y") & f["TRTSDT"].notna(), at="TRTEMFL ASTDT ASTDTM ASTDY AESTDTC")  # fmt: skip
values(A, "DTYPE is there without a value", "ADVS", {"DTYPE": "LOCF", "AVAL": NAN},
       where=lambda f: f["DTYPE"].eq("") & (f["ABLFL"] != "Y") & f["AVAL"].notna(), at="DTYPE AVAL CHG")  # fmt: skip
values(A, "PARAMCD has more than 8 letters", "ADVS", {"PARAMCD": "DIASTOLIC"},
       where=lambda f: f["PARAMCD"] == "DIABP", at="PARAMCD PARAM")  # fmt: skip
change(A, "a subject of DM is not in ADSL", "ADSL", lambda t: t["ADSL"].remove([t["ADSL"].pick()]),
       at="USUBJID DM.USUBJID . ADSL.USUBJID")  # fmt: skip
values(A, "TRTEMFL is YES", "ADAE", {"TRTEMFL": "YES"}, where=lambda f: f["TRTEMFL"] == "Y", at="TRTEMFL")
values(A, "ANL01FL is 1", "ADVS", {"ANL01FL": "1"}, where=lambda f: f["ANL01FL"] == "Y", at="ANL01FL")
values(
    A, "AVALC and AVAL are not one to one", "ADRS", {"AVAL": 99.0}, where=lambda f: f["AVALC"] != "", at="AVAL AVALC"
)
values(A, "TRTSDT of ADSL is after TRTEDT of ADSL by a year", "ADSL", lambda r: {"TRTSDT": r["TRTSDT"] + 900},
       where=lambda f: f["TRTEDT"].notna(), at="TRTSDT TRTEDT TRTSDTM TRTDURD")  # fmt: skip
values(
    A, "AGEGR1 does not fit to AGE", "ADSL", {"AGEGR1": "18-64"}, where=lambda f: f["AGE"] > 70, at="AGEGR1 AGE AGEGR1N"
)
metadata("PARAMCD of ADaM is missing", "ADVS", lambda t: t.drop("PARAMCD"), at="PARAMCD")
metadata("a flag of ADSL is numeric", "ADSL", lambda t: t.describe("SAFFL", name="SAFFN"), at="SAFFL SAFFN")
metadata("a label of ADSL is in other letters", "ADSL", lambda t: t.describe("TRTSDT", label="DATE OF FIRST TRT"),
         at="TRTSDT")  # fmt: skip

# ---- define.xml
_OF = "//o:ItemDef[@DataType='text' and @Length]"
define("a length is shorter than the values", attribute("//o:ItemDef[@Name='USUBJID']", "Length", "2"))
define("a codelist lacks a term of the data", without("//o:CodeList[@OID=//o:ItemDef[@Name='SEX']/o:CodeListRef/@CodeListOID]/*[@CodedValue='F']"))  # fmt: skip
define("an origin is Collected and has a method", attribute("//o:ItemDef[@OID=//o:ItemRef[@MethodOID]/@ItemOID]/d:Origin[@Type='Derived']", "Type", "Collected"))  # fmt: skip
define("a where clause tests a variable that is not there", attribute("//d:WhereClauseDef/o:RangeCheck", "{http://www.cdisc.org/ns/def/v2.1}ItemOID", "IT.NOWHERE"))  # fmt: skip
define("a where clause selects no record", lambda root: setattr(first(root, "//d:WhereClauseDef/o:RangeCheck[@Comparator='EQ']/o:CheckValue"), "text", "NOTHING"))  # fmt: skip
define("the keys lack the last one", attribute("//o:ItemGroupDef[@Name='VS' or @Name='ADQS']/o:ItemRef[@KeySequence='3']", "KeySequence", None))  # fmt: skip
define("the label of a variable differs from the file", lambda root: setattr(first(root, "//o:ItemDef[@Name='USUBJID']/o:Description/o:TranslatedText"), "text", "Subject"))  # fmt: skip
define("a data type is integer and the values have decimals", attribute("//o:ItemDef[@DataType='float']", "DataType", "integer"))  # fmt: skip
define("the structure of a dataset is empty", attribute("//o:ItemGroupDef[@Name='AE' or @Name='ADAE']", "{http://www.cdisc.org/ns/def/v2.1}Structure", None))  # fmt: skip
define("a dataset is described twice", twice("//o:ItemGroupDef[@Name='AE' or @Name='ADAE']"))
define("a required variable is not mandatory", attribute("//o:ItemGroupDef/o:ItemRef[@Mandatory='Yes' and @KeySequence]", "Mandatory", "No"))  # fmt: skip
define("a codelist has the wrong NCI code", attribute("//o:CodeList/o:Alias[@Context='nci:ExtCodeID']", "Name", "C1"))
define("the class of a dataset is not that of the standard", attribute("//o:ItemGroupDef[@Name='AE' or @Name='ADAE']/d:Class", "Name", "FINDINGS"))  # fmt: skip
