"""Conditions and formulas in R, over data frames in which a missing text is NA (admiral::convert_blanks_to_na).

NA is the unknown of the spec language, so a comparison needs no test for missing. Not for SAS (sas.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.columns.point_digits import is_number
from ..mappings.expressions.tree import Literal, Node
from .language import Language, NoEqual, literal_text
from .truth import without_not

#: functions with one argument and the same meaning
_SAME = {
    "upper": "toupper({})",
    "lower": "tolower({})",
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


class R(Language):
    """R with dplyr."""

    def text(self, value: str) -> str:
        if not value:
            return "NA_character_"
        if not value.isprintable():
            raise NoEqual
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def compared(self, operator: str, left: Node, right: Node) -> str:
        if operator not in ("==", "!="):
            self.must_be_numbers(left, right)
        return f"{self.value(left)} {operator} {self.value(right)}"

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
            return _SAME[function].format(self.value(arguments[0]))
        if function == "if":
            a, b = self.value(arguments[1]), self.value(arguments[2])
            return f"if_else({self.truth(without_not(arguments[0]))}, {a}, {b}, missing = {b})"
        if function in ("min", "max"):
            self.must_be_numbers(*arguments)
            return f"p{function}({', '.join(map(self.value, arguments))}, na.rm = TRUE)"
        if function == "round":
            return self._rounded(arguments)
        return self._of_texts(function, [self.value(a) for a in arguments], arguments)

    def _of_texts(self, function: str, codes: list[str], arguments: Sequence[Node]) -> str:
        if function == "coalesce":
            return f"coalesce({', '.join(codes)})"
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
            first, second = (f'as.Date({c}, "%Y-%m-%d")' for c in codes)
            return f"as.numeric({first} - {second})"
        raise NoEqual

    def _rounded(self, arguments: Sequence[Node]) -> str:
        """Half away from zero: round() of R goes to the even digit."""
        value = self.value(arguments[0])
        digits = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], Literal) else 0.0
        power = f"10^{int(float(digits))}"
        return f"sign({value}) * floor(abs({value}) * {power} + 0.5) / {power}"
