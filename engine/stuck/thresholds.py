"""From when on is too long, or too often: what each cause says, unless an office has set something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bpmn.wording import Sentence, sentence
from engine import errors
from engine.offices import Actor
from engine.states import Right
from engine.stuck import keeping
from engine.stuck.limits import WITH_ONE, limits
from engine.stuck.rule import Threshold
from engine.tables import Office


@dataclass(frozen=True, slots=True)
class Setting:
    """The threshold of a cause in an office, as it is set; `about` says what it means."""

    name: str
    title: Sentence
    about: Sentence
    value: int
    threshold: Threshold


def of_office(session: Session, who: Actor) -> tuple[Setting, ...]:
    """What the person's office has set. For managers: NotAllowed without that right."""
    who.require(Right.MANAGER)
    values = limits(session.scalars(select(Office.thresholds).where(Office.id == who.office_id)).one())
    return tuple(
        Setting(rule.name, rule.title, rule.about or rule.title, values[rule.name], threshold)
        for rule, threshold in WITH_ONE
    )


def change(session: Session, who: Actor, values: Mapping[str, str], now: datetime) -> int:
    """Set thresholds of the person's office, as typed, and work out anew what that makes of its live runs; how many.

    A cause that is not named keeps its own. A manager's act. Raises NotAllowed, Invalid for what is no number between
    1 and the most that a threshold may be.
    """
    who.require(Right.MANAGER)
    office = session.scalars(select(Office).where(Office.id == who.office_id).with_for_update(key_share=True)).one()
    settings: dict[str, Any] = dict(office.thresholds)
    for rule, threshold in WITH_ONE:
        if rule.name in values:
            settings[rule.name] = _number(rule.title, threshold, values[rule.name])
    settings = {rule.name: settings[rule.name] for rule, one in WITH_ONE if settings.get(rule.name) != one.default
                and rule.name in settings}  # fmt: skip
    if settings == office.thresholds:
        return 0
    office.thresholds = settings
    session.flush()
    return keeping.rebuild(session, who.office_id)


def _number(title: Sentence, threshold: Threshold, typed: str) -> int:
    text = typed.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= number <= threshold.most:
        raise errors.Invalid(
            sentence(
                "Ambang “%(title)s” harus bilangan bulat dari 1 sampai %(most)d.", title=title, most=threshold.most
            )
        )
    return number
