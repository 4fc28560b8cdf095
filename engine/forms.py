"""What people enter into the fields of a task's form (`bpmn.flow.Field`), checked and as JSON keeps it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bpmn.flow import Field
from bpmn.wording import sentence
from engine import errors

LENGTH = 4000
"""Characters of a text."""

YES, NO = frozenset({"true", "ya", "on", "1"}), frozenset({"false", "tidak", "off", "0", ""})

LARGEST = 2**53
"""Whole numbers beyond this lose digits in a browser."""

Value = str | int | bool | None


def unfinished(fields: Sequence[Field], entered: Mapping[str, Value]) -> dict[str, Value]:
    """What was entered so far, as it was. Raises FieldWrong for a field that the form does not have, TooLong."""
    _refuse_foreign(fields, entered)
    for field in fields:
        if len(str(entered.get(field.id, ""))) > LENGTH:
            raise errors.TooLong(sentence("%(field)s", field=_label(field)), LENGTH)
    return dict(entered)


def final(fields: Sequence[Field], entered: Mapping[str, Value]) -> dict[str, Value]:
    """Every field of the form with its value: text, whole number, truth, ISO date or the id of an option; else None.

    Raises FieldWrong for a field that is missing though required, foreign, or holds something else; TooLong.
    """
    _refuse_foreign(fields, entered)
    return {field.id: _value(field, entered.get(field.id)) for field in fields}


def known(fields: Sequence[Field], saved: Mapping[str, Value]) -> dict[str, Value]:
    """What was saved of the fields that the form has; another version of the diagram may have had others."""
    return {field.id: saved[field.id] for field in fields if field.id in saved}


def _refuse_foreign(fields: Sequence[Field], entered: Mapping[str, object]) -> None:
    foreign = sorted(set(entered) - {field.id for field in fields})
    if foreign:
        raise errors.FieldWrong(
            sentence("Isian “%(field)s” tidak ada pada formulir tugas ini. Muat ulang halaman.", field=foreign[0][:80])
        )


def _value(field: Field, entered: Value) -> Value:
    text = "" if entered is None else str(entered).strip()
    if field.type == "boolean":
        return _truth(field, text.lower())
    if not text:
        if field.required:
            raise errors.FieldWrong(sentence("“%(field)s” wajib diisi.", field=_label(field)))
        return None
    return _READ.get(field.type, _text)(field, text)


def _truth(field: Field, text: str) -> bool:
    if text not in YES | NO:
        raise errors.FieldWrong(sentence("“%(field)s” diisi ya atau tidak.", field=_label(field)))
    return text in YES


def _number(field: Field, text: str) -> int:
    try:
        number = int(text) if len(text) < 20 else LARGEST + 1
    except ValueError:
        number = LARGEST + 1
    if abs(number) > LARGEST:
        raise errors.FieldWrong(sentence("“%(field)s” diisi bilangan bulat, misalnya 12.", field=_label(field)))
    return number


def _date(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as wrong:
        raise errors.FieldWrong(
            sentence("“%(field)s” diisi tanggal, misalnya 2026-11-23.", field=_label(field))
        ) from wrong


def _option(field: Field, text: str) -> str:
    if text not in {option for option, _ in field.options}:
        raise errors.FieldWrong(
            sentence("Pilih salah satu isian yang tersedia untuk “%(field)s”.", field=_label(field))
        )
    return text


def _text(field: Field, text: str) -> str:
    if len(text) > LENGTH:
        raise errors.TooLong(sentence("%(field)s", field=_label(field)), LENGTH)
    return text


def _label(field: Field) -> str:
    return field.label or field.id


_READ: dict[str, Callable[[Field, str], Value]] = {"long": _number, "date": _date, "enum": _option}
