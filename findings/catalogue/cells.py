"""Parts of cells, conditions and formulas that read cells."""

from __future__ import annotations

from ..rule import rule

# fmt: off
RULES = (
    rule("R2A-EXPR-001", "warning", "A condition or formula cannot read a text as a number: missing there",
      "Ask the site, or declare how the text is to be read (numbers: of the source).",
      "'{value}' is not a number. Please check it, and enter the number.",
      source="docs/semantics.md S12"),
    rule("R2A-EXPR-002", "warning", "A condition or formula cannot read a text as a date: missing there",
      "Ask the site, or declare how the text is to be read (dates: of the source).",
      "The date '{value}' cannot be read. Please check it, and enter the date.",
      source="docs/semantics.md S19"),
    rule("R2A-EXPR-003", "warning", "A row is excluded, since its condition reads a text that is no number or date",
      "Ask the site, or declare how the text is to be read.",
      "'{value}' cannot be read, and the row is not used. Please check it, and enter the number or date.",
      source="docs/semantics.md S5"),
    rule("R2A-EXPR-004", "note", "Rows are excluded since a cell that where: reads is empty, so that it is unknown",
      "Declare in where: what an empty cell means: 'or missing(X)' keeps the rows, 'and not missing(X)' excludes them.",
      source="docs/semantics.md S5"),
    rule("R2A-EXPR-005", "warning", "A formula divides by 0: it has no value",
      "Check the divisor. If 0 is right, exclude it by when: of the rule.",
      source="docs/semantics.md S16"),
    rule("R2A-ORDER-001", "warning", "A column decides an order, and a cell of it cannot be read: it comes last",
      "Correct the cell, or declare how numbers or dates of the column are written.",
      "'{value}' cannot be read. Please enter the value."),
    rule("R2A-ORDER-002", "note warning",
      "No rule declares the type of a raw column that decides an order: its cells decide the type",
      "Write number, date or text for the column under types: of its source."),
    rule("R2A-ORDER-003", "warning", "A choice depends on dates that do not state which is earlier: their texts decide",
      "Ask for the whole date, impute it before the choice, or add a variable before it to order:.",
      source="docs/semantics.md S28"),  # no question: the record of the choice is none of the forms with these dates
    rule("R2A-PART-001", "error", "A cell has not the form of split: or extract: of its source; its parts are empty",
      "Correct the cell, or declare a further template or pattern.",
      "The cell '{value}' is not written as expected. Please check it."),
    rule("R2A-PART-002", "warning", "Cells of a row that are divided together have different numbers of parts",
      "Ask which parts belong together.",
      "The cell '{value}' and another cell of the row have different numbers of parts. Please check them."),
    rule("R2A-PART-003", "warning", "A part of a cell is excluded while another part of the cell stays",
      "Check the condition at the line of the spec that the message names."),
    rule("R2A-PART-004", "warning", "The pattern of extract() in a condition or formula finds nothing in a cell",
      "Correct the cell, or let coalesce(extract(...), extract(...)) read the other form too.",
      "The cell '{value}' is not written as expected. Please check it."),
    rule("R2A-TIE-001", "warning", "Records that differ rank alike in a choice: their values decide which one counts",
      "Add a column to order: that separates them, or ask the site which record is right.",
      source="docs/semantics.md S9"),
)
