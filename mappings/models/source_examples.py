"""Examples of the keys that say how a source is read: the source, its files, and the table that is read of them.

The reference page shows them; the tests and ``raw2adam selftest`` run them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class SourceExample:
    """``keys``: what it shows. ``source``: the source as study.yaml has it. ``files``: name -> text.

    ``written``: name -> what a file that is no text holds, for selftest/files.py; ``shown``: the same in words.
    ``gives``: column -> its cells as they are read.
    """

    keys: str
    source: str
    gives: Mapping[str, list[str]]
    files: Mapping[str, str] = field(default_factory=dict)
    shown: str = ""
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


_ODM = """\
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:v="http://example.org/v" FileType="Snapshot" FileOID="1"
 ODMVersion="1.3.2" CreationDateTime="2024-01-01T00:00:00"><ClinicalData StudyOID="S" MetaDataVersionOID="1">
<SubjectData SubjectKey="01" v:Sex="f"><StudyEventData StudyEventOID="V1"><FormData FormOID="F.AE">
<ItemGroupData ItemGroupOID="G1"><ItemData ItemOID="TERM" Value="Cough" v:Why="typing"/></ItemGroupData>
<ItemGroupData ItemGroupOID="G2"><ItemData ItemOID="SER" Value="N"/></ItemGroupData>
</FormData></StudyEventData></SubjectData></ClinicalData></ODM>
"""
_DICTIONARY = """\
"Variable / Field Name";"Form Name";"Field Type";"Field Label";"Choices, Calculations, OR Slider Labels"
id;person;text;Number;
term;ae_log;text;Term;
"""

SOURCE_EXAMPLES = (
    SourceExample(
        "`header:`",
        '{file: vitals.csv, header: {rows: 2, join: " ", skip: 1}}',
        {"SUBJ": ["01"], "Pulse rest": ["72"], "Pulse effort": ["110"]},
        {"vitals.csv": "SUBJ,Pulse,\n,rest,effort\n,per min,per min\n01,72,110\n"},
    ),
    SourceExample(
        "`header: {names: ...}`",
        "{file: device.csv, header: {names: [SUBJ, VALUE]}}",
        {"SUBJ": ["01", "02"], "VALUE": ["5.1", "4.8"]},
        {"device.csv": "01,5.1\n02,4.8\n"},
    ),
    SourceExample(
        "`rename:`",
        "{file: ae.csv, rename: {3: NOTE_2, Onset date: ONSET}}",
        {"SUBJ": ["01"], "NOTE": ["a"], "NOTE_2": ["b"], "ONSET": ["2024-01-05"]},
        {"ae.csv": "SUBJ,NOTE,NOTE,Onset date\n01,a,b,2024-01-05\n"},
    ),
    SourceExample(
        "`ragged:`",
        "{file: lab.csv, ragged: extend}",
        {"SUBJ": ["01", "02"], "RESULT": ["5", ""], "EXTRA_1": ["haemolytic", ""]},
        {"lab.csv": "SUBJ,RESULT\n01,5,haemolytic\n02\n"},
    ),
    SourceExample(
        "`number_formats:`",
        "{file: lab.xlsx, number_formats: stored}",
        {"SUBJ": ["01"], "HCT": ["0.45"]},
        shown="a workbook whose cell HCT holds 0.45 and shows 45%; `number_formats: shown`, the default, reads 45",
        written={"lab.xlsx": {"workbook": {"Lab": [["SUBJ", "HCT"], ["01", {"number": "0.45", "format": "0%"}]]}}},
    ),
    SourceExample(
        "`types:`",
        "{file: dose.csv, types: {CYCLE: number, DAY: date}}",
        {"SUBJ": ["01", "01"], "CYCLE": ["9", "10"], "DAY": ["2024-01-05", "2024-02-05"]},
        {"dose.csv": "SUBJ,CYCLE,DAY\n01,9,2024-01-05\n01,10,2024-02-05\n"},
    ),
    SourceExample(
        "`split:`",
        '{file: vs.csv, split: {BP: "{SYS}/{DIA}"}}',
        {"SUBJ": ["01"], "BP": ["120/80"], "SYS": ["120"], "DIA": ["80"]},
        {"vs.csv": "SUBJ,BP\n01,120/80\n"},
    ),
    SourceExample(
        "`extract:`",
        "{file: lb.csv, extract: {RANGE: '(?P<LOW>[0-9.]+) *- *(?P<HIGH>[0-9.]+)'}}",
        {"SUBJ": ["01"], "RANGE": ["0.5 - 1.1"], "LOW": ["0.5"], "HIGH": ["1.1"]},
        {"lb.csv": "SUBJ,RANGE\n01,0.5 - 1.1\n"},
    ),
    SourceExample(
        "`dictionary:` and `instrument_labels:`",
        '{file: r.csv, format: redcap, dictionary: {file: d.csv, separator: ";"}, instrument: ae_log,\n'
        "  instrument_labels: {Unwanted events: ae_log}}",
        {"id": ["01"], "term": ["Cough"]},
        {
            "r.csv": "id,redcap_repeat_instrument,redcap_repeat_instance,term\n01,,,\n01,Unwanted events,1,Cough\n",
            "d.csv": _DICTIONARY,
        },
    ),
    SourceExample(
        "`member:`",
        "{file: export.xpt, member: AE}",
        {"SUBJ": ["01"], "TERM": ["Cough"]},
        shown="a SAS transport file that holds the datasets DM and AE",
        written={"export.xpt": {"members": {"DM": {"SUBJ": ["01"]}, "AE": {"SUBJ": ["01"], "TERM": ["Cough"]}}}},
    ),
    SourceExample(
        "`rows:` and `attributes:`",
        "{file: export.xml, form: F.AE, rows: form, attributes: [Sex, Why]}",
        {"SubjectKey": ["01"], "TERM": ["Cough"], "SER": ["N"], "Sex": ["f"], "TERM.Why": ["typing"]},
        {"export.xml": _ODM},
    ),
)


def source_sections() -> Iterator[str]:
    """Each example as a section of the reference page."""
    for example in SOURCE_EXAMPLES:
        yield f"\n### Sources: {example.keys}\n\n```yaml\nsources:\n  raw: {example.source}\n```\n"
        for name, text in example.files.items():
            yield f"\n`{name}`\n\n```{name.rpartition('.')[2]}\n{text}```\n"
        if example.shown:
            yield f"\nThe file is {example.shown}.\n"
        yield f"\nRead as:\n\n| {' | '.join(example.gives)} |\n|{'---|' * len(example.gives)}\n"
        for row in zip(*example.gives.values(), strict=True):
            yield f"| {' | '.join(row)} |\n"
