"""Statistik through the client: who sees it, what it says, for which months, and what the CSV files hold."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO

import pytest
from markupsafe import Markup
from sqlalchemy import select

from engine import offices, runs, tasks
from engine.database import Database
from engine.states import UNFINISHED, Right
from engine.tables import Definition, Person, Task
from tests.conftest import NOW
from tests.web.conftest import APPROVE, SEND_BACK, Browser, Kecamatan
from tests.web.test_queries_per_page import counting
from web import plots, statistics
from web.plots import Month, Series

LogIn = Callable[[str], Browser]


@pytest.fixture
def manager(kecamatan: Kecamatan, log_in: LogIn) -> Browser:
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["siti"]).rights = [Right.MANAGER]
    return log_in("siti")


def done(database: Database, kecamatan: Kecamatan, run: int, who: str, way: str | None, at: datetime) -> None:
    with database.transaction() as session:
        actor = offices.actor(session, kecamatan.people[who], at)
        task = session.scalars(select(Task).where(Task.run_id == run, Task.state.in_(UNFINISHED))).one()
        if task.claimed_by is None:
            tasks.claim(session, actor, task.id, at)
        tasks.complete(session, actor, task.id, way, "=Lampiran, belum lengkap", at + timedelta(minutes=30))


def worked(kecamatan: Kecamatan, number: int) -> None:
    """A run from its start to its end, sent back once."""
    database = kecamatan.database
    with database.transaction() as session:
        rina = offices.actor(session, kecamatan.people["rina"], NOW)
        run = runs.start(session, rina, kecamatan.sop, f"Undangan {number}", NOW)
    for who, way in (("rina", None), ("budi", SEND_BACK), ("rina", None), ("budi", APPROVE), ("siti", None)):
        done(database, kecamatan, run, who, way, NOW)


def rows(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
    assert b"\r\n" in answer.data
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))


def test_a_manager_sees_what_became_of_the_runs(kecamatan: Kecamatan, manager: Browser) -> None:
    for number in range(5):
        worked(kecamatan, number)
    page = manager.get("/statistik").text
    for words in ("Menurut SOP", "Surat Pengantar", "Menurut jabatan", "November 2026", "Pengembalian per berkas"):
        assert words in page
    page = manager.get(f"/statistik/sop/{kecamatan.sop}").text
    for words in ("Memeriksa konsep surat", "Mutu baku", "=Lampiran, belum lengkap", "Budi Santoso"):
        assert words in page
    assert 'style="' not in page


def test_little_is_said_to_be_little(kecamatan: Kecamatan, manager: Browser) -> None:
    page = manager.get("/statistik").text
    assert "Belum ada yang dihitung" in page
    assert "Belum ada yang dihitung" in manager.get(f"/statistik/sop/{kecamatan.sop}").text
    worked(kecamatan, 1)
    page = manager.get("/statistik").text
    assert "baru 1" in page
    assert "Belum ada bulan dengan cukup banyak berkas yang selesai." in page


def test_others_do_not_see_it(kecamatan: Kecamatan, log_in: LogIn) -> None:
    for who in ("rina", "analis"):
        browser = log_in(who)
        for path in ("/statistik", f"/statistik/sop/{kecamatan.sop}", "/statistik.csv?tabel=sop"):
            assert browser.get(path).status_code == 403


def test_nothing_of_another_office_is_told(kecamatan: Kecamatan, log_in: LogIn) -> None:
    worked(kecamatan, 1)
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["asing"]).rights = [Right.MANAGER]
    stranger = log_in("asing")
    assert "Surat Pengantar" not in stranger.get("/statistik").text
    assert stranger.get(f"/statistik/sop/{kecamatan.sop}").status_code == 404
    assert stranger.get(f"/statistik/sop/{kecamatan.sop}.csv?tabel=langkah").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["dari_bulan=2026-13", "dari_bulan=x&sampai_bulan=2026-11-01", "sampai_bulan=9999-99", "dari_bulan=0000-01",
     "jabatan=abc", "jabatan=99999", "dari_bulan=0001-01&sampai_bulan=0001-02", "sampai_bulan=2026-1%00"],
)  # fmt: skip
def test_what_an_address_says_wrongly_is_not_asked_for(kecamatan: Kecamatan, manager: Browser, query: str) -> None:
    for path in ("/statistik", f"/statistik/sop/{kecamatan.sop}"):
        assert manager.get(f"{path}?{query}").status_code == 200


def test_months_that_are_asked_for_are_shown(kecamatan: Kecamatan, manager: Browser) -> None:
    worked(kecamatan, 1)
    assert "Januari 2026 sampai Maret 2026" in manager.get("/statistik?dari_bulan=2026-01&sampai_bulan=2026-03").text
    found = manager.get("/statistik?dari_bulan=2026-01").text
    assert "Januari 2026 sampai November 2026" in found
    assert "tabel=sop&amp;dari_bulan=2026-01&amp;sampai_bulan=2026-11" in found


def test_every_table_is_a_csv_file(kecamatan: Kecamatan, manager: Browser) -> None:
    for number in range(5):
        worked(kecamatan, number)
    with kecamatan.database.transaction() as session:
        session.get_one(Definition, kecamatan.sop).title = '@Surat; dengan, tanda "baca"'
    (sop,) = rows(manager, "/statistik.csv?tabel=sop")
    assert sop == {
        "sop": '\'@Surat; dengan, tanda "baca"',
        "berjalan": "0",
        "dimulai": "5",
        "selesai": "5",
        "dibatalkan": "0",
        "tepat_waktu": "5",
        "pengembalian": "5",
        "median_menit": "30",
        "p90_menit": "",
    }
    assert [row["selesai"] for row in rows(manager, "/statistik.csv?tabel=bulan")] == ["0"] * 5 + ["5"]
    assert {row["jabatan"] for row in rows(manager, "/statistik.csv?tabel=jabatan")} == set(kecamatan.jabatan)
    steps = rows(manager, f"/statistik/sop/{kecamatan.sop}.csv?tabel=langkah")
    assert [row["mengembalikan"] for row in steps] == ["0", "5", "0"]
    reasons = rows(manager, f"/statistik/sop/{kecamatan.sop}.csv?tabel=pengembalian")
    assert {row["alasan"] for row in reasons} == {"'=Lampiran, belum lengkap"}
    assert reasons[0]["waktu"] == "2026-11-23T09:30+07:00"
    for name in ("jabatan", "bulan"):
        assert rows(manager, f"/statistik/sop/{kecamatan.sop}.csv?tabel={name}")
    for path in ("/statistik.csv", "/statistik.csv?tabel=langkah", f"/statistik/sop/{kecamatan.sop}.csv?tabel=x"):
        assert manager.get(path).status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+62", "-x", "@a", " =1", "\t=1", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    ((cell,),) = csv.reader(StringIO(statistics.written([[text]]).removeprefix(statistics.BYTE_ORDER_MARK), newline=""))
    assert cell == f"'{text}"


STATEMENTS = {"/statistik": 8, "/statistik/sop/{sop}": 12}
"""How many each page asks at most, however much there is."""


def test_no_page_asks_more_where_there_is_more_to_tell(kecamatan: Kecamatan, manager: Browser) -> None:
    def asked() -> dict[str, int]:
        counts = {}
        for path in STATEMENTS:
            with counting(kecamatan.database) as statements:
                assert manager.get(path.format(sop=kecamatan.sop)).status_code == 200
            counts[path] = len(statements)
        return counts

    worked(kecamatan, 0)
    asked()  # what is read once a process is read now
    few = asked()
    for number in range(1, 6):
        worked(kecamatan, number)
    many = asked()
    assert many == few
    assert {path: count for path, count in many.items() if count > STATEMENTS[path]} == {}


# -- plots ------------------------------------------------------------------------------------------------------------

SERIES = (Series("Dimulai", "plot-a"), Series("Selesai", "plot-b"))


def heights(drawing: Markup) -> list[float]:
    return [float(found) for found in re.findall(r'<rect [^>]*height="([\d.]+)"', drawing)]


def test_columns_are_as_tall_as_their_figures_and_say_them() -> None:
    months = [Month("Okt", (10, 5), ("10", "5")), Month("Nov", (0, None), ("0", ""))]
    drawing = plots.columns("Berkas per bulan", months, SERIES)
    tall = heights(drawing)
    assert (len(tall), tall[0], tall[2]) == (3, 2 * tall[1], 0)
    assert re.findall(r'"plot-figure"[^>]*>([^<]*)<', drawing) == ["10", "5", "0"]
    assert 'aria-label="Berkas per bulan"' in drawing


def test_a_line_is_broken_where_it_has_no_figure() -> None:
    months = [Month(str(number), (value,), ("x",)) for number, value in enumerate((1, 2, None, 4))]
    drawing = plots.lines("Lama", months, SERIES[:1])
    assert (drawing.count('<path class="plot-a'), drawing.count("<circle")) == (1, 3)


def test_what_is_drawn_is_escaped() -> None:
    drawing = plots.columns('"><script>', [Month("<b>", (1,), ("<i>",))], SERIES[:1])
    assert not re.search("<(script|b|i)>", drawing)


def test_a_bar_is_its_share_and_its_standard_stays_inside() -> None:
    drawing = plots.bar([(25, "plot-a"), (25, "plot-b")], 100, 100)
    assert re.findall(r'<rect class="(.*?)" x="([\d.]+)" y="3.0" width="([\d.]+)"', drawing) == [
        ("plot-a", "0.0", "50.0"),
        ("plot-b", "50.0", "50.0"),
    ]
    assert "M199.0 0V16" in drawing
    assert "<rect" in plots.bar([(0, "plot-a")], 0)


def test_without_figures_a_plot_is_empty() -> None:
    assert "plot-base" in plots.columns("x", [], SERIES)
    assert "plot-base" in plots.lines("x", [Month("Nov", (None, None), ("", ""))], SERIES)
