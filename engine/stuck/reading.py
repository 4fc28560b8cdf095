"""Facts of runs read from the tables: one statement for runs with their tasks, others only where they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from engine.states import LIVE, UNFINISHED, RunState
from engine.stuck.causes import returned
from engine.stuck.facts import Facts, TaskFacts, WaitFacts
from engine.stuck.limits import limits
from engine.tables import Definition, Jabatan, Office, Person, Return, Run, Task, Version, Waiting
from engine.workdays import calendar_from

_called, _called_version = aliased(Run), aliased(Version)

_RUNS = (
    select(
        Run.id.label("run"),
        Run.office_id,
        Run.state,
        Run.round,
        Run.damage,
        Run.damaged_at,
        Run.started_at,
        Version.definition_id,
        Office.calendar,
        Office.timezone,
        Office.thresholds,
        Task.id.label("task"),
        Task.node_id,
        Task.name,
        Task.jabatan_id,
        Jabatan.name.label("jabatan"),
        Task.claimed_by,
        Person.name.label("person"),
        Task.reserved_for,
        Task.created_at,
        Task.claimed_at,
        Task.active_at,
        Task.due_at,
        Task.order_at,
    )
    .select_from(Run)
    .join(Version, Version.id == Run.version_id)
    .join(Office, Office.id == Run.office_id)
    .outerjoin(Task, and_(Task.run_id == Run.id, Task.state.in_(UNFINISHED)))
    .outerjoin(Jabatan, Jabatan.id == Task.jabatan_id)
    .outerjoin(Person, Person.id == Task.claimed_by)
    .where(Run.id.in_(bindparam("runs", expanding=True)), Run.state.in_(LIVE))
    .order_by(Run.id, Task.id)
)
"""Built once: to build it anew takes as long as to ask the database."""


def read(session: Session, run_ids: Collection[int]) -> tuple[Facts, ...]:
    """The facts of those of these runs that live, by id; of whatever office. Three statements at most.

    No more runs at once than fit into one statement.
    """
    rows = session.execute(_RUNS, {"runs": list(run_ids)})
    by_run = [list(of_run) for _, of_run in groupby(rows, key=lambda row: int(row.run))]
    offices = {row[0].office_id: row[0] for row in by_run}
    calendars = {one: calendar_from(row.calendar, row.timezone) for one, row in offices.items()}
    thresholds = {one: limits(row.thresholds) for one, row in offices.items()}
    waits = _waits(session, [row[0].run for row in by_run if row[0].task is None])
    too_often = {row[0].run: thresholds[row[0].office_id][returned.RULE.name] + 1 for row in by_run}
    worn = {row[0].run: too_often[row[0].run] for row in by_run if row[0].round >= too_often[row[0].run]}
    returns = _returns(session, worn)
    return tuple(
        Facts(
            run_id=head.run,
            office_id=head.office_id,
            definition_id=head.definition_id,
            calendar=calendars[head.office_id],
            limits=thresholds[head.office_id],
            suspended=head.state is RunState.SUSPENDED,
            round=head.round,
            returned_at=returns.get(head.run),
            damage=head.damage,
            damaged_at=head.damaged_at,
            started_at=head.started_at,
            tasks=tuple(_task(row) for row in of_run if row.task is not None),
            waits=tuple(waits.get(head.run, ())),
        )
        for of_run in by_run
        for head in of_run[:1]
    )


def _task(row: Any) -> TaskFacts:
    return TaskFacts(
        id=row.task,
        node_id=row.node_id,
        name=row.name,
        jabatan_id=row.jabatan_id,
        jabatan=row.jabatan,
        person_id=row.claimed_by,
        person=row.person,
        reserved_for=row.reserved_for,
        created_at=row.created_at,
        claimed_at=row.claimed_at,
        active_at=row.active_at,
        due_at=row.due_at,
        order_at=row.order_at,
    )


def _waits(session: Session, run_ids: Sequence[int]) -> dict[int, list[WaitFacts]]:
    """What these runs wait for beside people, with the runs that were called."""
    if not run_ids:
        return {}
    rows = session.execute(
        select(Waiting, _called.id.label("called_id"), Definition.title)
        .outerjoin(_called, and_(_called.parent_id == Waiting.run_id, _called.parent_engine_id == Waiting.engine_id))
        .outerjoin(_called_version, _called_version.id == _called.version_id)
        .outerjoin(Definition, Definition.id == _called_version.definition_id)
        .where(Waiting.run_id.in_(run_ids))
        .order_by(Waiting.run_id, Waiting.id)
    )
    found: dict[int, list[WaitFacts]] = {}
    for wait, called_id, title in rows:
        found.setdefault(wait.run_id, []).append(
            WaitFacts(wait.node_id, wait.kind, wait.name, wait.since, wait.due_at, called_id, title or "")
        )
    return found


def _returns(session: Session, worn: dict[int, int]) -> dict[int, datetime]:
    """For each of these runs when the return came that began this round."""
    if not worn:
        return {}
    begun = [
        and_(Return.run_id.in_([run for run, round_ in worn.items() if round_ == one]), Return.round == one)
        for one in set(worn.values())
    ]
    found = session.execute(select(Return.run_id, Return.returned_at).where(or_(*begun)))
    return {row.run_id: row.returned_at for row in found}
