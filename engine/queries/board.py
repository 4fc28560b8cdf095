"""Papan: the live runs of an office as its managers see them, with what keeps each and what can be done about it.

A run is stuck where a cause of `engine.stuck` names it. Causes of moments are ranges of stored moments; those of
people are asked by the few jabatan and people that are not there today. Nothing here grows with finished runs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, union, union_all
from sqlalchemy.orm import Session

from bpmn.wording import Sentence
from engine import errors, stuck, words, workdays
from engine.counting import MOST, capped
from engine.offices import Actor
from engine.queries import dues, paging
from engine.queries.dues import Due
from engine.queries.paging import KeyedPage
from engine.states import Right, RunState, TaskState
from engine.stuck import Facts, Named, Remedy, TaskFacts, Today, WaitFacts
from engine.tables import (
    OPEN_TASK,
    UNFINISHED_TASK,
    Cause,
    Definition,
    Holding,
    Jabatan,
    Person,
    Position,
    Run,
    Task,
    Version,
    task_is,
)

FEW = 500
"""So many runs or fewer are looked up one by one; of more the board is gone through, in its order."""

BESIDE = 20
"""Runs of a page that shows groups above them."""


class Only(StrEnum):
    """Which live runs."""

    STUCK = "stuck"
    ALL = "all"
    OVERDUE = "overdue"
    """Those with a step behind its deadline."""
    SUSPENDED = "suspended"


class Order(StrEnum):
    """In what order runs stand."""

    WAITING = "waiting"
    """What waits longest where it stands comes first."""
    DUE = "due"
    NEWEST = "newest"
    """What came last to where it stands comes first."""


class By(StrEnum):
    """By what runs are put together."""

    SOP = "sop"
    JABATAN = "jabatan"
    PERSON = "person"
    CAUSE = "cause"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs, in which order. `cause` is the name of a rule; `text` words, as lists are searched for them.

    Who looks for a jabatan or a person finds the runs with an unfinished step of it, or claimed by that person.
    """

    text: str = ""
    definition: int | None = None
    jabatan: int | None = None
    person: int | None = None
    cause: str = ""
    only: Only = Only.STUCK
    order: Order = Order.WAITING
    after: str = ""
    size: int = paging.PAGE
    """Rows of a page."""


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody a run waits for, who is away until a day, that day included, and for whom nobody acts."""

    person_id: int
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A live run as managers see it.

    `due` is the earliest deadline of its steps. `waited` and `overdue` are working time, and the latter is zero where
    nothing is. `waits` says what else is waited for, where no person is. `caller` is the run that called this one.
    """

    id: int
    definition_id: int
    sop: str
    subject: str
    agenda: str
    suspended: bool
    round: int
    steps: tuple[TaskFacts, ...]
    waits: tuple[WaitFacts, ...]
    since: datetime
    waited: timedelta
    due: Due | None
    overdue: timedelta
    causes: tuple[Named, ...]
    remedies: tuple[Remedy, ...]
    away: tuple[Away, ...]
    caller: int | None


@dataclass(frozen=True, slots=True)
class CauseCount:
    """How many runs are stuck by a cause, up to MOST, whatever else keeps them.

    `oldest` is since when, where that is a moment.
    """

    name: str
    title: Sentence
    runs: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Counts:
    """The live runs of an office, counted up to MOST.

    All, those that are stuck, behind a deadline, suspended; and by each cause.
    """

    live: int
    stuck: int
    overdue: int
    suspended: int
    causes: tuple[CauseCount, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Runs put together: how many, how many of them are stuck or behind a deadline, and since when the oldest waits.

    They are counted up to MOST at least. `key` is an id, or the name of a cause, and `title` what it is called. By
    jabatan and person unfinished steps are counted, and not runs. `overdue` is None where it is not counted.
    """

    key: int | str
    title: str | Sentence
    count: int
    stuck: int
    overdue: int | None
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board, how many runs there are of what, and the groups that were asked for, all from one moment."""

    page: KeyedPage[BoardRow]
    counts: Counts
    groups: tuple[Group, ...]


def page(session: Session, who: Actor, now: datetime, wanted: Wanted, by: By | None = None) -> Board:
    """The live runs that are wanted, page by page, and if `by` is given those of the office put together by it.

    Below groups there are fewer runs on a page. For managers: NotAllowed without that right.
    """
    who.require(Right.MANAGER)
    ask = _Ask(session, who, now, stuck.today(session, who, now))
    found = _page(ask, wanted if by is None else replace(wanted, size=min(wanted.size, BESIDE)))
    rows = _rows(ask, found.rows)
    shown = found.of(rows[run_id] for run_id in found.rows if run_id in rows)
    return Board(shown, _counts(ask), _groups_of(ask, by) if by else ())


def counts(session: Session, who: Actor, now: datetime) -> Counts:
    """How many live runs there are of what. For managers: NotAllowed without that right."""
    who.require(Right.MANAGER)
    return _counts(_Ask(session, who, now, stuck.today(session, who, now)))


def causes_of(session: Session, who: Actor, run_ids: Collection[int], now: datetime) -> dict[int, tuple[Named, ...]]:
    """For each of these runs of the person's office that live why it is stuck; no causes where it is not.

    Only for so many runs as fit into one statement. For managers: NotAllowed without that right.
    """
    who.require(Right.MANAGER)
    today = stuck.today(session, who, now)
    found = stuck.read(session, run_ids)
    return {facts.run_id: stuck.named(facts, today, now) for facts in found if facts.office_id == who.office_id}


def of_run(session: Session, who: Actor, run_id: int, now: datetime) -> BoardRow:
    """One live run of the person's office; NotFound where it is none, or over. NotAllowed for who is no manager."""
    who.require(Right.MANAGER)
    ask = _Ask(session, who, now, stuck.today(session, who, now))
    rows = _rows(ask, [run_id])
    if run_id not in rows:
        raise errors.NotFound
    return rows[run_id]


def groups(session: Session, who: Actor, now: datetime, by: By) -> tuple[Group, ...]:
    """The live runs of the office put together, what is stuck most first. NotAllowed for who is no manager."""
    who.require(Right.MANAGER)
    return _groups_of(_Ask(session, who, now, stuck.today(session, who, now)), by)


@dataclass(frozen=True, slots=True)
class People:
    """The jabatan and people of an office to choose from, by name."""

    jabatan: tuple[tuple[int, str], ...]
    people: tuple[tuple[int, str], ...]


def people(session: Session, who: Actor) -> People:
    """By which jabatan and people the board of the person's office can be narrowed."""
    jabatan = select(Jabatan.id, Jabatan.name).where(Jabatan.office_id == who.office_id).order_by(Jabatan.name)
    persons = (
        select(Person.id, Person.name)
        .where(Person.office_id == who.office_id, select(Holding.id).where(Holding.person_id == Person.id).exists())
        .order_by(Person.name, Person.id)
    )
    return People(
        tuple((row.id, row.name) for row in session.execute(jabatan)),
        tuple((row.id, row.name) for row in session.execute(persons)),
    )


# -- what is asked of the tables --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ask:
    """Who asks, when, and who is there on that day."""

    session: Session
    who: Actor
    now: datetime
    today: Today

    @property
    def here(self) -> ColumnElement[bool]:
        """Positions of the office, gone through in an order."""
        return Position.office_id == self.who.office_id

    @property
    def stuck(self) -> ColumnElement[bool]:
        """That a run is stuck. + 0: those who wait for people who are not there are put together once."""
        conditions = [Position.stuck_at <= self.now]
        if (without := _union(_without(self.today))) is not None:
            conditions.append((Position.run_id + 0).in_(without))
        return and_(Position.suspended == false(), or_(*conditions))

    @property
    def overdue(self) -> ColumnElement[bool]:
        return and_(Position.suspended == false(), Position.order_at <= self.now)


_ORDERS = {
    Order.WAITING: paging.Order(Position.run_id, Position.since),
    Order.DUE: paging.Order(Position.run_id, Position.order_at),
    Order.NEWEST: paging.Order(Position.run_id, Position.since, downwards=True),
}


@dataclass(frozen=True, slots=True)
class _Runs:
    """Some runs: as ids that are put together, and as a condition that is asked of each position."""

    ids: Select[int]
    each: ColumnElement[bool]


def _page(ask: _Ask, wanted: Wanted) -> KeyedPage[int]:
    found = words.found(ask.session, ask.who.office_id, wanted.text, Position.run_id, live=True)
    few, many = list(found.few), list(found.many)
    many += [runs.each for runs in _many(ask, _wanted_runs(ask, wanted), few)]
    here = Position.office_id + 0 == ask.who.office_id if few else ask.here
    narrowed = and_(here, *few, *_narrowed(ask, wanted))
    return paging.keyed(ask.session, _ORDERS[wanted.order], [narrowed], many, wanted.after, wanted.size)


def _many(ask: _Ask, asked: Sequence[_Runs], few: list[ColumnElement[bool]]) -> list[_Runs]:
    """Those of which there are more than FEW; a condition on those of which there are not is added to `few`."""
    if not asked:
        return []
    numbers = ask.session.execute(select(*(capped(runs.ids, FEW) for runs in asked))).one()
    few += [Position.run_id.in_(runs.ids) for runs, number in zip(asked, numbers, strict=True) if number <= FEW]
    return [runs for runs, number in zip(asked, numbers, strict=True) if number > FEW]


def _narrowed(ask: _Ask, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the columns of the indexes say."""
    found: list[ColumnElement[bool]] = []
    if wanted.definition is not None:
        found.append(Position.definition_id == wanted.definition)
    if wanted.cause:
        found.append(Position.suspended == false())
    elif wanted.only is Only.STUCK:
        found.append(ask.stuck)
    elif wanted.only is Only.OVERDUE:
        found.append(ask.overdue)
    elif wanted.only is Only.SUSPENDED:
        found.append(Position.suspended != false())
    return found


def _wanted_runs(ask: _Ask, wanted: Wanted) -> list[_Runs]:
    found = []
    own = Task.run_id == Position.run_id  # + 0 below: the tasks of one run are to be looked at, and not all of somebody
    if wanted.jabatan is not None:
        found.append(
            _Runs(
                select(Task.run_id).where(Task.jabatan_id == wanted.jabatan, UNFINISHED_TASK),
                select(Task.id).where(own, Task.jabatan_id + 0 == wanted.jabatan, UNFINISHED_TASK).exists(),
            )
        )
    if wanted.person is not None:
        claimed = Task.state == TaskState.CLAIMED
        found.append(
            _Runs(
                select(Task.run_id).where(Task.claimed_by == wanted.person, claimed),
                select(Task.id).where(own, Task.claimed_by + 0 == wanted.person, claimed).exists(),
            )
        )
    if wanted.cause:
        found.append(_of_cause(ask, wanted.cause))
    return found


def _of_cause(ask: _Ask, cause: str) -> _Runs:
    if cause in {rule.name for rule in stuck.MOMENTS}:
        stands = (Cause.cause == cause, Cause.at <= ask.now)
        return _Runs(
            select(Cause.run_id).where(Cause.office_id == ask.who.office_id, *stands),
            select(Cause.run_id).where(Cause.run_id == Position.run_id, *stands).exists(),
        )
    without = _union({"vacant": _vacant, "absent": _absent}[cause](ask.today) if cause in _BY_PEOPLE else [])
    ids = without if without is not None else select(Position.run_id).where(Position.run_id == 0)  # which none has
    return _Runs(ids, (Position.run_id + 0).in_(ids).is_(true()))  # a mere `in` PostgreSQL makes a join of


_BY_PEOPLE = frozenset(rule.name for rule in stuck.TODAY)


def _vacant(today: Today) -> list[Select[int]]:
    """The runs with an unfinished task of a jabatan that nobody holds."""
    if not today.vacant:
        return []
    return [select(Task.run_id).where(Task.jabatan_id.in_(sorted(today.vacant)), UNFINISHED_TASK)]


def _absent(today: Today) -> list[Select[int]]:
    """The runs with a task that waits only for people who are away, and for whom nobody acts."""
    found = []
    alone = sorted(today.alone)
    if alone:
        found.append(select(Task.run_id).where(Task.claimed_by.in_(alone), Task.state == TaskState.CLAIMED))
        held = select(Holding.jabatan_id).where(Holding.person_id.in_(alone))
        found.append(select(Task.run_id).where(Task.jabatan_id.in_(held), OPEN_TASK, Task.reserved_for.in_(alone)))
    if today.unattended:
        found.append(
            select(Task.run_id).where(
                Task.jabatan_id.in_(sorted(today.unattended)),
                OPEN_TASK,
                Task.reserved_for.is_(None),
            )
        )
    return found


def _without(today: Today) -> list[Select[int]]:
    """The runs with a task that waits for people who are not there."""
    return [*_vacant(today), *_absent(today)]


def _union(parts: Sequence[Select[int]]) -> Select[int] | None:
    if not parts:
        return None
    together = union_all(*parts).subquery()
    return select(together.c.run_id)


# -- rows -------------------------------------------------------------------------------------------------------------


def _rows(ask: _Ask, run_ids: Sequence[int]) -> dict[int, BoardRow]:
    """These runs of the office that live, by id. In four statements at most."""
    if not run_ids:
        return {}
    heads = ask.session.execute(
        select(Run.id, Run.subject, Run.agenda, Run.parent_id, Run.state, Definition.title)
        .join(Version, Version.id == Run.version_id)
        .join(Definition, Definition.id == Version.definition_id)
        .where(Run.id.in_(run_ids), Run.office_id + 0 == ask.who.office_id)
    )
    named = {head.id: head for head in heads}
    found = stuck.read(ask.session, [run_id for run_id in run_ids if run_id in named])
    return {facts.run_id: _row(ask, named[facts.run_id], facts) for facts in found}


def _row(ask: _Ask, head: Any, facts: Facts) -> BoardRow:
    causes = stuck.named(facts, ask.today, ask.now)
    first = min((task for task in facts.tasks if task.due_at), key=lambda task: task.order_at, default=None)
    due = dues.judge(first.due_at, first.created_at, ask.now, facts.calendar) if first else None
    return BoardRow(
        id=facts.run_id,
        definition_id=facts.definition_id,
        sop=head.title,
        subject=head.subject,
        agenda=head.agenda,
        suspended=head.state is RunState.SUSPENDED,
        round=facts.round,
        steps=facts.tasks,
        waits=facts.waits,
        since=facts.since,
        waited=workdays.elapsed(facts.since, ask.now, facts.calendar),
        due=due,
        overdue=max(-due.left, timedelta()) if due and due.state is dues.DueState.OVER else timedelta(),
        causes=causes,
        remedies=_remedies(facts, causes, called=head.parent_id is not None),
        away=_away(facts, ask.today),
        caller=head.parent_id,
    )


def _remedies(facts: Facts, causes: Sequence[Named], *, called: bool) -> tuple[Remedy, ...]:
    """What can be done, the most fitting first; what a run called by another is a part of is cancelled with it."""
    if facts.suspended:
        offered = [Remedy.RESUME, Remedy.CANCEL]
    else:
        offered = [remedy for cause in causes for remedy in cause.remedies]
        offered += [Remedy.REMIND, Remedy.REASSIGN] if facts.tasks else []
        if len(facts.tasks) == 1:  # of several another one can be helped
            vain = frozenset[Remedy]().union(*(stuck.BY_NAME[cause.name].in_vain for cause in causes))
            offered = [remedy for remedy in offered if remedy not in vain]
        # What ends or holds it comes behind what lets it go on.
        offered = [*(one for one in offered if one not in _LAST), Remedy.SUSPEND, Remedy.CANCEL]
    return tuple(one for one in dict.fromkeys(offered) if not (called and one is Remedy.CANCEL))


_LAST = frozenset({Remedy.SUSPEND, Remedy.CANCEL})


def _away(facts: Facts, today: Today) -> tuple[Away, ...]:
    people: list[int] = []
    for task in facts.tasks:
        one = task.person_id or task.reserved_for
        people += [one] if one is not None else today.unattended.get(task.jabatan_id, ())
    return tuple(
        Away(person, today.names[person], today.alone[person])
        for person in dict.fromkeys(people)
        if person in today.alone
    )


# -- numbers ----------------------------------------------------------------------------------------------------------


def _counts(ask: _Ask) -> Counts:
    """None of these numbers is counted beyond MOST: a board says no more of so many."""
    stuck_by_moment = select(Position.run_id).where(ask.here, Position.stuck_at <= ask.now)
    live, caught, overdue, held = ask.session.execute(
        select(
            capped(select(Position.run_id).where(ask.here)),
            capped(stuck_by_moment),
            capped(select(Position.run_id).where(ask.here, ask.overdue)),
            capped(_suspended(ask)),
        )
    ).one()
    if caught <= MOST and (without := _together(ask, _without(ask.today), stuck_by_moment)) is not None:
        caught = min(caught + ask.session.execute(select(capped(without))).scalar_one(), MOST + 1)
    return Counts(live, caught, overdue, held, _cause_counts(ask))


def _cause_counts(ask: _Ask) -> tuple[CauseCount, ...]:
    asked: dict[str, Any] = {}
    for rule in stuck.MOMENTS:
        stands = (Cause.office_id == ask.who.office_id, Cause.cause == rule.name, Cause.at <= ask.now)
        asked[rule.name] = capped(select(Cause.run_id).where(*stands))
        asked[f"{rule.name} oldest"] = select(func.min(Cause.at)).where(*stands).scalar_subquery()
    for name, parts in (("vacant", _vacant(ask.today)), ("absent", _absent(ask.today))):
        if (runs := _together(ask, parts)) is not None:
            asked[name] = capped(runs)
    found = ask.session.execute(select(*(number.label(name) for name, number in asked.items()))).mappings().one()
    return tuple(
        CauseCount(rule.name, rule.title, found.get(rule.name, 0), found.get(f"{rule.name} oldest"))
        for rule in stuck.RULES
    )


def _together(ask: _Ask, parts: Sequence[Select[int]], *but: Select[int]) -> Select[int] | None:
    """Those runs of these that are neither suspended nor among `but`, each once, MOST of each part at most.

    None without parts. A part is one of tasks, and is cut off by itself: put together first, all would be gone through.
    """
    cut = [
        part.where(*(Task.run_id.not_in(runs) for runs in (_suspended(ask), *but))).distinct().limit(MOST + 1)
        for part in parts
    ]
    return select(union(*(select(part.subquery().c.run_id) for part in cut)).subquery().c.run_id) if cut else None


def _suspended(ask: _Ask) -> Select[int]:
    return select(Run.id).where(Run.office_id == ask.who.office_id, Run.state == RunState.SUSPENDED)


def _groups_of(ask: _Ask, by: By) -> tuple[Group, ...]:
    found = {By.SOP: _by_sop, By.JABATAN: _by_jabatan, By.PERSON: _by_person, By.CAUSE: _by_cause}[by](ask)
    return tuple(sorted(found, key=lambda group: (-group.stuck, -group.count, str(group.title))))


def _by_sop(ask: _Ask) -> list[Group]:
    own = select(Position.run_id).where(ask.here, Position.definition_id == Definition.id).correlate(Definition)
    oldest = select(func.min(Position.since)).where(ask.here, Position.definition_id == Definition.id)
    return _groups(
        ask,
        select(
            Definition.id.label("key"),
            Definition.title,
            capped(own).label("count"),
            capped(own.where(ask.stuck)).label("stuck"),
            capped(own.where(ask.overdue)).label("overdue"),
            oldest.scalar_subquery().label("oldest"),
        ).where(Definition.office_id == ask.who.office_id, own.exists()),
    )


def _by_jabatan(ask: _Ask) -> list[Group]:
    own = [Task.jabatan_id == Jabatan.id, UNFINISHED_TASK]
    mine = select(Task.run_id).where(*own).correlate(Jabatan)
    # Asked of each task, so that it ends with the last that is counted: a join goes through all of them.
    stands = select(ask.stuck).where(Position.run_id == Task.run_id).scalar_subquery()
    late = mine.where(Task.order_at <= ask.now, Task.run_id.not_in(_suspended(ask)))
    return _groups(
        ask,
        select(
            Jabatan.id.label("key"),
            Jabatan.name.label("title"),
            capped(mine).label("count"),
            capped(mine.where(stands.is_(true()))).label("stuck"),
            capped(late).label("overdue"),
            select(func.min(Task.created_at)).where(*own).correlate(Jabatan).scalar_subquery().label("oldest"),
        ).where(Jabatan.office_id == ask.who.office_id, mine.exists()),
    )


def _by_person(ask: _Ask) -> list[Group]:
    """Counted in one go: many people have few tasks each, and what people have claimed they can hold in their heads."""
    claimed = (
        select(
            Task.claimed_by.label("key"),
            func.count().label("count"),
            func.count().filter(ask.stuck).label("stuck"),
            func.count().filter(Position.suspended == false(), Task.order_at <= ask.now).label("overdue"),
            func.min(Task.created_at).label("oldest"),
        )
        .join(Position, Position.run_id == Task.run_id)
        .where(
            Task.jabatan_id.in_(select(Jabatan.id).where(Jabatan.office_id == ask.who.office_id)),
            task_is(TaskState.CLAIMED),
            UNFINISHED_TASK,  # said again for the index of unfinished tasks
        )
        .group_by(Task.claimed_by)
        .subquery()
    )
    return _groups(ask, select(claimed, Person.name.label("title")).join(Person, Person.id == claimed.c.key))


def _groups(ask: _Ask, query: Select[*tuple[Any, ...]]) -> list[Group]:
    return [
        Group(row["key"], row["title"], row["count"], row["stuck"], row["overdue"], row["oldest"])
        for row in ask.session.execute(query).mappings()
    ]


def _by_cause(ask: _Ask) -> list[Group]:
    return [
        Group(cause.name, cause.title, cause.runs, cause.runs, None, cause.oldest)
        for cause in _cause_counts(ask)
        if cause.runs
    ]
