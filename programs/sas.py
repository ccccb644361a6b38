"""Conditions and formulas in SAS: each comparison that a missing value could make true has a test for missing.

In SAS a missing number is the smallest one, and two missing values are equal. Not for R (r.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from ..mappings.expressions.tree import Literal, Node
from .language import Language, NoEqual, literal_text
from .truth import without_not

_OPERATORS = {"==": "=", "!=": "ne", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
#: functions with one argument and the same meaning
_SAME = {
    "upper": "upcase({})",
    "lower": "lowcase({})",
    "title": "propcase({})",
    "strip": "strip({})",
    "length": "lengthn({})",
    "number": "input({}, ?? best32.)",
    "text": "strip(put({}, best12.))",
    "abs": "abs({})",
    "sqrt": "sqrt({})",
    "exp": "exp({})",
    "log": "log({})",
    "log10": "log10({})",
    "floor": "floor({})",
    "ceil": "ceil({})",
    "year": "input(substrn({}, 1, 4), ?? 4.)",
    "month": "input(substrn({}, 6, 2), ?? 2.)",
    "day": "input(substrn({}, 9, 2), ?? 2.)",
}
_DATE = "input(substrn({}, 1, 10), ?? e8601da10.)"


class Sas(Language):
    """SAS 9.4, DATA step."""

    def text(self, value: str) -> str:
        if not value:
            return "' '"
        if not value.isprintable():
            raise NoEqual
        return "'" + value.replace("'", "''") + "'"

    def compared(self, operator: str, left: Node, right: Node) -> str:
        if operator not in ("==", "!="):
            self.must_be_numbers(left, right)
        code = f"{self.value(left)} {_OPERATORS[operator]} {self.value(right)}"
        guarded = [n for n in (left, right) if not isinstance(n, Literal)]
        # a missing value is the smallest: it equals no literal, and no literal is below it
        if len(guarded) == 1:
            above = ">" in operator if guarded[0] is left else "<" in operator
            if operator == "==" or above:
                return code
        tests = [f"not missing({self.value(n)})" for n in guarded]
        return "(" + " and ".join([*tests, code]) + ")"

    def among(self, operand: str, values: Sequence[str], *, missing: bool, negated: bool) -> str:
        listed = f"({', '.join(values)})"
        if negated:
            return f"(not missing({operand}) and {operand} not in {listed})"
        return f"(missing({operand}) or {operand} in {listed})" if missing else f"{operand} in {listed}"

    def is_missing(self, operand: str, negated: bool = False) -> str:
        return f"{'not ' if negated else ''}missing({operand})"

    def joined(self, word: str, items: Sequence[str]) -> str:
        return "(" + f" {word} ".join(items) + ")"

    def divided(self, left: str, right: str) -> str:
        return f"{left} / {right}"  # missing where the divisor is 0

    def test(self, function: str, arguments: Sequence[Node], negated: bool) -> str:
        operand, text = self.value(arguments[0]), literal_text(arguments[1])
        if function == "contains":
            code = f"index({operand}, {self.text(text)}) > 0"
        elif function == "starts_with":
            code = f"substrn({operand}, 1, {len(text)}) = {self.text(text)}"
        elif function == "matches":
            if "\\/" in text:
                raise NoEqual
            pattern = "/" + text.replace("/", "\\/") + "/"
            code = f"prxmatch({self.text(pattern)}, strip({operand})) > 0"
        else:
            raise NoEqual
        return f"(not missing({operand}) and not ({code}))" if negated else f"(not missing({operand}) and {code})"

    def call(self, function: str, arguments: Sequence[Node]) -> str:
        if function in _SAME:
            return _SAME[function].format(self.value(arguments[0]))
        if function == "if":
            kind = self._kind(*arguments[1:])
            a, b = self.value(arguments[1]), self.value(arguments[2])
            return f"if{kind}({self.truth(without_not(arguments[0]))}, {a}, {b})"
        if function in ("min", "max"):
            self.must_be_numbers(*arguments)
            return f"{function}({', '.join(map(self.value, arguments))})"
        codes = [self.value(a) for a in arguments]
        if function == "round":
            digits = arguments[1].value if len(arguments) > 1 and isinstance(arguments[1], Literal) else 0.0
            return f"round({codes[0]}, 1E{-int(float(digits))})"
        if function == "coalesce":
            return f"coalesce{'c' if self._kind(*arguments) == 'c' else ''}({', '.join(codes)})"
        if function == "power":
            return f"{codes[0]} ** {codes[1]}"
        if function == "concat":
            return "cat(" + ", ".join(
                c if isinstance(a, Literal) else f"trimn({c})" for a, c in zip(arguments, codes, strict=True)
            ) + ")"  # fmt: skip
        if function == "substr" and len(codes) == 3:
            return f"substrn({', '.join(codes)})"
        if function == "replace":
            new = literal_text(arguments[2])
            written = self.text(new) if new else "trimn('')"
            return f"transtrn({codes[0]}, {self.text(literal_text(arguments[1]))}, {written})"
        if function == "days":
            if any(self.is_number(a) for a in arguments):
                raise NoEqual
            return f"{_DATE.format(codes[0])} - {_DATE.format(codes[1])}"
        raise NoEqual

    def _kind(self, *nodes: Node) -> str:
        """n for numbers, c for texts. Raises NoEqual where that is not known."""
        kinds = {self.is_number(n) for n in nodes}
        if kinds == {True}:
            return "n"
        if kinds == {False}:
            return "c"
        raise NoEqual
