"""Acts of a manager on many runs: what is shown before is what happens, and it is kept as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from engine import alerts, batches, errors, offices, runs, tasks
from engine.batches import Outcome, Wish
from engine.database import Database, Session
from engine.queries import batches as queries
from engine.states import Capacity, Right, RunState, TaskState, Verb
from engine.tables import Batch, History, Notice, Person, Task
from tests.engine.conftest import Office
from tests.engine.flows import approval, parallel
from tests.engine.people import open_tasks, stored


@pytest.fixture
def started(database: Database, office: Office, surat: int) -> tuple[int, ...]:
    """Three runs that wait at the first step, which is the Kasubag's and the Rekan's; the Kasubag has the first."""
    with database.transaction() as session:
        found = tuple(office.start(session, surat, subject=f"Surat {number}") for number in range(3))
        tasks.claim(session, office(session, "kasubag"), open_tasks(session, found[0])[0].id, office.now)
        return found


def tried(database: Database, office: Office, wish: Wish) -> tuple[Outcome, ...]:
    with database.transaction() as session:
        return batches.trial(session, office(session, "manajer"), wish, office.now)


def marks(outcomes: tuple[Outcome, ...]) -> dict[int, str]:
    return {one.run_id: one.mark for one in outcomes}


def done(
    database: Database, office: Office, wish: Wish, shown: Mapping[int, str] | None = None, key: str | None = None
) -> int:
    """The act on many, with what was shown just before; its id."""
    shown = marks(tried(database, office, wish)) if shown is None else shown
    with database.transaction() as session:
        return batches.run(session, office(session, "manajer"), wish, shown, key, office.now)


def counted(session: Session) -> tuple[int, ...]:
    return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in (History, Notice, Batch))


WISHES = {
    "remind": Wish(Verb.REMIND, ()),
    "suspend": Wish(Verb.SUSPEND, (), "Menunggu kebijakan"),
    "cancel": Wish(Verb.CANCEL, (), "Tidak jadi"),
    "reassign": Wish(Verb.REASSIGN, ()),
}


@pytest.mark.parametrize("wanted", WISHES)
def test_a_trial_writes_nothing_and_tells_what_then_happens(
    database: Database, office: Office, started: tuple[int, ...], wanted: str
) -> None:
    to = {office.jabatan["Kasubag Umum"]: office.people["rekan"]}
    wish = replace(WISHES[wanted], runs=started, receivers=to if wanted == "reassign" else {})
    with database.reading() as session:
        before = counted(session)
    shown = tried(database, office, wish)
    with database.reading() as session:
        assert counted(session) == before
    batch = done(database, office, wish, marks(shown))
    with database.reading() as session:
        assert queries.one(session, office(session, "manajer"), batch).outcomes == shown


def test_a_reminder_says_who_is_reached_and_who_of_them_by_mail(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["rekan"]).values(email="rekan@example.go.id"))
    first, second, _ = tried(database, office, Wish(Verb.REMIND, started))
    assert [(one.name, one.mail) for one in first.parts[0].people] == [("Kasubag", False)]
    assert [(one.name, one.mail) for one in second.parts[0].people] == [("Kasubag", False), ("Rekan Kasubag", True)]
    assert (first.parts[0].holder, second.parts[0].holder) == ("Kasubag", None)


def test_what_cannot_be_done_is_told_with_its_sentence_and_the_rest_is_done(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        manager = office(session, "manajer")
        alerts.remind(session, manager, open_tasks(session, started[0])[0].id, "", office.now)
        runs.suspend(session, manager, started[1], "Menunggu", office.now)
    shown = tried(database, office, Wish(Verb.REMIND, started))
    refused = [str(one.parts[0].refused or "") for one in shown]
    assert refused[0] == "Tugas ini sudah diingatkan dalam satu jam terakhir; tunggu dahulu."
    assert "ditangguhkan" in refused[1]
    assert refused[2] == ""
    batch = done(database, office, Wish(Verb.REMIND, started))
    with database.reading() as session:
        row = queries.one(session, office(session, "manajer"), batch).row
        assert (row.done, row.refused) == (1, 2)


def test_the_history_of_each_run_has_its_entry_and_names_the_act_on_many(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    batch = done(database, office, Wish(Verb.SUSPEND, started, "Menunggu kebijakan"))
    with database.reading() as session:
        entries = session.scalars(select(History).where(History.verb == Verb.SUSPEND).order_by(History.run_id)).all()
        assert [one.run_id for one in entries] == list(started)
        assert [one.facts for one in entries] == [{"note": "Menunggu kebijakan", "batch": batch}] * 3
        assert {stored(session, run).state for run in started} == {RunState.SUSPENDED}
        others = session.scalars(select(History).where(History.verb != Verb.SUSPEND)).all()
        assert not any("batch" in one.facts for one in others)


def test_suspended_runs_go_on_again_by_one_act(database: Database, office: Office, started: tuple[int, ...]) -> None:
    batch = done(database, office, Wish(Verb.SUSPEND, started, "Menunggu kebijakan"))
    with database.transaction() as session:
        manager = office(session, "manajer")
        assert queries.one(session, manager, batch).suspended == started
        runs.resume(session, manager, started[1], "", office.now)
        left = queries.one(session, manager, batch).suspended
    assert left == (started[0], started[2])
    again = done(database, office, Wish(Verb.RESUME, left))
    with database.reading() as session:
        assert {stored(session, run).state for run in started} == {RunState.RUNNING}
        assert queries.one(session, office(session, "manajer"), batch).suspended == ()
        assert queries.one(session, office(session, "manajer"), again).row.verb is Verb.RESUME


def test_what_changed_since_it_was_shown_is_not_done_blindly(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    wish = Wish(Verb.REMIND, started)
    shown = marks(tried(database, office, wish))
    with database.transaction() as session:
        tasks.claim(session, office(session, "rekan"), open_tasks(session, started[1])[0].id, office.now)
    with pytest.raises(errors.OutcomeChanged):
        done(database, office, wish, shown)
    now = marks(tried(database, office, wish))
    assert [run for run in started if now[run] != shown[run]] == [started[1]]
    with database.reading() as session:
        assert session.scalars(select(Batch.id)).all() == []
        assert session.scalars(select(History).where(History.verb == Verb.REMIND)).all() == []


def test_sent_twice_it_is_done_once(database: Database, office: Office, started: tuple[int, ...]) -> None:
    wish = Wish(Verb.REMIND, started, "Mohon diselesaikan")
    shown = marks(tried(database, office, wish))
    first = done(database, office, wish, shown, "kunci")
    assert done(database, office, wish, shown, "kunci") == first
    with database.reading() as session:
        assert len(session.scalars(select(History).where(History.verb == Verb.REMIND)).all()) == len(started)
    with pytest.raises(errors.KeyUsed):
        done(database, office, replace(wish, note="Lain"), shown, "kunci")


def test_tasks_go_to_the_receiver_chosen_for_their_jabatan(database: Database, office: Office) -> None:
    with database.transaction() as session:
        run = office.start(session, office.publish(session, parallel()), by="camat")
        first = open_tasks(session, run)[0].id
        tasks.claim(session, office(session, "camat"), first, office.now)
        tasks.complete(session, office(session, "camat"), first, None, "", office.now)
    to = {office.jabatan["Kasubag Umum"]: office.people["rekan"]}
    wish = Wish(Verb.REASSIGN, (run,), "Ibu Kasubag cuti", to)
    (shown,) = tried(database, office, wish)
    assert shown.done
    told = {part.jabatan: (str(part.refused or ""), part.people) for part in shown.parts}
    assert told["Sekretaris"][0] == "Belum dipilih siapa yang menerima tugas jabatan Sekretaris."
    assert [one.name for one in told["Kasubag Umum"][1]] == ["Rekan Kasubag"]
    done(database, office, wish)
    with database.reading() as session:
        claimed = {task.jabatan_id: task.claimed_by for task in open_tasks(session, run)}
    assert claimed == {
        office.jabatan["Kasubag Umum"]: office.people["rekan"],
        office.jabatan["Sekretaris"]: None,
    }


def test_a_receiver_who_does_not_hold_the_jabatan_or_has_the_task_is_refused(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    for person, why in (("camat", "pemegang jabatan yang bersangkutan"), ("kasubag", "sudah di tangan Kasubag")):
        to = {office.jabatan["Kasubag Umum"]: office.people[person]}
        (shown,) = tried(database, office, Wish(Verb.REASSIGN, started[:1], "", to))
        assert why in str(shown.parts[0].refused)


def test_choices_are_those_who_act_for_the_jabatan_and_do_not_have_it_all(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    with database.reading() as session:
        manager = office(session, "manajer")
        (one,) = queries.choices(session, manager, Wish(Verb.REASSIGN, started[:1]), office.now)
        assert [person.name for person in one.people] == ["Rekan Kasubag"]
        (all_of_them,) = queries.choices(session, manager, Wish(Verb.REASSIGN, started), office.now)
        assert [person.name for person in all_of_them.people] == ["Kasubag", "Rekan Kasubag"]
        assert (all_of_them.jabatan, all_of_them.tasks) == ("Kasubag Umum", 3)


def test_somebody_who_leaves_hands_everything_over_and_what_stays_with_nobody_is_told(
    database: Database, office: Office, surat: int, started: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        kasubag = office(session, "kasubag")
        tasks.claim(session, kasubag, open_tasks(session, started[1])[0].id, office.now)
        offices.hold(session, kasubag.id, office.jabatan["Camat"], date(2026, 1, 1))
        session.execute(update(Person).where(Person.id == office.people["camat"]).values(active=False))
        other = office.start(session, office.publish(session, replace(parallel(), process_id="serentak")), by="kasubag")
    with database.reading() as session:
        leaver = queries.leaver(session, office(session, "manajer"), office.people["kasubag"], office.now)
        busy = queries.busy(session, office(session, "manajer"))
    assert leaver.runs == started[:2]
    assert [(one.jabatan, one.tasks) for one in leaver.alone] == [("Camat", 1)]
    assert [(one.name, one.tasks) for one in busy] == [("Kasubag", 2)]
    to = {office.jabatan["Kasubag Umum"]: office.people["rekan"]}
    batch = done(database, office, Wish(Verb.HAND_OVER, leaver.runs, "Mutasi", to, leaver.id))
    with database.reading() as session:
        for run in started[:2]:
            assert open_tasks(session, run)[0].claimed_by == office.people["rekan"]
        assert open_tasks(session, started[2])[0].state is TaskState.OPEN
        assert open_tasks(session, other)[0].state is TaskState.OPEN
        entry = session.scalars(select(History).where(History.verb == Verb.REASSIGN).limit(1)).one()
        assert entry.facts == {"person": "Rekan Kasubag", "note": "Mutasi", "batch": batch}
        assert queries.busy(session, office(session, "manajer"))[0].name == "Rekan Kasubag"


def test_of_a_leaver_only_the_own_tasks_are_handed_over(database: Database, office: Office) -> None:
    with database.transaction() as session:
        run = office.start(session, office.publish(session, parallel()), by="camat")
        first = open_tasks(session, run)[0].id
        tasks.claim(session, office(session, "camat"), first, office.now)
        tasks.complete(session, office(session, "camat"), first, None, "", office.now)
        for task in open_tasks(session, run):
            name = "sekretaris" if task.jabatan_id == office.jabatan["Sekretaris"] else "kasubag"
            tasks.claim(session, office(session, name), task.id, office.now)
    to = dict.fromkeys(office.jabatan.values(), office.people["rekan"])
    (shown,) = tried(database, office, Wish(Verb.HAND_OVER, (run,), "", to, office.people["kasubag"]))
    assert [part.holder for part in shown.parts] == ["Kasubag"]


def test_a_reason_is_asked_for_once_and_not_of_each_run(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    for verb in (Verb.SUSPEND, Verb.CANCEL):
        wish = Wish(verb, started, "  ")
        shown = tried(database, office, wish)
        assert all(one.done for one in shown), "it is still to be written"
        with pytest.raises(errors.Invalid, match="alasan"):
            done(database, office, wish, marks(shown))
    with pytest.raises(errors.TooLong):
        done(database, office, Wish(Verb.REMIND, started, "x" * 1001), {})


def test_where_nothing_can_be_done_there_is_no_act(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    with pytest.raises(errors.Invalid, match="Tidak ada satu pun"):
        done(database, office, Wish(Verb.RESUME, started))
    with database.reading() as session:
        assert session.scalars(select(Batch.id)).all() == []


def test_a_run_that_waits_for_nobody_says_so(database: Database, office: Office, started: tuple[int, ...]) -> None:
    with database.transaction() as session:
        session.execute(update(Task).where(Task.run_id == started[2]).values(state=TaskState.WITHDRAWN))
    shown = tried(database, office, Wish(Verb.REMIND, started))
    assert str(shown[2].parts[0].refused) == "Berkas ini sedang tidak menunggu tugas siapa pun."


def test_a_reminder_that_reaches_nobody_is_refused(
    database: Database, office: Office, started: tuple[int, ...]
) -> None:
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["kasubag"]).values(active=False))
    first, second, _ = tried(database, office, Wish(Verb.REMIND, started))
    assert "Tidak ada pegawai aktif" in str(first.parts[0].refused)
    assert [one.name for one in second.parts[0].people] == ["Rekan Kasubag"]


def test_runs_that_are_given_up_with_one_are_told(database: Database, office: Office, surat: int) -> None:
    with database.transaction() as session:
        run = office.start(session, surat)
        called = office.start(session, surat, subject="Dipanggil")
        inner = office.start(session, surat, subject="Lebih dalam")
        for child, parent in ((called, run), (inner, called)):
            stored(session, child).parent_id = parent
            session.flush()
    shown = tried(database, office, Wish(Verb.CANCEL, (run, called), "Tidak jadi"))
    assert shown[0].called == ("Dipanggil", "Lebih dalam")
    assert not shown[1].done, "it has been given up with the first by then"


def test_acts_are_of_managers_and_of_the_own_office(
    database: Database, office: Office, neighbour: Office, started: tuple[int, ...]
) -> None:
    wish = Wish(Verb.SUSPEND, started, "Menunggu")
    batch = done(database, office, wish)
    with database.transaction() as session:
        stranger = neighbour(session, "manajer")
        for asked in (
            lambda: batches.trial(session, stranger, wish, office.now),
            lambda: batches.run(session, stranger, wish, {}, None, office.now),
            lambda: queries.one(session, stranger, batch),
            lambda: queries.leaver(session, stranger, office.people["kasubag"], office.now),
        ):
            with pytest.raises(errors.NotFound), session.begin_nested():
                asked()
        assert queries.done(session, stranger).rows == ()
        assert queries.busy(session, stranger) == ()
        assert queries.choices(session, stranger, wish, office.now) == ()
        clerk = office(session, "kasubag")
        assert not clerk.may(Right.MANAGER)
        acts: tuple[Callable[[], object], ...] = (
            lambda: batches.trial(session, clerk, wish, office.now),
            lambda: batches.run(session, clerk, wish, {}, None, office.now),
            lambda: queries.done(session, clerk),
            lambda: queries.one(session, clerk, batch),
            lambda: queries.busy(session, clerk),
            lambda: queries.choices(session, clerk, wish, office.now),
            lambda: queries.claimers(session, clerk, wish),
            lambda: queries.leaver(session, clerk, clerk.id, office.now),
        )
        for act in acts:
            with pytest.raises(errors.NotAllowed):
                act()


def test_none_and_too_many_are_refused(database: Database, office: Office) -> None:
    for ids in ((), tuple(range(1, batches.LIMIT + 2))):
        with pytest.raises(errors.Invalid):
            tried(database, office, Wish(Verb.REMIND, ids))


def test_acts_are_listed_newest_first_page_by_page(database: Database, office: Office) -> None:
    with database.transaction() as session:
        for number in range(60):
            session.add(
                Batch(
                    office_id=office.id,
                    verb=Verb.REMIND,
                    note=str(number),
                    done_by=office.people["manajer"],
                    done_at=office.now + timedelta(minutes=number),
                    done=1,
                    refused=0,
                    outcome=[],
                )
            )
    with database.reading() as session:
        manager = office(session, "manajer")
        first = queries.done(session, manager)
        second = queries.done(session, manager, first.next)
    assert [row.note for row in (*first.rows, *second.rows)] == [str(number) for number in reversed(range(60))]
    assert second.next is None


def test_a_rule_of_a_step_is_told_before(database: Database, office: Office) -> None:
    flow = approval()
    nodes = tuple(
        replace(node, properties={**node.properties, "hanya_definitif": "ya"}) if node.id == "langkah_1" else node
        for node in flow.nodes
    )
    with database.transaction() as session:
        run = office.start(session, office.publish(session, replace(flow, nodes=nodes)))
        offices.hold(
            session, office.people["camat"], office.jabatan["Kasubag Umum"], date(2026, 1, 1), capacity=Capacity.PLT
        )
    to = {office.jabatan["Kasubag Umum"]: office.people["camat"]}
    (shown,) = tried(database, office, Wish(Verb.REASSIGN, (run,), "", to))
    assert "pejabat definitif" in str(shown.parts[0].refused)
