"""What the pages of administrators share: the blueprint, an act with its page again where it is refused, days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from flask import Blueprint, request

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import errors as facts
from engine.administration.holdings import Term
from engine.database import Session
from engine.offices import Actor
from engine.states import Capacity
from web import edge, errors, forms

blueprint = Blueprint("administration", __name__)

T = TypeVar("T")


def act(
    deed: Callable[[Session, Actor, datetime], T], again: Callable[[Refusal], str], onward: Callable[[T], errors.Answer]
) -> errors.Answer:
    """Do something, and go on with what came of it; where it is refused, the page again with what was typed."""
    try:
        with edge.acting() as (session, who, now):
            done = deed(session, who, now)
    except (facts.NotFound, facts.NotAllowed):
        raise
    except Refusal as refused:
        return again(refused), errors.status(refused)
    return onward(done)


def day(name: str) -> date | None:
    """A day of the form; None where it is empty. Raises Invalid."""
    typed = forms.text(name).strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as wrong:
        raise facts.Invalid(sentence("Tanggal tidak dapat dibaca; tulis seperti 2026-11-23.")) from wrong


def wanted_day(name: str) -> date:
    """The same, where there has to be one."""
    found = day(name)
    if found is None:
        raise facts.Invalid(sentence("Tanggal mulai wajib diisi."))
    return found


def term() -> Term:
    """Status, sejak and sampai of the form. Raises Invalid."""
    status = forms.text("status")
    if status not in set(Capacity):
        raise facts.Invalid(sentence("Pilih status: definitif, Plt., atau Plh."))
    return Term(Capacity(status), wanted_day("sejak"), day("sampai"))


def person() -> int:
    """Who was chosen. Raises Invalid."""
    found = forms.number("pegawai")
    if not 0 < found <= forms.MAX_ID:
        raise facts.Invalid(sentence("Pilih pegawainya."))
    return found


def number(name: str) -> int:
    """The number of a page (`?halaman=2`); 1 for what is none."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 6 else 1
