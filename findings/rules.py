"""Every rule that a finding can have: its id, what it says, what is to be done, and what a site is asked.

A rule without a question is for whoever runs the study (the spec or the export has to change). A rule with one goes to
the site's query list, one query per finding. Not for adding
findings (table.py), for their page (pages/findings.py) nor for printing queries.
"""

from __future__ import annotations

from dataclasses import dataclass

#: rules whose ids a study gives itself: R2A-CHECK-<name> of its checks/*.yaml
FAMILIES = ("R2A-CHECK-",)


@dataclass(frozen=True)
class FindingRule:
    """One rule. ``severities``: those it occurs with. ``ask``: the question to the site, '' where it is not asked.

    ``explains``: whether the finding says why the value of a cell is lost, so that the account of cells counts the cell
    as reported: ``cell`` for every variable, since the text is read as missing; ``variable`` for the variable that the
    finding names; '' for a finding that describes a cell, a row or a file. ``asked``: only findings of these severities
    are asked. ``ask`` may hold {file}, {row}, {column}, {value}, {dataset}, {variable}, {message}.
    """

    id: str
    severities: tuple[str, ...]
    title: str
    do: str
    ask: str = ""
    asked: tuple[str, ...] = ("error", "warning", "note")
    explains: str = ""


_SEEN: list[FindingRule] = []


def _rule(
    id_: str, severities: str, title: str, do: str, ask: str = "", asked: str = "error warning note", explains: str = ""
) -> None:
    _SEEN.append(FindingRule(id_, tuple(severities.split()), title, do, ask, tuple(asked.split()), explains))


# fmt: off
# reading files
_rule("R2A-SRC-001", "note", "A file has column names and no rows",
      "Check that the export is complete.")
_rule("R2A-SRC-002", "note", "Blank lines or rows were skipped",
      "Nothing, unless the count is a surprise.")
_rule("R2A-SRC-003", "note", "A column name has blanks around it",
      "Nothing: the name is read without them.")
_rule("R2A-SRC-004", "warning", "A cell holds an Excel error value",
      "Correct the cell in the workbook.",
      "The cell holds the error '{value}' instead of a value. Please give the value.")
_rule("R2A-SRC-005", "warning", "A formula has no computed value and is read as empty",
      "Open the file in Excel and save it.")
_rule("R2A-SRC-006", "warning", "A sheet has merged cells; only the first of each has a value",
      "Unmerge them, and fill each cell.")
_rule("R2A-SRC-007", "note", "A sheet has hidden rows or columns; they are read like others",
      "Check that they belong to the data.")
_rule("R2A-SRC-008", "note", "Empty rows at the end of a sheet were left out",
      "Nothing.")
_rule("R2A-SRC-010", "warning", "The header looks like one name because of a wrong separator",
      "Declare separator: of the source.")
_rule("R2A-SRC-011", "note", "An optional source is not in this data cut",
      "Nothing, if it is not expected.")
_rule("R2A-SRC-012", "note", "A reader could not use a part of a file",
      "See the message; nothing, if the part is not needed.")
_rule("R2A-SRC-013", "note", "A row is removed by the export itself, and left out",
      "Nothing: the export says so.")
_rule("R2A-SRC-014", "note", "A value is removed by the export itself",
      "Nothing: the export says so.")
_rule("R2A-SRC-015", "warning", "An item has several values in one record; the last of them is used",
      "Ask whoever made the export which value counts.")
_rule("R2A-SRC-016", "warning", "The export holds items that its metadata do not declare",
      "Ask whoever made the export for its metadata.")
_rule("R2A-SRC-017", "warning", "A row of an export has the keys of an earlier one",
      "Ask whoever made the export which row counts.")
_rule("R2A-SRC-018", "warning", "An item is said to be null and has a value; the cell is left empty",
      "Ask whoever made the export whether the value counts.")
_rule("R2A-SRC-019", "warning", "A part of a file holds rows, and no source reads it",
      "Declare a source for it.")
_rule("R2A-SRC-020", "warning", "A REDCap export has columns or choices that its data dictionary does not have",
      "Download the data dictionary again, of the day of the export.")
_rule("R2A-SRC-021", "warning", "Fields of the data dictionary are not in the REDCap export",
      "Export all fields of the instrument, or download the data dictionary again.")
_rule("R2A-SRC-022", "warning", "A cell is not among the choices of its field in the data dictionary",
      "Map it, or ask what it means.",
      "The value '{value}' is not among the choices of {column}. Please check the value.")
_rule("R2A-SRC-023", "error warning", "A record is of an instrument that the data dictionary does not have",
      "If it is the label of an instrument, declare instrument_labels:; else download the data dictionary "
      "again, of the day of the export.")
_rule("R2A-SRC-024", "error", "A record that repeats one instrument has cells of another; they are not read",
      "Ask whoever made the export where the cells belong.")
_rule("R2A-RED-001", "warning", "Records are taken for an instrument's because they fill only its fields",
      "Check it, and declare instrument_labels: of the source.")
_rule("R2A-ODM-001", "warning", "An element of an ODM file has no OID that identifies it; the rest is read",
      "Ask whoever made the export for the OID; the message says how its items are read meanwhile.")
_rule("R2A-ODM-002", "error", "A value of an ODM file has no ItemOID: no column can have it",
      "Ask whoever made the export which item it is of.")
_rule("R2A-ODM-003", "warning", "An annotation of an ODM file holds a comment, which is not read",
      "Read the comment; ask for it as an item, if it holds data.")
_rule("R2A-ODM-004", "warning", "Elements of an ODM file that are one row differ in an attribute; the first is used",
      "Ask whoever made the export which value holds, or read the elements as rows of their own (rows: item_group).")
_rule("R2A-PART-001", "error", "A cell does not read as split: or extract: of its source says; its parts are empty",
      "Correct the cell, or declare a further template or pattern.",
      "The cell '{value}' is not written as expected. Please check it.")
_rule("R2A-PART-002", "warning", "Cells that are divided beside each other have different numbers of parts",
      "Ask which parts belong together.",
      "The cell '{value}' has not as many parts as the one beside it. Please check which belong together.")
_rule("R2A-PART-003", "warning", "A part of a cell is excluded while another part of the cell stays",
      "Check the condition at the line of the spec that the message names.")
_rule("R2A-SRC-030", "note", "A column without a name has no filled cell and is left out",
      "Nothing.")
_rule("R2A-SRC-031", "warning", "Several columns of a file have one name; no rule can read it",
      "Name the column to read by its position under rename: of the source, or give the reason under not_submitted:.")
_rule("R2A-SRC-032", "note", "A file was read by a mark or key that changes its layout",
      "Nothing: the message says what was done.")
_rule("R2A-SRC-033", "warning", "A record has another number of fields than the header",
      "Look at the record: a text with a separator in it may lack its quotes.",
      "The record has {value} fields where the table has another number of columns. Please check the record.")
_rule("R2A-SRC-036", "warning", "A file is empty (0 bytes)",
      "Check that the export is complete.")
_rule("R2A-SRC-037", "note warning", "A number format shows another text than a cell stores; it is read as shown",
      "Check that it is what the column means; a month needs its format yyyy-mm under dates:. "
      "number_formats: stored reads what is stored.")
_rule("R2A-SRC-038", "warning", "A number format shows something else than a cell stores; it is read as stored",
      "Check the number: a unit, a factor, a sign or a part of a date may be in the format only.",
      "The cell shows something else than the number '{value}' that it holds. Please check the value and its unit.")
_rule("R2A-SRC-039", "note", "A number format shows fewer digits than a cell stores; it is read as stored",
      "Nothing, unless the digits shown are those that were collected.")
_rule("R2A-SRC-040", "note", "Single precision was written as double; numbers are read without its false digits",
      "Nothing: 1.100000023841858 is how 1.1 of single precision is written as a double number.")
_rule("R2A-SRC-041", "warning", "The choices of a REDCap field cannot be separated for certain",
      "Give every choice a code and a comma in the data dictionary, and blanks around the bars between them.")
_rule("R2A-SRC-042", "warning", "The width of a variable cuts the last letter of a cell: the letter is not read",
      "Export the file again as UTF-8 with wider variables, or correct the cell.")
# subjects
_rule("R2A-PART-004", "warning", "The pattern of extract() in a condition or formula finds nothing in a cell",
      "Correct the cell, or let coalesce(extract(...), extract(...)) read the other form too.",
      "The cell '{value}' is not written as expected. Please check it.")
_rule("R2A-SUBJ-001", "error", "A row does not identify a subject: it is quarantined",
      "Correct the row in OUT/quarantine and build again with --corrections.",
      "The row does not say which subject it belongs to. Please give the subject's number.")
_rule("R2A-SUBJ-002", "error", "The text that identifies the subject does not read as declared",
      "Correct the cell, or the template of the spec.",
      "'{value}' is not a subject number of this study. Please give the subject's number.",
      explains="cell")
_rule("R2A-SUBJ-003", "error", "No raw source has a row with a subject: every dataset is empty",
      "Check subject: of study.yaml against the files.")
_rule("R2A-SUBJ-004", "error", "Two people would have one USUBJID: their rows are quarantined",
      "Change usubjid: so that the two identities get different texts. If they are one person, declare it by "
      "crosswalk: or continues:.")
_rule("R2A-SUBJ-005", "warning", "Two subjects differ by case, blanks or zeros in front only",
      "Correct the identifier, or give usubjid: a width ({SUBJ:04}), if they are one person.",
      "The subject's number '{value}' is nearly that of another subject. Please confirm that they are two people.")
_rule("R2A-SUBJ-006", "error", "USUBJID is longer than the 200 bytes of a text in XPT: its rows are quarantined",
      "Shorten usubjid:, or the identifiers.")
_rule("R2A-SUBJ-007", "error", "One identity has two USUBJIDs: two sources take one person for two subjects",
      "Correct the crosswalk, so that every source gives the identity the same USUBJID.")
_rule("R2A-SUBJ-008", "warning note", "Identifiers that differ by zeros in front become one subject",
      "Confirm that it is one person. If two people have these numbers, take the width out of usubjid: ({SUBJ}).",
      "The subject's number is written '{value}' and with other zeros in front. Please confirm that it is one person.",
      asked="warning")
# a subject under several identifiers
_rule("R2A-CONT-001", "error", "The previous identifiers of an enrolment are incomplete: it continues nobody",
      "Complete the previous site and subject number.",
      "The previous site or subject number is incomplete. Please give both.")
_rule("R2A-CONT-002", "error", "An enrolment says that it continues itself",
      "Correct the previous site and subject number.",
      "The enrolment names itself as its previous enrolment. Please check the previous site and subject number.")
_rule("R2A-CONT-003", "error", "There is no enrolment of the previous subject: this one is a subject of its own",
      "Correct the previous site and subject number.",
      "The previous subject '{value}' has no enrolment. Please check the previous site and subject number.")
_rule("R2A-CONT-004", "error", "A subject continues several others: none of them was joined",
      "Leave one previous enrolment.",
      "The subject names several previous enrolments. Please say which one it continues.")
_rule("R2A-CONT-005", "error", "A subject is continued by several enrolments: none of them was joined",
      "Leave one that continues it.",
      "Several enrolments continue the previous subject '{value}'. Please check the previous site and subject number.")
_rule("R2A-CONT-006", "error", "Enrolments continue each other in a circle: none was joined",
      "Correct the previous site and subject number.",
      "The enrolments name each other as previous. Please check the previous site and subject number.")
_rule("R2A-CONT-007", "error", "Not exactly one enrolment of a subject is the primary one",
      "Mark one enrolment as the primary one.",
      "Exactly one enrolment of a subject is the primary one. Please check which one it is.")
# the data cut-off
_rule("R2A-CUT-001", "note", "A partial date may lie before or after the data cut-off: the record stays",
      "Ask for the full date, or leave it: the record is listed in data-cut.csv.",
      "Please complete the date {value}: it is not clear whether it lies before the data cut-off.")
_rule("R2A-CUT-002", "warning", "A date after the data cut-off stays in SDTM",
      "Name the variable under cutoff: end: of its dataset, or give the raw source that it is read from cutoff:.")
# rows, columns, cells
_rule("R2A-ROW-001", "error warning", "A row is excluded though its topic is filled",
      "Check the condition at the line of the spec that the message names.")
_rule("R2A-ROW-002", "warning note", "No record needed some rows of a source",
      "Map the source, or say under not_submitted: why it is not.")
_rule("R2A-COL-001", "warning", "No spec reads a column",
      "Map it, or say why not under not_submitted:.")
_rule("R2A-COL-002", "note", "A raw column is called like a name that the tool makes; it is SOURCE.NAME in a rule",
      "Nothing, if the rules mean what they say; rename: gives the column another name.")
_rule("R2A-CELL-001", "error", "A filled cell did not reach its variable, and nothing else says why",
      "Check the rule at the line of the spec that the message names.",
      explains="variable")
_rule("R2A-CORR-001", "note", "A cell was corrected by the folder of corrections",
      "Nothing: the finding has the old and the new value, so that they can be checked.")
# raw tables, examined before records are made
_rule("R2A-RAW-001", "warning", "A cell holds a remark of data management in place of a value",
      "Answer the query; if the text is a value, map it, or change quality: query_text: of study.yaml.",
      "The cell holds the remark '{value}' instead of a value. Please give the value.",
      explains="cell")
_rule("R2A-RAW-002", "warning", "A cell holds an error of a spreadsheet in place of a value",
      "Correct the formula, and export again.",
      "The cell holds the error '{value}' instead of a value. Please give the value.",
      explains="cell")
_rule("R2A-RAW-003", "note", "A cell holds a placeholder in place of a value",
      "Nothing, if the value is not known; map the text if it has a meaning.",
      explains="cell")
_rule("R2A-RAW-004", "warning", "A text was decoded wrongly before it was exported",
      "Export again in the declared encoding.")
_rule("R2A-RAW-005", "warning", "A text holds invisible or unusual blank characters",
      "Type the text again.")
_rule("R2A-RAW-006", "note", "A text has blanks around it and is read without them",
      "Nothing.")
_rule("R2A-RAW-007", "note", "A text differs from the others of its column by case only",
      "Nothing, where codes are mapped in any case.")
_rule("R2A-RAW-008", "warning", "A number, code or identifier is written in full-width characters",
      "Type it in plain digits and letters.")
_rule("R2A-RAW-011", "warning", "A number is a code for no value and is read as missing",
      "Nothing, if the value is not known; declare plausible: if the number is a value.",
      "The number {value} looks like a code for no value. Please give the value, or confirm that it is missing.",
      explains="cell")
_rule("R2A-RAW-012", "warning", "A number lies outside its plausible range; it is kept",
      "Ask the site.",
      "The value {value} is {message}. Please check value and unit.")
_rule("R2A-RAW-013", "warning", "An answer is none that the questionnaire has; it is kept",
      "Correct it against the paper form.",
      "The answer {value} is none of this question. Please check it against the paper form.")
_rule("R2A-RAW-014", "warning", "A column of numbers holds a text",
      "Ask the site, or map the text.",
      "'{value}' is not an exact number. Please give the number.")
_rule("R2A-RAW-015", "warning", "A number has another decimal mark than its site writes",
      "Ask the site.",
      "The number '{value}' is written with another decimal mark than the others. Please confirm it.")
_rule("R2A-RAW-016", "error", "A text is none of the codes of its column; conditions that ask for its codes pass it by",
      "Correct the cell, or add the text to codes: and to the rules that read the column.",
      "'{value}' is none of the answers of {column}. Please give one of them.")
_rule("R2A-RAW-021", "warning", "A date is a code for no date and is read as missing",
      "Nothing, if the date is not known.",
      "The date {value} looks like a code for no date. Please give the date, or confirm that it is not known.",
      explains="cell")
_rule("R2A-RAW-022", "warning", "A date lies in the future",
      "Ask the site.",
      "The date {value} lies in the future. Please check it.")
_rule("R2A-RAW-023", "note", "Only part of a date is known",
      "Nothing, if the rest is not known.")
_rule("R2A-RAW-024", "note", "A date is said to be unknown",
      "Nothing, if it is not known.")
_rule("R2A-RAW-031", "warning", "A required cell is empty",
      "Ask the site.",
      "{column} is empty. Please give the value.")
_rule("R2A-RAW-032", "note", "An item of a questionnaire has no answer",
      "Nothing, if the subject left it out.")
_rule("R2A-RAW-033", "warning", "Rows of one key differ",
      "Ask the site which row holds, and delete the other.",
      "The form is there more than once: {message}. Please say which one holds.")
_rule("R2A-RAW-034", "warning", "Two subjects look like one person",
      "Ask the sites; if it is one person, say so by a crosswalk or a continued enrolment.",
      "The subject is {message}. Please confirm that they are two people.")
_rule("R2A-RAW-035", "warning", "A cell is filled though another answer of its form says that it is empty",
      "Ask the site which of the two holds.",
      "{column} holds '{value}': {message}. Please check which of the two answers holds.")
_rule("R2A-RAW-041", "error", "A row is of a subject that is not enrolled",
      "Correct the identifier, or add the enrolment.",
      "There is no enrolment of this subject. Please check the subject's number.")
_rule("R2A-RAW-042", "warning", "An identifier is shorter than the others of its column",
      "Write the zeros in front; a template with a width, such as {SUBJ:04}, adds them.")
_rule("R2A-RAW-043", "error", "An identifier has another form than the others of its column",
      "Correct the identifier.",
      "'{value}' is not written like the other identifiers. Please check it.")
# what the specs ask for
_rule("R2A-SPEC-001", "warning", "A condition asks for a text that neither the specs nor the data can give",
      "Correct the text at the line of the spec that the message names.")
_rule("R2A-SPEC-002", "warning note", "A variable is empty in every record though it has a rule",
      "Check the rule at the line of the spec that the message names; a note where the data explain it.")
# joins
_rule("R2A-JOIN-001", "warning", "The key of a join is missing: nothing was joined",
      "Correct the key in the data, or the join.")
_rule("R2A-JOIN-002", "error", "A key occurs again though the join is declared to have it once",
      "Declare the cardinality as it is, or take: first or last.")
_rule("R2A-JOIN-003", "error", "A table of one record per subject has several; the first is used",
      "Choose the record by where: or by a join with take:.")
_rule("R2A-TIE-001", "warning", "Records that differ rank alike in a choice: their values decide which one counts",
      "Add a column to order: that separates them, or ask the site which record is right.")
_rule("R2A-ORDER-001", "warning", "A column decides an order, and a cell of it cannot be read: it comes last",
      "Correct the cell, or declare how numbers or dates of the column are written.",
      "'{value}' cannot be read. Please give the value.")
_rule("R2A-ORDER-002", "note warning", "Nothing declares what a raw column is, and it decides an order: its cells do",
      "Write number, date or text for the column under types: of its source.")
# values
_rule("R2A-CT-001", "error warning", "A value is not in the codelist or the map of its rule; it stays as it is",
      "Add it to map: if its meaning is clear, else ask the site.",
      "'{value}' is not one of the expected answers. Please check it, and give the answer that is meant.",
      asked="error")
_rule("R2A-CT-002", "error", "A code has no decode",
      "Add it to map: of the decoded variable.",
      explains="variable")
_rule("R2A-EXPR-001", "warning", "A condition or formula cannot read a text as a number: missing there",
      "Ask the site, or declare how the text is to be read (numbers: of the source).",
      "'{value}' is not a number. Please check it, and give the number.")
_rule("R2A-EXPR-002", "warning", "A condition or formula cannot read a text as a date: missing there",
      "Ask the site, or declare how the text is to be read (dates: of the source).",
      "The date '{value}' cannot be read. Please check it, and give the date.")
_rule("R2A-EXPR-003", "warning", "A row is excluded, since its condition reads a text that is no number or date",
      "Ask the site, or declare how the text is to be read.",
      "'{value}' cannot be read, and the row is not used. Please check it, and give the number or date.")
_rule("R2A-EXPR-004", "note", "Rows are excluded since a cell that where: reads is empty, so that it is unknown",
      "Say in where: what an empty cell means: 'or missing(X)' keeps the rows, 'and not missing(X)' leaves them out.")
_rule("R2A-NUM-001", "error", "A text where a number is needed: left missing",
      "Ask the site, or declare how the text is to be read.",
      "'{value}' is not a number. Please check it, and give the number.",
      explains="variable")
_rule("R2A-NUM-002", "note", "A number in full-width characters is read as the plain one",
      "Nothing: --ORRES and the lineage keep the characters.")
_rule("R2A-NUM-003", "warning", "A result is neither a number nor a text of map:: kept as text",
      "Add the text to map:, declare how the source writes numbers, or ask the site.",
      "The result '{value}' is neither a number nor a known text. Please check it, and give the result.",
      explains="variable")
_rule("R2A-NUM-004", "warning", "A number is declared to mean no value, by missing_numbers:: left missing",
      "Nothing, unless it is a value after all.",
      "'{value}' looks like a code for no value. Please give the value, or confirm that there is none.",
      explains="variable")
_rule("R2A-NUM-006", "warning", "A value that a total cannot add: no number, or one without a weight",
      "Correct the value, or give it a weight: in the spec.",
      explains="variable")
_rule("R2A-NUM-007", "warning", "A number has more digits than a number keeps: it is rounded to 15 significant digits",
      "Submit the text in a character variable too, if all digits count.")
_rule("R2A-NUM-005", "warning", "A reference limit is no number: left missing",
      "Ask the laboratory, or declare how the source writes numbers.",
      "The reference limit '{value}' is not a number. Please check it.",
      explains="variable")
_rule("R2A-LIMIT-001", "warning", "The lower reference limit is above the upper one: no range indicator",
      "Ask the laboratory which limit is wrong.",
      "The reference range is turned round: {message}. Please check both limits.")
_rule("R2A-UNIT-001", "error", "A unit is not known, or not one of the test: the result is not converted",
      "Add its spelling to units:, or its conversion to measurements:, or ask the site.",
      "The unit '{value}' is not known for this test. Please check the unit.",
      explains="variable")
_rule("R2A-UNIT-002", "warning", "A result lies outside the plausible values of its test: kept",
      "Ask the site; where another unit explains it, that unit is named.",
      "The result '{value}' is implausible: {message}. Please check value and unit.")
_rule("R2A-UNIT-003", "error", "A result has no unit: it is not converted",
      "Ask the site, or give default: to original_unit.",
      "The result has no unit. Please give the unit.",
      explains="variable")
_rule("R2A-UNIT-004", "warning", "A urine concentration has no volume of 24 hours: it is not converted",
      "Ask the laboratory for the volume.",
      "The volume of the 24 h urine collection is missing. Please give it.",
      explains="variable")
_rule("R2A-UNIT-005", "note", "measurements: has no standard unit of the test: the result stays in its own",
      "Add the test to measurements: of study.yaml.")
_rule("R2A-DATE-001", "error", "No declared date format reads the text: left empty",
      "Ask the site, or declare the format.",
      "'{value}' cannot be read as a date. Please check it, and give day, month and year.",
      explains="variable")
_rule("R2A-DATE-002", "error", "Not a day of the calendar: left empty",
      "Ask the site.",
      "'{value}' is not a day of the calendar. Please check the date.",
      explains="variable")
_rule("R2A-DATE-003", "warning", "Not a time of the day: the value is the date without it",
      "Ask the site.",
      "'{value}' is not a time of the day. Please check the time.",
      explains="variable")
_rule("R2A-DATE-004", "warning", "A time whose date has no day, or another time: it is left out",
      "Ask the site for the whole date.",
      "There is a time, {value}, but no whole date. Please give day, month and year.",
      explains="variable")
_rule("R2A-DATE-005", "note", "Two forms give the date of one event, one of them more precisely: that one counts",
      "Nothing, or have the site complete the other one.")
_rule("R2A-DATE-006", "warning", "Two forms give different dates of one event: the first one of the spec counts",
      "Have the site correct one of them.",
      "Two forms give different dates of one event: {message}. Please check both, and correct the wrong one.")
_rule("R2A-DATE-007", "error", "Two declared formats read the text as different dates: only the parts that agree count",
      "Declare one of the formats, or declare by unknown: which words mean which part of a date.",
      "'{value}' can be read as two dates. Please give day, month and year.",
      explains="variable")
_rule("R2A-DATE-008", "warning", "A part of a date or time is left out: it means nothing without one that is not known",
      "Ask the site for the whole date and time.",
      "'{value}' lacks a part of the date or time. Please give all parts.",
      explains="variable")
_rule("R2A-VISIT-001", "warning", "Not a visit of study.yaml: kept in upper case",
      "Add the text to labels: of its visit, or ask the site.",
      "'{value}' is not a visit of this study. Please say which visit is meant.")
_rule("R2A-VISIT-002", "warning", "An unscheduled visit has no number: its date is none of visit_dates:",
      "Ask the site for the date, or name its source under visit_dates:.",
      "The date of the unscheduled visit is missing or incomplete. Please give it.",
      explains="variable")
_rule("R2A-TEXT-001", "note", "A text is written in plain ASCII for XPT",
      "Nothing: the original stays in the lineage.")
_rule("R2A-TEXT-002", "warning", "Characters without a plain form are written as code points, [U+5E74]",
      "Have the text translated, or leave it: the original stays in the lineage.")
_rule("R2A-TEXT-003", "note", "A text of more than 200 bytes is split",
      "Nothing: the parts together are the text.")
_rule("R2A-TEXT-005", "warning", "A collected text has no English in the translations of the study: it stays as it is",
      "Fill in its line of reports/translations.csv, and add the line to the file of translations: in study.yaml.")
_rule("R2A-TEXT-004", "warning", "A text of more than 200 bytes is shortened: its dataset has no place for the rest",
      "Shorten it in the spec, or put the whole text into another document.")
_rule("R2A-SE-001", "warning",
      "The start of an element is no complete date: what may lie before or after it gets no EPOCH",
      "Ask the site for the date of the reference variable.")
_rule("R2A-REL-001", "warning", "A record refers to one that is not there: the relation is not in RELREC",
      "Ask the site.",
      "The number '{value}' refers to no record of this subject. Please check the number, or enter the record.",
      explains="variable")
_rule("R2A-ADAM-001", "warning", "A partial date is not imputed: the numeric date is missing",
      "Declare how it is to be imputed, or leave it missing.",
      explains="variable")
_rule("R2A-IMP-001", "note", "A day is known without its month: it is not used to impute the date",
      "Ask the site for the month, if the date matters.")
_rule("R2A-IMP-002", "warning",
      "A date that the record cannot lie before is after all that it can mean, or after one that it cannot lie after",
      "Ask the site. The spec says whether the analysis date is moved all the same (if_later:).")
_rule("R2A-IMP-003", "warning", "A date that the record cannot lie after, as death, is before all that a date can mean",
      "Ask the site. The spec says whether the analysis date is moved all the same (if_earlier:).")
_rule("R2A-IMP-004", "warning", "An end lies before its start: a complete one stays, a partial one becomes the start",
      "Ask the site.")
_rule("R2A-IMP-005", "error", "A text is neither a complete nor a partial ISO 8601 date: the numeric date is missing",
      "Correct the rule of the --DTC variable, or the data that it comes from.",
      explains="variable")
# SDTM made elsewhere, from which ADaM starts
_rule("R2A-GIVEN-001", "warning", "An optional domain is not given, or not made: what it would feed is missing",
      "Nothing, if the study has no such data.")
_rule("R2A-GIVEN-002", "warning note", "An optional variable is not given, or not made: what it would feed is missing",
      "Nothing, if there is no such data; a note where SUPP-- of the domain is there, which holds filled values only.")
_rule("R2A-GIVEN-003", "error", "A supplemental record has no parent record: its value is used nowhere",
      "Correct IDVAR, IDVARVAL or USUBJID of the record.")
_rule("R2A-GIVEN-004", "error", "A supplemental qualifier has two values for one record: neither is used",
      "Leave one of them.")
_rule("R2A-GIVEN-005", "error", "IDVAR of a supplemental record is no variable of its domain",
      "Correct IDVAR.")
_rule("R2A-GIVEN-006", "warning", "A qualifier is called like a variable of its domain: the variable counts",
      "Rename the qualifier, or remove one of the two.")
_rule("R2A-GIVEN-007", "warning", "Supplemental records are of a domain that is not given",
      "Give the domain as well.")
_rule("R2A-GIVEN-008", "error", "QNAM is no variable name: the record is used nowhere",
      "Correct QNAM: 1 to 8 capitals, digits and underscores.")
_rule("R2A-GIVEN-009", "note", "A supplemental qualifier has the same value twice for one record",
      "Remove one of them.")
_rule("R2A-GIVEN-010", "error", "USUBJID differs from one of DM by case or blanks only: the records feed nothing",
      "Write it as DM does.")
_rule("R2A-GIVEN-011", "error", "A subject is not in DM: the records feed nothing",
      "Add the subject to DM, or correct USUBJID.")
_rule("R2A-GIVEN-012", "error", "Records have no USUBJID: they feed nothing",
      "Give USUBJID.")
_rule("R2A-GIVEN-013", "warning", "STUDYID is not the study's",
      "Check that the folder is of this study.")
_rule("R2A-GIVEN-014", "warning", "A value differs from a term by case or blanks only: it is not taken for the term",
      "Write the term as the codelist, or the condition of the spec, has it.")
_rule("R2A-GIVEN-015", "warning", "Given SDTM has dates after the data cut-off; it is taken as cut already",
      "Cut the SDTM data, or correct the dates.")
_rule("R2A-GIVEN-016", "error", "The value of a numeric qualifier is no number: left missing",
      "Correct QVAL.")
_rule("R2A-GIVEN-017", "warning", "A variable that no rule reads has another type than the specs plan",
      "Nothing, unless a rule is to read it.")
_rule("R2A-GIVEN-018", "warning", "Two subjects of DM differ by case or blanks only",
      "Check whether they are one.")
# responses
_rule("R2A-RESP-001", "warning", "A response is none of the levels of the criteria: it is not evaluable",
      "Map it in SDTM; upper and lower case count (sCR, VGPR).",
      "The response '{value}' is none of the categories. Please give the category.")
_rule("R2A-RESP-002", "warning", "An assessment that was done has no response: it is not evaluable",
      "Ask the site.",
      "The assessment has no response. Please give it, or say that it was not done.")
_rule("R2A-RESP-003", "warning", "An assessment without a complete date is not used",
      "Ask the site.",
      "The response '{value}' has no complete date. Please give the date of the assessment.")
_rule("R2A-RESP-004", "warning", "Two different responses on one date: one of them is used",
      "Ask the site which one counts; the spec says whether the worst or the best is used.",
      "There is another response on the same date as '{value}'. Please say which one counts.")
_rule("R2A-RESP-005", "warning", "A progression has no type: it counts as confirmed only if it is repeated",
      "Ask the site.",
      "The progression '{value}' has no type. Please say whether it was laboratory, imaging or clinical.")
_rule("R2A-RESP-006", "warning", "A progression has a type that the study does not know",
      "Map it in SDTM, or add it to alone: or repeat: of the step.",
      "The type of progression '{value}' is not known. Please say whether it was laboratory, imaging or clinical.")
_rule("R2A-RESP-007", "warning", "The date of new therapy is partial: its first possible day ends confirmation",
      "Ask the site, or declare how it is to be imputed.",
      "The start of the new therapy '{value}' is not complete. Please give the date.")
_rule("R2A-RESP-008", "note", "An assessment before the first dose is not used",
      "Check both dates.")
_rule("R2A-RESP-009", "error", "An assessment lies after the death: it is not used",
      "Ask the site which date is right.",
      "The assessment '{value}' lies after the death. Please check both dates.")
_rule("R2A-RESP-010", "note", "The assessment that confirms a response is later than the study likes",
      "Review it; max_gap: of the step refuses such assessments.")
_rule("R2A-EVENT-001", "error", "An event is dated before the first dose: its date stays as it is",
      "Ask the site which date is right.",
      "The date {value} lies before the first dose. Please check both dates.")
_rule("R2A-EVENT-002", "warning", "An event is known to have happened, and its date is not",
      "Ask the site, or declare how a partial date is to be imputed.")
_rule("R2A-TTE-001", "error", "The date that ends a time to event lies before its start; the value is kept, 0 or less",
      "Correct the event or the start; or restrict the event by where:.")
_rule("R2A-TTE-002", "error", "A subject of a time to event has no start date, and so no record",
      "Complete the start, or leave the subject out by population:.")
_rule("R2A-TTE-003", "error", "Neither an event nor an end of observation applies to a subject: it has no record",
      "Add an end of observation that every subject has, as the date of the first dose, or see population:.")
_rule("R2A-TTE-004", "warning", "A date after the data cut-off does not count in a time to event",
      "Cut the data, or nothing if later data are expected.")
_rule("R2A-TTE-005", "error", "An event without a complete date does not count in a time to event",
      "Complete the date, or impute it in the dataset that has it.")
_rule("R2A-AE-001", "warning", "An event of a subject without a first dose: it is not flagged as treatment-emergent",
      "Check that the subject was not treated; if so, the flag stays missing.")
_rule("R2A-IMWG-001", "warning", "A result of the response algorithm is in a unit that no factor converts",
      "Standardise the unit in SDTM, or add the factor to the criteria; until then the result is not evaluable.")
_rule("R2A-IMWG-002", "warning", "A result of the response algorithm has no complete date and is not used",
      "Ask the site for the date.",
      "The result has no complete date. Please give the date of the sample or image.")
_rule("R2A-IMWG-003", "warning", "A result of the response algorithm is implausible or a text without a meaning",
      "Correct the unit or the value, or name the text in negative: or positive: of the input.")
_rule("R2A-SCORE-001", "error", "An answer of a questionnaire is not scored: no whole number in range, or NOT DONE",
      "Correct the answer in the raw data: the checks of the raw data ask the site for it.")
_rule("R2A-SCORE-002", "warning", "A questionnaire has no complete date: it is scored, but in no analysis visit",
      "Ask the site for the date.")
_rule("R2A-SCORE-003", "warning", "A subject has two questionnaires of one instrument on a day: both are scored",
      "Ask the site which one holds, and correct the data.",
      "Two questionnaires of this patient have the date {value}. Please check whether one has another date.")
_rule("R2A-SCORE-004", "error", "A subject has questionnaires and is not in ADSL",
      "Check the subject's identity, or why DM does not have it.")
_rule("R2A-SCORE-005", "warning", "An item that is not asked after the answer to another one has an answer",
      "Nothing, if the subject answered it: it is scored.")
_rule("R2A-SCORE-006", "warning", "A record of a questionnaire is no item of its instrument: it is not scored",
      "Correct the test code in the SDTM spec, or add the item to the instrument.")
_rule("R2A-BASE-001", "error", "A group has several baseline records: the first one counts",
      "Correct the rule of the baseline flag.")
# data quality
_rule("R2A-QUAL-001", "error warning note", "A raw column or row fails a data quality expectation",
      "See quality.html.")
_rule("R2A-CHECK-", "error warning note", "A check of the study (checks/*.yaml) fails for a record",
      "Ask the site, or correct the check.",
      "{message}. The value is '{value}'. Please check it.")
# conformance of finished datasets
_rule("R2A-CONF-001", "error", "A required variable is missing in a record",
      "Correct the rule, or ask the site.")
_rule("R2A-CONF-002", "error", "A required variable is not in the dataset",
      "Give it a rule.")
_rule("R2A-CONF-003", "error", "A record repeats the keys of another one",
      "Ask the site which record counts, or declare keys that separate them.",
      "Two records of {dataset} have the same keys. Please check whether they are the same, and which one counts.")
_rule("R2A-CONF-004", "error", "A value is not in its codelist, which is closed",
      "Map it.")
_rule("R2A-CONF-005", "warning", "A value is not in its codelist, which may be extended",
      "Map it, or extend the codelist under codelists:.")
_rule("R2A-CONF-006", "error", "A date, time or duration is not ISO 8601",
      "Use the rule date:.")
_rule("R2A-CONF-007", "error", "A subject is not in DM",
      "Ask the site for the demography, or correct the subject's number.",
      "There is no demography of this subject. Please check the subject's number, or enter the demography.")
_rule("R2A-CONF-008", "error", "A supplemental qualifier has no parent record",
      "Correct the rule.")
_rule("R2A-CONF-009", "error", "A subject has more than one record where one is allowed",
      "Choose the record by where:.",
      "The subject has more than one record of {dataset}. Please say which one counts.")
_rule("R2A-CONF-010", "error", "A text is longer than 200 bytes",
      "Split it, or shorten it.")
_rule("R2A-CONF-011", "error", "The name of a variable or dataset cannot be used",
      "Rename it.")
_rule("R2A-CONF-012", "error", "A label is longer than 40 bytes",
      "Shorten it.")
_rule("R2A-CONF-013", "error", "A code is not 1 to 8 letters, digits, underscores",
      "Change the code.")
_rule("R2A-CONF-014", "warning", "A start is after its end",
      "Ask the site.",
      "The start date is after the end date ({variable} {value}). Please check both.")
_rule("R2A-CONF-015", "error", "A sequence number repeats within a subject",
      "Remove the spec's own rule of the sequence number.")
_rule("R2A-CONF-016", "error", "STUDYID is not the same in all records",
      "Remove the spec's own rule of STUDYID.")
_rule("R2A-CONF-017", "error", "A dataset of parameters lacks PARAMCD, PARAM or both AVAL and AVALC",
      "Give them rules.")
_rule("R2A-CONF-018", "error", "PARAM and PARAMCD are not one to one",
      "Correct the rule of PARAM.")
_rule("R2A-CONF-019", "error", "An event or censoring is dated before the start of its period",
      "Ask the site for the dates, or correct the rule.")
_rule("R2A-CONF-020", "warning", "A censored record does not say how its date was chosen",
      "Fill CNSDTDSC.")
_rule("R2A-CONF-021", "error", "DOMAIN is not the domain of its dataset",
      "Remove the spec's own rule of DOMAIN.")
_rule("R2A-CONF-022", "error", "A value is not in the closed codelist of its value-level metadata",
      "Map the source's term to one of the codelist, or correct the values: entry of the spec.")
_rule("R2A-CONF-023", "warning", "A value is not in the codelist of its value-level metadata",
      "Map the source's term, or add it to the codelist in study.yaml.")
_rule("R2A-CONF-024", "error", "SRCDOM, SRCVAR or SRCSEQ point to what is not there",
      "Correct the rules of SRCVAR and SRCSEQ.")
# fmt: on

#: id (or family, which ends in -) -> rule, sorted by id
RULES: dict[str, FindingRule] = {r.id: r for r in sorted(_SEEN, key=lambda r: r.id)}


#: rules whose findings say why a value is lost: to every variable that reads the cell, or to the one that they name
EXPLAINS_CELL = frozenset(r.id for r in RULES.values() if r.explains == "cell")
EXPLAINS_VARIABLE = frozenset(r.id for r in RULES.values() if r.explains == "variable")


def rule_of(id_: str) -> FindingRule | None:
    """The rule with this id, or the family it belongs to; None for an id that is not registered."""
    return RULES.get(id_) or next((RULES[f] for f in FAMILIES if id_.startswith(f) and f in RULES), None)
