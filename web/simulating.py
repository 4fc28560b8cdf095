"""`lajur simulate`: half a year of an office that there is not, into a folder of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import reaching, upgrading
from engine.queries import people
from engine.simulation import simulate
from engine.simulation.staff import MANAGER
from web import demo_offices
from web.keeping import Tell
from web.places import DATABASE, Place


class NotEmpty(Refusal):
    """A folder with data already: a simulation is never mixed with what somebody works with."""


@dataclass(frozen=True, slots=True)
class Order:
    """For how long, by which seed, on how many runs."""

    months: int
    seed: int
    runs: int


def run(folder: Path, order: Order, tell: Tell) -> None:
    """Fill a new database in a folder, and tell which causes were planted there. Raises NotEmpty and other `Refusal`s.

    Never the database that LAJUR_DATABASE_URL names: everybody in it has a password that everybody knows.
    """
    now = datetime.now(UTC)
    database = Place(folder, f"sqlite:///{folder / DATABASE}").database()
    try:
        upgrading.reach(database)
        with reaching.failures(database):
            with database.reading() as session:
                if people.everybody(session, now):
                    raise NotEmpty(
                        sentence(
                            "Di %(folder)s sudah ada data Lajur; sebutkan folder lain dengan --data.", folder=folder
                        )
                    )
            tell(sentence("Menjalankan simulasi %(months)d bulan. Mohon tunggu.", months=order.months))
            done = simulate(database, now, demo_offices.PASSWORD, order.months, order.seed, order.runs)
    finally:
        database.dispose()
    found = Counter("+".join(sorted(causes)) or "-" for causes in done.planted.values())
    for causes, count in sorted(found.items()):
        tell(sentence("  %(count)d berkas: %(causes)s", count=count, causes=causes))
    tell(
        sentence(
            "Lihat dengan: lajur demo --data %(folder)s, lalu masuk sebagai %(who)s, kata sandi “%(password)s”.",
            folder=folder,
            who=MANAGER,
            password=demo_offices.PASSWORD,
        )
    )
