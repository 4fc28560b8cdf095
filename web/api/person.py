"""The token itself: for whom it acts, and within which scopes."""

from __future__ import annotations

from engine.states import Capacity, Right
from engine.tokens import Bearer
from web.api.operations import get
from web.api.shapes import Given, Id


class Held(Given, frozen=True):
    """A jabatan that the person holds today, also for somebody who is away."""

    jabatan_id: Id
    name: str
    capacity: Capacity


class Me(Given, frozen=True):
    """The token's owner, and the scopes of the token."""

    id: Id
    name: str
    office: str
    timezone: str
    rights: tuple[Right, ...]
    held: tuple[Held, ...]
    scopes: tuple[str, ...]


@get("/me")
def get_me(bearer: Bearer) -> Me:
    """Read for whom the token acts, and what it may do."""
    who = bearer.who
    return Me(
        id=who.id,
        name=who.name,
        office=who.office,
        timezone=who.calendar.timezone,
        rights=tuple(sorted(who.rights)),
        held=tuple(Held(jabatan_id=one.jabatan_id, name=one.name, capacity=one.capacity) for one in who.held.values()),
        scopes=tuple(sorted(bearer.scopes)),
    )
