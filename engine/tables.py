"""Every table, as SQLAlchemy classes. Only `engine` reads this; screens get frozen rows from `engine.queries`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.states import Alert, Capacity, LetterKind, NoticeKind, RunState, TaskState, Verb, Wait


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite has no time zones, so there it is stored without and given back with."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone rather than guess one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Base of all tables; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as it is
        datetime: Instant,
        date: Date,
        bool: Boolean,
        # Kept as the member's word in a plain column, so that a new member needs no migration.
        StrEnum: Enum(StrEnum, native_enum=False, length=16, values_callable=lambda states: [str(s) for s in states]),
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
    }


class Office(Table):
    """A kecamatan or other agency: the tenant that owns everything else."""

    __tablename__ = "offices"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    timezone: Mapped[str] = mapped_column(String(40))
    calendar: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """Working hours and days off where they differ from the regulation's: see `workdays.calendar_from`."""
    thresholds: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """From when its runs count as stuck, where that differs from what each cause says: see `engine.stuck`."""


class Jabatan(Table):
    """A position of an office; a lane of its diagrams."""

    __tablename__ = "jabatan"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    name: Mapped[str] = mapped_column(String(200))
    rank: Mapped[int] = mapped_column(Integer)


class JabatanAlias(Table):
    """Another name of a jabatan: what lanes call it that the office has mapped to it. `name` is case-folded."""

    __tablename__ = "jabatan_aliases"
    __table_args__ = (UniqueConstraint("office_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    name: Mapped[str] = mapped_column(String(200))
    jabatan_id: Mapped[int] = mapped_column(ForeignKey("jabatan.id"), index=True)


class Person(Table):
    """Somebody who logs in."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(200), server_default="")
    """Where notices are sent; nowhere if empty."""
    digest: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether the morning's digest is sent there as well, to a manager."""
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    must_change: Mapped[bool] = mapped_column(server_default=text("false"))
    """The password was set by somebody else, and is good for nothing but choosing an own one."""
    rights: Mapped[list[str]]


class LogIn(Table):
    """A browser in which a person is logged in. Only the hash of its token is kept; the row goes when it ends."""

    __tablename__ = "log_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When the person last did something there, to the minute."""
    ends_at: Mapped[datetime] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(String(100))
    """What browser it is, in words."""
    address: Mapped[str] = mapped_column(String(45))


class Throttle(Table):
    """Failed attempts to log in, counted: for an account, for a browser that is known, for an address.

    `name` says for which: `engine.throttling` makes it.
    """

    __tablename__ = "throttles"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    accounts: Mapped[list[str]]
    """Of an address, which accounts failed from there."""
    free_at: Mapped[datetime]
    """Before this moment no further attempt is taken."""
    forget_at: Mapped[datetime] = mapped_column(index=True)


class Letter(Table):
    """A mail about somebody's account, and its way to the mailbox; for a new password, also what its link is worth."""

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """None where a new password was asked for an account that there is not, which takes as long."""
    kind: Mapped[LetterKind]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int]
    send_at: Mapped[datetime | None] = mapped_column(index=True)
    """When to try next; None where it was sent or given up."""
    failure: Mapped[str] = mapped_column(Text, server_default="")
    sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Of the secret in its link, which is made when it is sent; None before that, and when it was used."""
    ends_at: Mapped[datetime | None]
    """Until when the link can be used."""


class Identity(Table):
    """Somebody known to a provider of single sign-on, by what never changes there, is this person."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    bound_at: Mapped[datetime]


class Token(Table):
    """By what an application acts for a person. Only the hash of its secret is kept; the row stays for good."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    """What its owner calls it."""
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """From when it is worth nothing; never where None."""
    used_at: Mapped[datetime | None]
    """When it was last used, to the minute."""
    revoked_at: Mapped[datetime | None]


class Holding(Table):
    """A person holds a jabatan from a day to a day, both included; an open end is None."""

    __tablename__ = "holdings"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    jabatan_id: Mapped[int] = mapped_column(ForeignKey("jabatan.id"), index=True)
    capacity: Mapped[Capacity]
    since: Mapped[date]
    until: Mapped[date | None]


class Absence(Table):
    """A person is away from a day to a day, both included, and somebody else may act in the meantime."""

    __tablename__ = "absences"
    __table_args__ = (Index(None, "routed_at", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]
    note: Mapped[str] = mapped_column(Text, server_default="")
    noted_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    noted_at: Mapped[datetime]
    routed_at: Mapped[datetime | None]
    """When the person's claimed tasks went to the substitute; None before that, and after they came back."""


class AdminChange(Table):
    """What an administrator changed in an office, from what to what: append-only, and never with a secret."""

    __tablename__ = "admin_changes"
    __table_args__ = (Index(None, "office_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """Who did it; None where whoever runs the installation did, on the command line or at the first start."""
    kind: Mapped[str] = mapped_column(String(40))
    """A member of `engine.administration.record.Kind`."""
    about: Mapped[str] = mapped_column(String(450))
    """The name, by then, of who or what was changed."""
    fields: Mapped[list[Any]]
    """For each that changed its name, what it was and what it is, all in words: `["until", "", "2026-12-31"]`."""


class Definition(Table):
    """An SOP as a process, over all its versions. `published` is the number of the version that new runs get."""

    __tablename__ = "definitions"
    __table_args__ = (UniqueConstraint("office_id", "process_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(300))
    number: Mapped[str] = mapped_column(String(120))
    published: Mapped[int | None]
    created_at: Mapped[datetime]
    next_start: Mapped[datetime | None] = mapped_column(index=True)
    """When the timer of its published version starts the next run."""
    retired_at: Mapped[datetime | None]
    """Since when nobody starts runs of it any more; None while it is in force."""


class Source(Table):
    """A document that a definition was drawn from, the newest last; `part` is its place in it, counted from 0."""

    __tablename__ = "sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    part: Mapped[int]
    added_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]


class Draft(Table):
    """The one diagram of a definition that analysts are working on; `revision` guards against lost edits."""

    __tablename__ = "drafts"

    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), primary_key=True)
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int]
    saved_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    saved_at: Mapped[datetime]
    unseen: Mapped[bool] = mapped_column(server_default=text("false"))
    """It came from a document, and no analyst has said yet to have looked at all of it."""


class Version(Table):
    """A published diagram: never changed. `lanes` maps its lane ids to jabatan ids, `sha256` names its bytes."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("definition_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    number: Mapped[int]
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    lanes: Mapped[dict[str, Any]]
    starters: Mapped[list[Any]]
    """Ids of the jabatan that act first, and so may start a run."""
    note: Mapped[str] = mapped_column(Text)
    published_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    published_at: Mapped[datetime]


class Run(Table):
    """One execution of a version. `state_of_engine` is what `engine.spiff` needs to go on; `revision` guards it."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(None, "office_id", "state", "id"),
        Index(None, "office_id", "id"),
        Index(None, "version_id", "state"),
        Index("ix_runs_started", "office_id", "started_at"),
        Index(
            "ix_runs_ended",
            *("office_id", "finished_at", "state"),
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    subject: Mapped[str] = mapped_column(String(300))
    agenda: Mapped[str] = mapped_column(String(60), server_default="")
    """Nomor agenda, as the office numbers its incoming letters."""
    state: Mapped[RunState]
    round: Mapped[int]
    """1 at the start, one more with each return."""
    revision: Mapped[int]
    state_of_engine: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    started_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None where a timer or another run started it."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    damage: Mapped[str] = mapped_column(Text, server_default="")
    """Why its state does not load; empty while it does."""
    damaged_at: Mapped[datetime | None]
    """When that was found; None for what releases before 0.3 found."""
    lead: Mapped[int | None]
    """Once it is finished, the minutes of working time that it took, as `engine.tallies` counted them."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    """The run that called this one, and waits for it under `parent_engine_id`."""
    parent_engine_id: Mapped[str | None] = mapped_column(String(32))
    undo_task: Mapped[int | None]
    """Id of the task finished last, while that can be taken back; `undo_state` is the state before."""
    undo_state: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    undo_flows: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    """Those that finishing that task went along, as they were counted."""


_NARROWING = ("run_id", "definition_id", "return_id")


def _index_of_open(name: str, *columns: str) -> Index:
    """An index of the open tasks of each jabatan: it does not grow with what was finished."""
    which = text("state = 'open'")
    return Index(name, "jabatan_id", *columns, sqlite_where=which, postgresql_where=which)


def _index_of_unfinished(name: str, *columns: str) -> Index:
    """An index of the tasks that wait or are worked on."""
    which = text("state IN ('open', 'claimed')")
    return Index(name, *columns, sqlite_where=which, postgresql_where=which)


class Task(Table):
    """One open or finished piece of work of a run, for one jabatan."""

    __tablename__ = "tasks"
    __table_args__ = (
        # The columns behind each order are those that a list is narrowed by, so that no row is looked up in vain.
        _index_of_open("ix_tasks_open_by_deadline", "order_at", "id", "state", "reserved_for", *_NARROWING),
        _index_of_open("ix_tasks_open_by_id", "id", "state", "reserved_for", "order_at", *_NARROWING),
        Index(
            "ix_tasks_finished",
            *("finished_by", "finished_at", "id", "jabatan_id", "order_at", *_NARROWING),
            sqlite_where=text("finished_by IS NOT NULL"),
            postgresql_where=text("finished_by IS NOT NULL"),
        ),
        _index_of_unfinished(
            "ix_tasks_unfinished_by_step", "definition_id", "node_id", "created_at", "run_id", "state"
        ),
        _index_of_unfinished(
            "ix_tasks_unfinished_by_jabatan",
            *("jabatan_id", "state", "order_at", "created_at", "run_id", "claimed_by", "reserved_for"),
        ),
        # What was returned, the newest last: reasons are read for a month of an SOP.
        Index(
            "ix_tasks_returned",
            *("definition_id", "finished_at", "id"),
            sqlite_where=text("state = 'returned'"),
            postgresql_where=text("state = 'returned'"),
        ),
        Index(None, "claimed_by", "state", "order_at", "id"),
        Index(None, "claimed_by", "state", "id"),
        Index(None, "run_id", "id"),
        UniqueConstraint("run_id", "engine_id", "part"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    """The SOP of its run, so that a list can be narrowed to one without looking at the runs."""
    engine_id: Mapped[str] = mapped_column(String(32))
    """The task's id inside the run's state."""
    part: Mapped[int] = mapped_column(server_default="0")
    """Which of the holders' parts of a task that each of them does, from 1; 0 for a task done once."""
    reserved_for: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """The one person who may claim it, where it is a holder's part."""
    node_id: Mapped[str] = mapped_column(String(200))
    """The element of the diagram."""
    name: Mapped[str] = mapped_column(String(300))
    jabatan_id: Mapped[int] = mapped_column(ForeignKey("jabatan.id"))
    state: Mapped[TaskState]
    round: Mapped[int]
    return_id: Mapped[int | None] = mapped_column(ForeignKey("returns.id"))
    """The return that brought this task back, if one did."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    order_at: Mapped[datetime]
    """Its place in a list by deadline: `due_at`, and for a task without one a moment behind all that have one."""
    near_at: Mapped[datetime | None]
    """When people are told that the deadline is near."""
    alert: Mapped[Alert] = mapped_column(server_default=Alert.NONE)
    alert_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the worker next has something to tell about it."""
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    claimed_at: Mapped[datetime | None]
    active_at: Mapped[datetime | None]
    """When somebody last took it up, did something with it, or gave it back; None before that."""
    finished_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    finished_at: Mapped[datetime | None]
    waited: Mapped[int | None]
    """Once it is finished, the minutes that it waited to be claimed, as `engine.tallies` counted them."""
    worked: Mapped[int | None]
    """And those from then on."""
    choice: Mapped[str | None] = mapped_column(Text)
    """The flow of the diagram that was chosen; several, behind an inclusive gateway, with spaces between them."""
    note: Mapped[str] = mapped_column(Text, server_default="")
    entries: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """What was entered into the fields of its form. Like `choice` and `note` a draft until the task is finished."""


class Involvement(Table):
    """A person has finished a task of a run that is still live: what the person waits for."""

    __tablename__ = "involvements"
    __table_args__ = (Index(None, "person_id", "at", "run_id"), Index(None, "run_id"))

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    at: Mapped[datetime]
    """When the person last sent it on."""


class Word(Table):
    """A word by which a run is found, as `engine.words` cuts it."""

    __tablename__ = "words"
    __table_args__ = (Index(None, "office_id", "live", "word", "run_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    word: Mapped[str] = mapped_column(String(40).with_variant(String(40, "C"), "postgresql"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    live: Mapped[bool]
    """Whether the run is; so that a common word of many finished runs costs nothing in lists of open work."""


class Position(Table):
    """Where a live run stands, as managers see it: kept by `engine.stuck` with every act, gone when the run ends."""

    __tablename__ = "positions"
    __table_args__ = (
        # Behind each order are the columns that a board is narrowed by, so that no row is looked up in vain.
        Index(
            "ix_positions_by_since",
            "office_id",
            "since",
            "run_id",
            "stuck_at",
            "definition_id",
            "order_at",
            "suspended",
        ),
        Index("ix_positions_by_deadline", "office_id", "order_at", "run_id", "stuck_at", "definition_id", "suspended"),
        Index("ix_positions_by_stuck", "office_id", "stuck_at"),
        Index(
            "ix_positions_by_sop",
            *("office_id", "definition_id", "stuck_at", "order_at", "since", "suspended", "run_id"),
        ),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"))
    since: Mapped[datetime]
    """Since when the oldest of its unfinished tasks waits; without one, of what else it waits for."""
    order_at: Mapped[datetime]
    """The earliest deadline of its unfinished tasks; `workdays.NEVER` where none has one."""
    stuck_at: Mapped[datetime]
    """The earliest moment of its causes; `workdays.NEVER` where there is none."""
    suspended: Mapped[bool]
    round: Mapped[int]


class Cause(Table):
    """From `at` on a run is stuck by a cause, unless something is done before; `cause` is a rule of `engine.stuck`."""

    __tablename__ = "causes"
    __table_args__ = (Index(None, "office_id", "cause", "at", "run_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(String(16), primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    at: Mapped[datetime]


class StepTally(Table):
    """What became of the tasks of a step that one jabatan finished in a month: counted with each act, never by looking.

    Sums are whole minutes of working time; histograms say how many tasks took how long (`engine.tallies.bucket`).
    """

    __tablename__ = "step_tallies"
    __table_args__ = (Index(None, "office_id", "month", "definition_id"),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), primary_key=True)
    node_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    jabatan_id: Mapped[int] = mapped_column(ForeignKey("jabatan.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    """Its first day, in the office's time zone."""
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    finished: Mapped[int]
    timed: Mapped[int]
    """Those of them that had a deadline; `on_time` met it."""
    on_time: Mapped[int]
    returned: Mapped[int]
    """Those of them that sent their run back; `redone` had been brought back by a return."""
    redone: Mapped[int]
    waiting: Mapped[int]
    """Minutes from when it could be claimed until it was; `working` from then until it was finished."""
    working: Mapped[int]
    waited: Mapped[dict[str, Any]]
    worked: Mapped[dict[str, Any]]
    taken: Mapped[dict[str, Any]]
    """Histograms of the minutes of waiting, of working, and of both together."""


class RunTally(Table):
    """What became of the runs of an SOP in a month: started in it, and finished or cancelled in it."""

    __tablename__ = "run_tallies"
    __table_args__ = (Index(None, "office_id", "month", "definition_id"),)

    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    started: Mapped[int]
    finished: Mapped[int]
    cancelled: Mapped[int]
    on_time: Mapped[int]
    """Finished runs of which no task was finished behind its deadline."""
    returns: Mapped[int]
    """How often the finished runs had been sent back."""
    lead: Mapped[int]
    """Minutes of working time from the start to the end of the finished ones."""
    led: Mapped[dict[str, Any]]
    """The histogram of it."""


class FlowTally(Table):
    """How often runs of an SOP went along a flow of its diagram in a month."""

    __tablename__ = "flow_tallies"

    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), primary_key=True)
    edge_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    passed: Mapped[int]


class Batch(Table):
    """An act of a manager on many runs at once; the history of each run it changed names it."""

    __tablename__ = "batches"
    __table_args__ = (Index(None, "office_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    verb: Mapped[Verb]
    note: Mapped[str] = mapped_column(Text)
    done_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    done_at: Mapped[datetime]
    done: Mapped[int]
    """In how many runs it did something; in `refused` of those chosen nothing."""
    refused: Mapped[int]
    outcome: Mapped[list[Any]] = mapped_column(deferred=True)
    """For each run that was chosen what became of it, or why nothing: as `engine.batches` keeps it."""


class Digest(Table):
    """The morning's summary of an office for one of its managers, and its way to the mailbox."""

    __tablename__ = "digests"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    send_at: Mapped[datetime | None] = mapped_column(index=True)
    """When to try next; None where it was sent or given up."""
    failure: Mapped[str] = mapped_column(Text, server_default="")


class Waiting(Table):
    """Something other than a person that a run waits for: a moment, a message, a signal, the end of another run."""

    __tablename__ = "waits"
    __table_args__ = (UniqueConstraint("run_id", "engine_id"), Index(None, "office_id", "kind", "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    engine_id: Mapped[str] = mapped_column(String(32))
    node_id: Mapped[str] = mapped_column(String(200))
    kind: Mapped[Wait]
    name: Mapped[str] = mapped_column(String(300))
    """Of a message or signal its name, of a call the process id of the SOP; empty for a timer."""
    since: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """When a timer fires."""
    next_due: Mapped[datetime | None] = mapped_column(index=True)
    """The same, but None while the run is suspended or damaged: what the worker looks for."""


def task_is(state: TaskState) -> ColumnElement[bool]:
    """That a task is in this state, written out in the statement: else a partial index of such tasks is not taken."""
    return Task.state == literal(state, Task.state.type, literal_execute=True)


OPEN_TASK = task_is(TaskState.OPEN)

UNFINISHED_TASK = Task.state.in_(
    [literal(state, Task.state.type, literal_execute=True) for state in (TaskState.OPEN, TaskState.CLAIMED)]
)
"""That a task waits or is worked on, in the very words of the index of such tasks: SQLite takes it for no others."""


class Return(Table):
    """A return (*pengembalian*): a task that sent its run back, by which flow, to where and why."""

    __tablename__ = "returns"
    __table_args__ = (Index(None, "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    edge_id: Mapped[str] = mapped_column(String(200))
    from_node: Mapped[str] = mapped_column(String(200))
    to_nodes: Mapped[list[str]]
    reason: Mapped[str] = mapped_column(Text)
    round: Mapped[int]
    """The round that this return began."""
    returned_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    returned_at: Mapped[datetime]


class History(Table):
    """What was done, by whom, in which jabatan and capacity: append-only, and the database refuses to change it."""

    __tablename__ = "history"
    __table_args__ = (Index(None, "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    at: Mapped[datetime]
    verb: Mapped[Verb]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    """None where nobody acted: a timer did, or the worker."""
    jabatan_id: Mapped[int | None] = mapped_column(ForeignKey("jabatan.id"))
    capacity: Mapped[Capacity | None]
    facts: Mapped[dict[str, Any]]
    """What else is worth telling: `choice`, `note`, `reason`, `round`."""
    hash: Mapped[str] = mapped_column(String(64), server_default="")
    """Of this entry and of all of its run before it: see `engine.sealing`. Empty until an upgrade has chained it."""


class Seal(Table):
    """How much history a run has, and the hash of its last entry: so that it shows where the newest are missing."""

    __tablename__ = "seals"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class Submission(Table):
    """An act that came with an idempotency key, and its answer, so that a second submit gets the same."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    key: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(64))
    """Names the act and all that was asked of it, so that a key used for something else is refused."""
    answer: Mapped[Any] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(index=True)


class Document(Table):
    """A file attached to a run. Its bytes are in the store under `sha256`."""

    __tablename__ = "documents"
    __table_args__ = (Index(None, "run_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    """The task it was attached with; None where it came with the run."""
    title: Mapped[str] = mapped_column(String(300), server_default="")
    """Which document of the diagram it is (a data object, or a part of the kelengkapan), if it is one."""
    filename: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    """Bytes."""
    media_type: Mapped[str] = mapped_column(String(100))
    """Judged by content, not by what the sender says."""
    added_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """When it was taken off the list; the record and the bytes stay."""


class Notice(Table):
    """Something a person is told about a run; and its way to the person's mailbox, where there is one."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "person_id", "read_at", "id"), Index(None, "person_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"))
    kind: Mapped[NoticeKind]
    facts: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often it was tried to send it by e-mail."""
    send_at: Mapped[datetime | None] = mapped_column(index=True)
    """When to try next; None where it was sent, given up, or has no mailbox to go to."""
    failure: Mapped[str] = mapped_column(Text, server_default="")
    """Why the last attempt failed."""


class Migration(Table):
    """An act that moved runs of a definition to another of its versions; it can be taken back as one."""

    __tablename__ = "migrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("definitions.id"), index=True)
    to_version: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    note: Mapped[str] = mapped_column(Text)
    moved_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    moved_at: Mapped[datetime]
    reverted_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reverted_at: Mapped[datetime | None]


class MigratedRun(Table):
    """A run that was moved, and all that is needed to take it back while nothing has been done to it since."""

    __tablename__ = "migrated_runs"

    migration_id: Mapped[int] = mapped_column(ForeignKey("migrations.id"), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True, index=True)
    from_version: Mapped[int] = mapped_column(ForeignKey("versions.id"))
    before: Mapped[bytes] = mapped_column(LargeBinary)
    """The state of the run before."""
    changed: Mapped[list[Any]]
    """For each task whose row was changed its id and what it held before."""
    revision: Mapped[int]
    """Of the run after the move."""
