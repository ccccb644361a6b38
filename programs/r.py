"""Conditions and formulas in R, over data frames in which a missing text is NA (admiral::convert_blanks_to_na).

NA is the unknown of the spec language, so a comparison needs no test for missing. A date is a Date, which counts days
from 1970, and the number of a date counts from 1960: each use as a number is converted. Not for SAS (sas.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.columns.point_digits import is_number
from ..mappings.expressions.expression import parse
from ..mappings.expressions.tree import Arithmetic, Call, In, Literal, Name, Node
from .language import Language, NoEqual, literal_text
from .truth import without_not

#: functions with one argument and the same meaning
_SAME = {
    "upper": "toupper({})",
    "lower": "tolower({})",
    "title": r"""gsub("(?<![\\w'])([a-z])", "\\U\\1", tolower({}), perl = TRUE)""",
    "strip": "trimws({})",
    "length": 'nchar(coalesce({}, ""))',
    "number": "suppressWarnings(as.numeric({}))",
    "text": "as.character(signif({}, 12))",
    "abs": "abs({})",
    "sqrt": "sqrt({})",
    "exp": "exp({})",
    "log": "log({})",
    "log10": "log10({})",
    "floor": "floor({})",
    "ceil": "ceiling({})",
    "year": "suppressWarnings(as.numeric(substr({}, 1, 4)))",
    "month": "suppressWarnings(as.numeric(substr({}, 6, 7)))",
    "day": "suppressWarnings(as.numeric(substr({}, 9, 10)))",
}
_TESTS = {
    "contains": "grepl({1}, {0}, fixed = TRUE)",
    "starts_with": "startsWith({0}, {1})",
    "ends_with": "endsWith({0}, {1})",
}


#: the results of these are alike to their arguments, from the argument with this number on
_ALIKE = {"if": 1, "min": 0, "max": 0, "coalesce": 0}
_ORIGIN = "1960-01-01"


class R(Language):
    """R with dplyr."""

    def formula_of(self, text: str, moment: str) -> str:
        """A formula as the value of a variable that is a date (``moment``), or a number or text ('')."""
        return self.as_moment(parse(text).root, moment)

    def as_moment(self, node: Node, moment: str) -> str:
        """A value as a date, or as a number or text (''). Raises NoEqual for a datetime or a time as a number."""
        code, found = self.value(node), self.moment(node)
        if found == moment:
            return code
        if "date" not in (found, moment) or "" not in (found, moment):
            raise NoEqual
        return f'as.numeric({code} - as.Date("{_ORIGIN}"))' if found else f'as.Date({code}, origin = "{_ORIGIN}")'

    def moment(self, node: Node) -> str:
        """date, datetime or time where R has the value as such, else ''."""
        if isinstance(node, Name):
            return self.names.moment(node.name)
        if isinstance(node, Arithmetic):
            first = self.moment(node.first)
            plain = all(sign in "+-" and not self.moment(operand) for sign, operand in node.rest)
            return first if first == "date" and plain else ""
        if isinstance(node, Call) and node.function in _ALIKE:
            kinds = {self.moment(a) for a in node.arguments[_ALIKE[node.function] :]}
            return kinds.pop() if len(kinds) == 1 else ""
        return ""

    def number(self, node: Node) -> str:
        """A value that R must have as a number or text."""
        return self.as_moment(node, "")

    def value(self, node: Node) -> str:
        if not isinstance(node, Arithmetic) or self.moment(node):
            return super().value(node)
        code, rest = self.number(node.first), node.rest
        if self.moment(node.first) == "date" and (rest[0][0], self.moment(rest[0][1])) == ("-", "date"):
            # days between two dates, whatever the origin is
            code, rest = f"as.numeric({self.value(node.first)} - {self.value(rest[0][1])})", rest[1:]
            if not rest:
                return code
        for sign, operand in rest:
            right = self.number(operand)
            code = self.divided(code, right) if sign == "/" else f"{code} {sign} {right}"
        return f"({code})"

    def truth(self, node: Node) -> str:
        if isinstance(node, In) and self.moment(node.operand):
            raise NoEqual
        return super().truth(node)

    def ordered(self, order: Sequence[str]) -> list[str]:
        """The names of a sort as arguments of arrange(): missing comes first, and last behind a ``-``."""
        found: list[str] = []
        for name in order:
            code = self.names.code(name.lstrip("-"))
            if name.startswith("-"):
                found.append(f"desc({code})")
            else:
                found += [code] if self.names.filled(name) else [f"!is.na({code})", code]
        return found

    def text(self, value: str) -> str:
        if not value:
            return "NA_character_"
        if not value.isprintable():
            raise NoEqual
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def compared(self, operator: str, left: Node, right: Node) -> str:
        if operator not in ("==", "!="):
            self.must_be_numbers(left, right)
        return f" {operator} ".join(self._alike([left, right]))

    def among(self, operand: str, values: Sequence[str], *, missing: bool, negated: bool) -> str:
        listed = f"{operand} %in% c({', '.join(values)})"
        if negated:
            return f"(!is.na({operand}) & !({listed}))"
        return f"(is.na({operand}) | {listed})" if missing else listed

    def is_missing(self, operand: str, negated: bool = False) -> str:
        return f"{'!' if negated else ''}is.na({operand})"

    def joined(self, word: str, items: Sequence[str]) -> str:
        return "(" + {"and": " & ", "or": " | "}[word].join(items) + ")"

    def divided(self, left: str, right: str) -> str:
        return f"{left} / {right}" if is_number(right) and float(right) else f"{left} / na_if({right}, 0)"

    def test(self, function: str, arguments: Sequence[Node], negated: bool) -> str:
        operand = self.value(arguments[0])
        if function == "matches":
            code = f"grepl({self.text(literal_text(arguments[1]))}, {operand}, perl = TRUE)"
        elif function in _TESTS:
            code = _TESTS[function].format(operand, self.text(literal_text(arguments[1])))
        else:
            raise NoEqual
        # grepl gives FALSE for NA, so its negation needs the test
        return f"(!is.na({operand}) & !{code})" if negated else f"coalesce({code}, FALSE)"

    def call(self, function: str, arguments: Sequence[Node]) -> str:
        if function in _SAME:
            return _SAME[function].format(self.number(arguments[0]))
        if function == "if":
            a, b = self._alike(arguments[1:])
            return f"if_else({self.truth(without_not(arguments[0]))}, {a}, {b}, missing = {b})"
        if function in ("min", "max"):
            self.must_be_numbers(*arguments)
            return f"p{function}({', '.join(self._alike(arguments))}, na.rm = TRUE)"
        if function == "round":
            return self._rounded(arguments)
        if function == "coalesce":
            return f"coalesce({', '.join(self._alike(arguments))})"
        return self._of_texts(function, [self.number(a) for a in arguments], arguments)

    def _alike(self, nodes: Sequence[Node]) -> list[str]:
        """Values of one kind: all dates stay dates, a date beside a number is a number."""
        kinds = {self.moment(n) for n in nodes}
        if "date" in kinds and not all(self.names.known(n.name) for n in nodes if isinstance(n, Name)):
            raise NoEqual
        one = len(kinds) == 1
        return [self.value(n) if one else self.number(n) for n in nodes]

    def _of_texts(self, function: str, codes: list[str], arguments: Sequence[Node]) -> str:
        if function == "power":
            return f"{codes[0]} ^ {codes[1]}"
        if function == "concat":
            parts = [
                c if isinstance(a, Literal) else f'coalesce({c}, "")' for a, c in zip(arguments, codes, strict=True)
            ]
            return f'na_if(paste0({", ".join(parts)}), "")'
        if function == "substr" and len(codes) == 3:
            return f'na_if(substr({codes[0]}, {codes[1]}, {codes[1]} + {codes[2]} - 1), "")'
        if function == "replace":
            old, new = literal_text(arguments[1]), literal_text(arguments[2])
            written = self.text(new) if new else '""'
            return f'na_if(gsub({self.text(old)}, {written}, {codes[0]}, fixed = TRUE), "")'
        if function == "days":
            if any(self.is_number(a) for a in arguments):
                raise NoEqual
            first, second = (f'as.Date({c}, "%Y-%m-%d")' for c in codes)
            return f"as.numeric({first} - {second})"
        raise NoEqual

    def _rounded(self, arguments: Sequence[Node]) -> str:
        """Half away from zero: round() of R goes to the even digit."""
        value = self.number(arguments[0])
        digits = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], Literal) else 0.0
        power = f"10^{int(float(digits))}"
        return f"sign({value}) * floor(abs({value}) * {power} + 0.5) / {power}"
