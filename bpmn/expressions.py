"""The conditions of a diagram: a small language that means the same here as in JUEL on Camunda 7 and Operaton.

Names, string, number and boolean literals, `null`, `== != < <= > >=`, `and or not` (also `&& || !`) and parentheses,
as they stand or inside `${...}`. Nothing else is read: no attribute, call, subscript or arithmetic. Where JUEL and a
plain reading differ (`'1' == 1`, `!a == b`, `a == b == c`), the expression is refused instead of guessed at.

A tokenizer and a recursive descent of its own, because Python's `ast` knows neither `&&` nor `null`, accepts all of
Python before a whitelist can say no, and can be brought down by nesting; here only what is listed can be built.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn

from bpmn.errors import Refusal
from bpmn.wording import sentence

MAX_LENGTH = 1000
MAX_DEPTH = 40

Value = str | int | float | bool | None


class ConditionRefused(Refusal):
    """A condition that is not in the language, or is too long or too deep."""


class VariableUnset(Refusal):
    """A condition asks for a variable that the run does not have."""


class ConditionFailed(Refusal):
    """A condition compares or joins values that do not go together, such as a text and a number."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """A variable of the run."""

    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left sign right`; the sign is one of `== != < <= > >=`."""

    sign: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Junction:
    """All (`and`) or any (`or`) of the parts."""

    word: str
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """Not the part."""

    part: Tree


Tree = Literal | Name | Comparison | Junction | Negation


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that was read: its text, its tree and the names it asks for."""

    text: str
    tree: Tree
    variables: frozenset[str]

    def evaluate(self, data: Mapping[str, object]) -> bool:
        """Whether the condition holds for `data`. Raises VariableUnset or ConditionFailed, nothing else."""
        return _truth(self.tree, data)


@lru_cache(maxsize=4096)
def compile_condition(text: str) -> Condition:
    """The condition in `text`; raises ConditionRefused."""
    if len(text) > MAX_LENGTH:
        raise ConditionRefused(
            sentence("Syarat ini lebih panjang dari %(limit)s huruf; persingkat syaratnya.", limit=MAX_LENGTH)
        )
    inner = text.strip()
    if inner.startswith("${") and inner.endswith("}"):
        inner = inner[2:-1]
    reader = _Reader(text.strip(), _tokens(inner, text.strip()))
    tree = reader.whole()
    if isinstance(tree, Literal) and not isinstance(tree.value, bool):
        reader.refuse()
    return Condition(text, tree, frozenset(reader.names))


def equality(condition: Condition) -> tuple[str, str] | None:
    """Variable and text of a condition of the form `variable == 'text'`, either way round; None for any other."""
    match condition.tree:
        case Comparison("==", Name(name), Literal(str(value))) | Comparison("==", Literal(str(value)), Name(name)):
            return name, value
    return None


# -- reading ----------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>-?\d{1,15}(?:\.\d{1,15})?(?![\w.]))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<string>'(?:[^'\\]|\\['"\\])*'|"(?:[^"\\]|\\['"\\])*")
    | (?P<sign>==|!=|<=|>=|<|>|&&|\|\||!|\(|\))
    )""",
    re.VERBOSE | re.ASCII,
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_OPERATORS = {"&&": "and", "||": "or", "!": "not", "and": "and", "or": "or", "not": "not"}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_RESERVED = frozenset(
    {"eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof"}
    | {"True", "False", "None", "in", "is", "if", "else", "lambda", "for", "while"}
)
"""Words that are not names in JUEL or in Python."""


def _tokens(text: str, whole: str) -> list[tuple[str, str]]:
    """Kind and text of every token, closed by an `end`."""
    tokens: list[tuple[str, str]] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            rest = text[place:].strip()
            raise ConditionRefused(
                sentence(
                    "Syarat “%(condition)s” tidak terbaca mulai dari “%(rest)s”; "
                    "tulis misalnya ${keputusan_6 == 'setuju'}.",
                    condition=_short(whole),
                    rest=_short(rest, 20),
                )
            )
        tokens.append(_token(found.lastgroup, found[found.lastgroup]))
        place = found.end()
    tokens.append(("end", ""))
    return tokens


def _token(kind: str, text: str) -> tuple[str, str]:
    if text in _OPERATORS:
        return _OPERATORS[text], text
    if kind == "sign":
        return ("comparison" if text in _COMPARISONS else text), text
    if text in _RESERVED:
        return "reserved", text
    return kind, text


class _Reader:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str, tokens: list[tuple[str, str]]) -> None:
        self.text = text
        self.tokens = tokens
        self.place = 0
        self.depth = 0
        self.names: set[str] = set()

    def whole(self) -> Tree:
        tree = self._either()
        if self._kind() != "end":
            self.refuse()
        return tree

    def refuse(self) -> NoReturn:
        """Say which part was not expected."""
        kind, text = self.tokens[self.place]
        if kind == "end":
            raise ConditionRefused(
                sentence(
                    "Syarat “%(condition)s” tidak lengkap; tulis misalnya ${keputusan_6 == 'setuju'}.",
                    condition=_short(self.text),
                )
            )
        raise ConditionRefused(
            sentence(
                "Syarat “%(condition)s” tidak terbaca pada “%(part)s”; tulis misalnya ${keputusan_6 == 'setuju'}.",
                condition=_short(self.text),
                part=_short(text, 20),
            )
        )

    def _kind(self) -> str:
        return self.tokens[self.place][0]

    def _take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1][1]

    def _either(self) -> Tree:
        return self._junction("or", self._both)

    def _both(self) -> Tree:
        return self._junction("and", self._negation)

    def _junction(self, word: str, part: Callable[[], Tree]) -> Tree:
        parts = [part()]
        while self._kind() == word:
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _negation(self) -> Tree:
        """`not` binds tighter than `==` in JUEL and looser in Python: a comparison under it needs parentheses."""
        if self._kind() != "not":
            return self._comparison()
        self._take()
        self._deeper()
        part = self._negation() if self._kind() == "not" else self._operand()
        self.depth -= 1
        if self._kind() == "comparison":
            self.refuse()
        return Negation(part)

    def _comparison(self) -> Tree:
        left = self._operand()
        if self._kind() != "comparison":
            return left
        sign = self._take()
        return Comparison(sign, left, self._operand())

    def _operand(self) -> Tree:
        kind = self._kind()
        if kind == "(":
            self._take()
            self._deeper()
            inner = self._either()
            self.depth -= 1
            if self._kind() != ")":
                self.refuse()
            self._take()
            return inner
        if kind == "name":
            return self._name(self._take())
        if kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", self._take()[1:-1]))
        if kind == "number":
            text = self._take()
            return Literal(float(text) if "." in text else int(text))
        return self.refuse()

    def _name(self, text: str) -> Tree:
        if text in _WORDS:
            return Literal(_WORDS[text])
        self.names.add(text)
        return Name(text)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionRefused(
                sentence(
                    "Syarat “%(condition)s” bertingkat lebih dari %(limit)s kurung; sederhanakan syaratnya.",
                    condition=_short(self.text),
                    limit=MAX_DEPTH,
                )
            )


def _short(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[:length] + "…"


# -- evaluating -------------------------------------------------------------------------------------------------------


def _value(tree: Tree, data: Mapping[str, object]) -> Value:
    match tree:
        case Literal(value):
            return value
        case Name(name):
            return _looked_up(name, data)
        case Negation(part):
            return not _truth(part, data)
        case Junction(word, parts):
            truths = (_truth(part, data) for part in parts)
            return all(truths) if word == "and" else any(truths)
        case Comparison(sign, left, right):
            return _compared(sign, _value(left, data), _value(right, data), tree)


def _looked_up(name: str, data: Mapping[str, object]) -> Value:
    if name not in data:
        raise VariableUnset(sentence("Berkas ini tidak memiliki isian “%(name)s” yang diminta syarat.", name=name))
    value = data[name]
    if value is None or type(value) in {str, int, float, bool}:
        return value  # type: ignore[return-value]
    raise ConditionFailed(
        sentence("Isian “%(name)s” bukan teks, angka atau ya/tidak, sehingga tidak dapat dibandingkan.", name=name)
    )


def _truth(tree: Tree, data: Mapping[str, object]) -> bool:
    value = _value(tree, data)
    if isinstance(value, bool):
        return value
    raise ConditionFailed(
        sentence(
            "“%(condition)s” bukan ya/tidak; bandingkan dengan suatu nilai memakai ==.",
            condition=_short(_written(tree)),
        )
    )


def _compared(sign: str, left: Value, right: Value, tree: Comparison) -> bool:
    equality_asked = sign in {"==", "!="}
    if equality_asked and (left is None or right is None):
        return (left is right) == (sign == "==")
    if _kind(left) == _kind(right) and (equality_asked or _kind(left) in {str, float}):
        return bool(_COMPARISONS[sign](left, right))
    raise ConditionFailed(
        sentence(
            "Syarat “%(condition)s” membandingkan dua nilai yang tidak sejenis; samakan jenisnya.",
            condition=_short(_written(tree)),
        )
    )


def _kind(value: Value) -> type:
    return float if type(value) is int else type(value)


def _written(tree: Tree) -> str:
    """The tree as text, for messages."""
    match tree:
        case Literal(value):
            return repr(value) if isinstance(value, str) else "null" if value is None else str(value).lower()
        case Name(name):
            return name
        case Negation(part):
            return f"not ({_written(part)})"
        case Junction(word, parts):
            return f" {word} ".join(f"({_written(part)})" for part in parts)
        case Comparison(sign, left, right):
            return f"{_written(left)} {sign} {_written(right)}"
