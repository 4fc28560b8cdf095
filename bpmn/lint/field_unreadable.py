"""The fields of a form can be shown, filled in and kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpmn.choices import choices
from bpmn.flow import Field, Flow, Node
from bpmn.lint.finding import Found, called
from bpmn.wording import Sentence, sentence

TYPES = ("string", "long", "boolean", "date", "enum")

KEPT_FREE = frozenset({"typename"})
"""By this name what is kept says of what type it is."""

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEFAULTS = {"long": re.compile(r"-?\d{1,15}"), "boolean": re.compile("true|false")}
_ANYTHING = re.compile(".*", re.DOTALL)


def check(flow: Flow) -> Iterator[Found]:
    """Fields without a usable id, of an unknown type, there twice, or with a default or options that do not fit."""
    forms = [task for task in flow.tasks() if task.fields]
    decided = {choice.variable for task in flow.tasks() for choice in choices(flow, task.id)} if forms else set()
    for task in forms:
        seen: set[str] = set()
        for field in task.fields:
            message = _wrong(task, field, seen, decided)
            if message is not None:
                yield task.id, message
            seen.add(field.id)


def _wrong(task: Node, field: Field, seen: set[str], decided: set[str]) -> Sentence | None:
    """What is wrong with a field, the first thing only."""
    named = {"field": field.id or field.label, "element": called(task)}
    if not _ID.fullmatch(field.id) or field.id in KEPT_FREE:
        return sentence(
            "Isian “%(field)s” pada %(element)s tidak dapat memakai id itu; tulis id dari huruf, angka dan garis "
            "bawah, diawali huruf, selain “typename”.",
            **named,
        )
    if field.id in seen:
        return sentence("Isian “%(field)s” ada dua kali pada %(element)s; beri setiap isian id sendiri.", **named)
    if field.id in decided:
        return sentence(
            "Isian “%(field)s” pada %(element)s bernama sama dengan yang diputuskan lewat tombol; hapus isian itu atau "
            "beri id lain.",
            **named,
        )
    if field.type not in TYPES:
        return sentence(
            "Isian “%(field)s” pada %(element)s berjenis “%(type)s”, yang tidak dikenal; pakai salah satu dari "
            "%(types)s.",
            type=field.type,
            types=", ".join(TYPES),
            **named,
        )
    return _unfitting(field, named)


def _unfitting(field: Field, named: dict[str, str]) -> Sentence | None:
    values = [value for value, _ in field.options]
    if field.type == "enum" and (not values or "" in values or len(set(values)) != len(values)):
        return sentence(
            "Isian “%(field)s” pada %(element)s adalah pilihan; tulis pilihannya, masing-masing dengan id sendiri.",
            **named,
        )
    fits = (
        field.default in values
        if field.type == "enum"
        else _DEFAULTS.get(field.type, _ANYTHING).fullmatch(field.default)
    )
    if field.default and not fits:
        return sentence(
            "Nilai awal “%(default)s” dari isian “%(field)s” pada %(element)s tidak cocok dengan jenisnya; perbaiki "
            "atau kosongkan.",
            default=field.default,
            **named,
        )
    return None
