"""The files of WHODrug in the formats B3 and C3. All drugs, codes and classes are invented; it is not WHODrug."""

from __future__ import annotations

import re

import pytest
from raw2adam.dictionaries.whodrug import read_whodrug
from raw2adam.errors import InputError
from raw2adam.mappings.models.dictionaries import CodingDictionarySpec

SHOWN = ("CODE", "NAME", "PREFERRED", "ATC", "ATC_TEXT", "ATC2_TEXT", "INGREDIENTS")
#: what both formats have: Bluetol and its brand share the classes of 900001 01; the sodium salt has one of its own
WANTED = [
    ("90000101001", "BLUETOL", "BLUETOL", "Z09AA", "Blue drugs, plain", "Blue drugs", "Bluetol"),
    ("90000101001", "BLUETOL", "BLUETOL", "Y01AB", "Other red drugs", "Red drugs", "Bluetol"),
    ("90000101A3D", "Bluebrand, mint", "BLUETOL", "Z09AA", "Blue drugs, plain", "Blue drugs", "Bluetol"),
    ("90000101A3D", "Bluebrand, mint", "BLUETOL", "Y01AB", "Other red drugs", "Red drugs", "Bluetol"),
    ("90000102001", "BLUETOL SODIUM", "BLUETOL", "Z09", "Blue drugs", "Blue drugs", "Bluetol; Soda"),
    ("90000201001", "GREENOL", "GREENOL", "", "", "", ""),
]
ATC = [
    ("Y", "1", "Red things"), ("Y01", "2", "Red drugs"), ("Y01A", "3", "Some red drugs"), ("Y01AB", "4", "Other red drugs"),
    ("Z", "1", "Blue things"), ("Z09", "2", "Blue drugs"), ("Z09A", "3", "Some blue drugs"), ("Z09AA", "4", "Blue drugs, plain"),
]  # fmt: skip


def b3_text(width=1500, substance=250):
    def drug(code, name):
        return f"{code}1T21MEX {'':5}02 251{name:{width}}"

    return {
        "DD.txt": [drug("90000101001", "BLUETOL"), drug("90000101A3D", "Bluebrand, mint"),
                   drug("90000102001", "BLUETOL SODIUM"), drug("90000201001", "GREENOL")],
        "DDA.txt": ["900001010011Z09AA  251*", "900001010011Y01AB  251 ", "90000101A3D1Z09AA  251 ", "900001020011Z09    251*"],
        "INA.txt": [f"{code:7}{level}{text:110}" for code, level, text in ATC],
        "ING.txt": ["9000010100110000000017", "9000010200110000000017", "9000010200110000000025"],
        "BNA.txt": [f"0000000017EN{'Bluetol':{substance}}21   1", f"0000000025EN{'Soda':{substance}}21   1"],
        "Version.txt": ["INVENTED GLOBAL B3 March 1, 2025 GLOBALB3Mar25"],
    }  # fmt: skip


def b3_csv():
    return {
        "DD.csv": ["900001,01,001,1,T,21,MEX,,01,,251,BLUETOL", '900001,01,A3D,1,T,21,MEX,,01,,251,"Bluebrand, mint"',
                   "900001,02,001,1,T,21,MEX,,02,,251,BLUETOL SODIUM", "900002,01,001,1,T,21,MEX,,01,,251,GREENOL"],
        "DDA.csv": ["900001,01,001,1,Z09AA,251,*", "900001,01,001,1,Y01AB,251,", "900001,02,001,1,Z09,251,*"],
        "INA.csv": [f'{code},{level},"{text}"' for code, level, text in ATC],
        "ING.csv": ["900001,01,001,1,17", "900001,02,001,1,17", "900001,02,001,1,25"],
        "BNA.csv": ["17,EN,Bluetol,21,1", "25,EN,Soda,21,1"],
        "Version.csv": ['"INVENTED GLOBAL B3 March 1, 2025",GLOBALB3Mar25'],
    }  # fmt: skip


def c3_text():
    def product(number, code, name):
        return f"{number:>10}{'':35}{code}{'':20}Y{name:1500}{'':30}"

    return {
        "MP.txt": [product("11", "90000101001", "BLUETOL"), product("12", "90000101A3D", "Bluebrand, mint"),
                   product("13", "90000102001", "BLUETOL SODIUM"), product("14", "90000201001", "GREENOL")],
        "ThG.txt": [f"{'1':>10}{'Z09AA':10}20250301Y{'11':>10}", f"{'2':>10}{'Y01AB':10}20250301N{'12':>10}",
                    f"{'3':>10}{'Z09':10}20250301Y{'13':>10}"],
        "ATC.txt": [f"{code:10}{level}{text:110}" for code, level, text in ATC],
        "ING.txt": [f"{n:>10}20250301{s:>10}{'':15}{'':15}{'':10}{'1':>10}{p:>10}" for n, s, p in
                    (("1", "17", "11"), ("2", "17", "13"), ("3", "25", "13"))],
        "SUN.txt": [f"{'17':>10}{'':10}{'EN':10}{'Bluetol':110}   {'1':>10}", f"{'25':>10}{'':10}{'EN':10}{'Soda':110}   {'1':>10}"],
    }  # fmt: skip


def c3_csv():
    rest = ",,,,,,,,,,,,20250301,20250301"
    return {
        "MP.csv": [f"11,u,900001,01,001,,,Y,BLUETOL{rest}", f'12,u,900001,01,A3D,,,N,"Bluebrand, mint"{rest}',
                   f"13,u,900001,02,001,,,Y,BLUETOL SODIUM{rest}", f"14,u,900002,01,001,,,Y,GREENOL{rest}"],
        "ThG.csv": ["1,Z09AA,20250301,Y,11", "2,Y01AB,20250301,N,12", "3,Z09,20250301,Y,13"],
        "ATC.csv": [f'{code},{level},"{text}"' for code, level, text in ATC],
        "ING.csv": ["1,20250301,17,,,,11", "2,20250301,17,,,,13", "3,20250301,25,,,,13"],
        "SUN.csv": ["17,,EN,Bluetol,21,1", "25,,EN,Soda,21,1"],
        "Version.csv": ['"INVENTED GLOBAL C3 March 1, 2025",GLOBALC3Mar25'],
    }  # fmt: skip


def read(folder, files, kind="whodrug_b3", version="2025-03"):
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        text = lines if isinstance(lines, str) else "".join(f"{line}\r\n" for line in lines)
        (folder / name).write_bytes(text.encode())
    spec = CodingDictionarySpec(name="WHODD", version=version, format=kind, path="who")
    return read_whodrug("dictionary WHO", folder, spec)


FORMS = {
    "B3, positions": (b3_text(), "whodrug_b3", "2025-03"),
    "B3, short names": (b3_text(width=45, substance=45), "whodrug_b3", "2025-03"),
    "B3, commas": (b3_csv(), "whodrug_b3", "2025-03"),
    "C3, positions": (c3_text(), "whodrug_c3", ""),
    "C3, commas": (c3_csv(), "whodrug_c3", "2025-03"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_distribution_has_the_same_entries(tmp_path, form):
    files, kind, version = FORMS[form]
    dictionary, stated, tables = read(tmp_path / "who", files, kind)
    assert [tuple(dictionary.levels[n][i] for n in SHOWN) for i in range(len(dictionary))] == WANTED
    assert dictionary.main.tolist() == [True, False, True, False, True, False]
    assert stated == version
    assert sorted(t.path.name for t in tables) == sorted(files)
    assert dictionary.texts("ATC", dictionary.find("NAME", "bluebrand,  MINT")) == ["Z09AA"]  # the official one
    if kind == "whodrug_c3":
        assert dictionary.texts("CODE", dictionary.find("PRODUCT", "12")) == ["90000101A3D"]


@pytest.mark.parametrize(
    ("declared", "stated"),
    [
        ("GLOBALB3Mar25", "GLOBALB3Mar25"), ("2025-03-01", "2025-03-01"), ("2025-09", "GLOBALB3Mar25"),
        ("INVENTED GLOBAL B3 March 1, 2025", "INVENTED GLOBAL B3 March 1, 2025"),
    ],
)  # fmt: skip
def test_the_declared_version_may_be_the_name_the_code_or_the_month(tmp_path, declared, stated):
    assert read(tmp_path / "who", b3_csv(), version=declared)[1] == stated


def test_ingredients_and_the_version_may_be_absent(tmp_path):
    files = {n: f for n, f in b3_csv().items() if n not in ("ING.csv", "BNA.csv", "Version.csv")}
    dictionary, version, _ = read(tmp_path / "who", files)
    assert (set(dictionary.levels["INGREDIENTS"]), version) == ({""}, "")


DAMAGED = [
    (b3_csv(), "DD.csv", "900002,01,001", "900001,01,A3D", "DD.csv:4: the drug code 90000101A3D is in an earlier line too"),
    (b3_csv(), "DD.csv", "900002,01", "90002,01", "DD.csv:4: RECORD is '90002', which is no such code; check that it is"),
    (b3_csv(), "DD.csv", ",251,GREENOL", "", "DD.csv"),
    (b3_csv(), "DDA.csv", "900001,02", "900009,02", "DDA.csv:3: DD.csv has not a drug code that begins with '90000902': the files are not of"),
    (b3_csv(), "DDA.csv", "Z09,", "X09,", "DDA.csv:3: the ATC code X09 is not in INA.csv: the files are not of one release"),
    (b3_csv(), "INA.csv", "Z09A,", "Z09,", "INA.csv:7: the ATC code Z09 is in an earlier line too"),
    (b3_csv(), "BNA.csv", "25,EN", "26,EN", "ING.csv:3: the substance '25' is not in BNA.csv: the files are not of one release"),
    (b3_csv(), "DDA.csv", "", "", "there is no DDA.csv and no DDA.txt in the folder (it has BNA.csv, DD.csv, INA.csv"),
    (c3_csv(), "ThG.csv", "Y,13", "Y,19", "ThG.csv:3: MP.csv has not the product '19': the files are not of one release"),
    (c3_csv(), "MP.csv", "14,u", "13,u", "MP.csv:4: the product 13 is in an earlier line too"),
    (b3_csv(), "DD.csv", "900001,01,001,1,T,21,MEX,,01,,251,BLUETOL", "a,b", "DD.csv: the first line has 2 fields separated by ',', and 12 were expected"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "name", "old", "new", "message"), DAMAGED)
def test_damaged_files_are_refused_with_their_place(tmp_path, files, name, old, new, message):
    if old:
        text = "\n".join(files[name])
        assert text.count(old) == 1
        changed = {**files, name: text.replace(old, new) + "\n"}
    else:
        changed = {n: f for n, f in files.items() if n != name}
    kind = "whodrug_c3" if "MP.csv" in files else "whodrug_b3"
    with pytest.raises(InputError, match=re.escape(message)):
        read(tmp_path / "who", changed, kind)


def test_a_file_of_positions_that_is_cut(tmp_path):
    files = b3_text()
    files["DD.txt"] = "\r\n".join(files["DD.txt"])[:-1490]
    with pytest.raises(
        InputError, match=r"DD\.txt:4: the line has 40 characters, and the lines before it 1532: the file is cut"
    ):
        read(tmp_path / "who", files)
