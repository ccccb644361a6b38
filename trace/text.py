"""The trace of records as text for people: a block per record, a line per variable, the cells below it.

Not for tracing (records.py).
"""

from __future__ import annotations

from typing import Any

#: candidates with one outcome that the text shows; --format json has more
ALIKE = 3


def trace_text(records: list[dict[str, Any]]) -> str:
    """The trace for people: a block per record, a line per variable, the cells below it."""
    if not records:
        return "no record where this holds"
    lines = []
    for record in records:
        lines.append(f"{record['dataset']} record {record['record']} of {record['of']} ({record['found']} match)")
        lines += _decision_lines(record.get("decision", {}))
        for v in record["values"]:
            lines.append(f"  {v['variable']:8} {v['value']!r:32} {v['rule']}" + _in_brackets(v["place"]))
            lines += _way_lines(v, "           ")
    return "\n".join(lines)


def _way_lines(way: dict[str, Any], lead: str) -> list[str]:
    """The columns a rule read through, the cells it read, and the candidates of a chosen value."""
    lines = []
    for step in way.get("through", []):
        lines.append(f"{lead}by column {step['column']}: {step['rule']}" + _in_brackets(step["place"]))
        lines += _way_lines(step, lead + "   ")
    return lines + _cell_lines(way["cells"], f"{lead}<- ") + _candidate_lines(way, lead)


def _decision_lines(decision: dict[str, Any]) -> list[str]:
    """Every date that the decision of a record compared, and the reason why one of them is used."""
    if not decision:
        return []
    lines = [f"  {decision['title']}: {decision['why']}"]
    for c in decision.get("candidates", []):
        where = f"{c['source']} record {c['record']} {c['column']}" if c.get("record") else c["source"]
        date = f" {c['date']}" if c.get("date") else ""
        lines.append(f"    {'->' if c['used'] else '  '} {c['what']}:{date} {where}; {c['outcome']}")
    if decision.get("more"):
        lines.append(f"       and {decision['more']} more")
    return lines


def _in_brackets(place: str) -> str:
    return f"  [{place}]" if place else ""


def _cell_lines(cells: list[dict[str, Any]], lead: str) -> list[str]:
    lines = []
    for c in cells:
        if "file" in c:
            sheet = "".join(f" {k} {c[k]}" for k in ("sheet", "member") if c.get(k))
            line = f" (line {c['line']})" if c.get("line") else ""
            text = f"{c['file']}{sheet} row {c['row']}{line} {c['column']}"
        elif "note" in c:
            text = f"{c['source']}: {c['note']}"
        else:
            text = f"{c['source']} record {c.get('record', '?')} {c.get('column', '')}"
        way = c.get("from", {})
        rule = f": {way['rule']}" + _in_brackets(way["place"]) if way.get("rule") and "cell" not in c else ""
        lines.append(lead + text + (f" = {c['cell']!r}" if "cell" in c else "") + rule)
        lines += _cell_lines(way.get("cells", []), "   " + lead)
    return lines


def _candidate_lines(value: dict[str, Any], lead: str) -> list[str]:
    found = value.get("candidates", [])
    if len(found) < 2 and all(c["chosen"] for c in found):
        return []  # the only row is among the cells
    lines = [f"{lead}candidates, {len(found) + value['more']} with the key:"]
    alike: dict[str, list[dict[str, Any]]] = {}
    for c in found:
        alike.setdefault(c["outcome"], []).append(c)
    for outcome, those in alike.items():
        for c in those[:ALIKE]:
            where = f"{c['file']} row {c['row']}" if "file" in c else c["source"]
            where += f" record {c['record']}" if "record" in c else ""
            column = c.get("column", "")  # a record without the qualifier has none
            ranked = ", ".join(f"{n} {t!r}" for n, t in c["order"].items() if n != column)
            lines.append(
                f"{lead}  {outcome}: {where} {column}".rstrip()
                + (f" = {c['value']!r}" if column else "")
                + (f" ({ranked})" if ranked else "")
            )
        if len(those) > ALIKE:
            lines.append(f"{lead}  and {len(those) - ALIKE} more: {outcome}")
    if value["more"]:
        lines.append(f"{lead}  and {value['more']} more that are not listed")
    return lines
