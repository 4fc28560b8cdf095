"""Statistik: what became of the office's runs and tasks in some months, with plots, tables, and each table as CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from flask import Blueprint, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.offices import Actor
from engine.queries import statistics
from engine.queries.statistics import MonthRow, OfSop, Overview, Period, RunFigures, Spread, StepRow, TaskFigures
from web import edge, forms, plots
from web.language import gettext as _
from web.language import language, ngettext
from web.moments import iso, lasted, shortest
from web.plots import Month, Series

blueprint = Blueprint("statistics", __name__)

FROM, TO = "dari_bulan", "sampai_bulan"
"""What the address says of the period: `2026-06`."""

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""At the beginning of a CSV file: without it Excel reads UTF-8 as something else."""

DASH = "\N{EN DASH}"

FORMULA = ("=", "+", "-", "@")
"""With these a spreadsheet takes a text to begin a formula."""

Table = Callable[[Overview | OfSop], Iterable[Sequence[object]]]


@blueprint.app_template_filter("minutes")
def in_words(minutes: int | None) -> str:
    """Working time in words; a dash for None."""
    return DASH if minutes is None else lasted(timedelta(minutes=minutes))


@blueprint.app_template_filter("number")
def number(value: float) -> str:
    """`1.234,5`."""
    return format_decimal(round(value, 1), locale=language())


@blueprint.app_template_filter("share")
def share(part: int, whole: int) -> str:
    """`87%` of something; a dash where there is nothing."""
    return format_percent(part / whole, locale=language()) if whole else DASH


@blueprint.app_template_filter("month")
def month(at: date) -> str:
    """`November 2026`."""
    return format_date(at, "MMMM y", locale=language())


@blueprint.app_template_filter("spread")
def told(spread: Spread, which: str) -> str:
    """The `median` or the `p90` of what took so long; of too few, how many there are so far."""
    found: int | None = getattr(spread, which)
    if found is not None:
        return lasted(timedelta(minutes=found))
    return ngettext("baru %(num)s", "baru %(num)s", spread.count) if spread.count else DASH


@blueprint.app_template_global("bar")
def bar(parts: Sequence[tuple[float, str]], most: float, standard: float | None = None) -> Markup:
    """A lying bar beside its figure."""
    return plots.bar(parts, most, standard)


@blueprint.app_template_global("halves")
def halves(row: StepRow) -> list[tuple[float, str]]:
    """The median of a step, divided as its waiting and its working are to each other."""
    whole, both = row.taken.median or 0, row.tasks.waiting + row.tasks.working
    waited = whole * row.tasks.waiting / both if both else 0.0
    return [(waited, "plot-a"), (whole - waited, "plot-b")]


# -- pages ------------------------------------------------------------------------------------------------------------


@blueprint.get("/statistik")
def overview() -> str:
    """The whole office: by SOP, by jabatan, by month."""
    with edge.reading() as (session, who, now):
        found = statistics.overview(session, who, _period(who, now))
    return render_template(
        "statistics.html",
        found=found,
        plots=_plots(found.months),
        words=_words(found.period),
        longest=max((row.runs.lead.median or 0 for row in found.sops), default=0),
        again=request.full_path.removesuffix("?"),
    )


@blueprint.get("/statistik/sop/<id:sop_id>")
def of_sop(sop_id: int) -> str:
    """One SOP: by step, with its standard; by jabatan, by month; why it was returned."""
    with edge.reading() as (session, who, now):
        found = statistics.of_sop(session, who, sop_id, _period(who, now), forms.key("jabatan"))
    return render_template(
        "statistics_sop.html",
        found=found,
        plots=_plots(found.months),
        words=_words(found.period, forms.key("jabatan")),
        jabatan=forms.key("jabatan"),
        longest=max((max(row.taken.median or 0, row.standard or 0) for row in found.steps), default=0),
        again=request.full_path.removesuffix("?"),
    )


@blueprint.get("/statistik.csv")
def csv_of_office() -> Response:
    """A table of the office as CSV: `?tabel=sop`, `jabatan` or `bulan`."""
    with edge.reading() as (session, who, now):
        found = statistics.overview(session, who, _period(who, now))
    return _file(found, TABLES, "kantor")


@blueprint.get("/statistik/sop/<id:sop_id>.csv")
def csv_of_sop(sop_id: int) -> Response:
    """A table of an SOP as CSV: `?tabel=langkah`, `jabatan`, `bulan` or `pengembalian`."""
    with edge.reading() as (session, who, now):
        found = statistics.of_sop(session, who, sop_id, _period(who, now), forms.key("jabatan"))
    return _file(found, TABLES_OF_SOP, found.row.title)


def _period(who: Actor, now: datetime) -> Period:
    return statistics.period(who, now, _asked(FROM), _asked(TO))


def _asked(name: str) -> date | None:
    """A month of the address; None for what is none."""
    given = request.args.get(name, "")
    try:
        return date.fromisoformat(f"{given}-01") if re.fullmatch(r"\d{4}-\d{2}", given, re.ASCII) else None
    except ValueError:
        return None


def _words(period: Period, jabatan: int | None = None) -> dict[str, str]:
    """The address of what is shown."""
    words = {FROM: f"{period.first:%Y-%m}", TO: f"{period.last:%Y-%m}"}
    return words if jabatan is None else {**words, "jabatan": str(jabatan)}


# -- plots ------------------------------------------------------------------------------------------------------------


def _plots(months: Sequence[MonthRow]) -> list[tuple[str, Sequence[Series], Any]]:
    """For each plot of the months its title, what is in it, and the drawing."""
    counts = (Series(_("Dimulai"), "plot-a"), Series(_("Selesai"), "plot-b"))
    amounts = [
        Month(_short(row), values, [number(value) for value in values])
        for row in months
        for values in [(row.runs.started, row.runs.finished)]
    ]
    lasting = (Series(_("Median"), "plot-b"), Series(_("%(share)s selesai dalam", share="90%"), "plot-a"))
    lengths = [
        Month(_short(row), values, ["" if value is None else shortest(timedelta(minutes=value)) for value in values])
        for row in months
        for values in [(row.runs.lead.median, row.runs.lead.p90)]
    ]
    how_many, how_long = _("Berkas per bulan"), _("Lama penyelesaian per bulan")
    return [
        (how_many, counts, plots.columns(how_many, amounts, counts)),
        (how_long, lasting, plots.lines(how_long, lengths, lasting) if _any(lengths) else None),
    ]


def _any(months: Sequence[Month]) -> bool:
    return any(value is not None for month in months for value in month.values)


def _short(row: MonthRow) -> str:
    return format_date(row.month, "MMM yy", locale=language())


# -- CSV --------------------------------------------------------------------------------------------------------------


def _file(found: Overview | OfSop, tables: dict[str, Table], of: str) -> Response:
    """One of the tables as a download. NotFound where there is no such table."""
    name = request.args.get("tabel", "")
    if name not in tables:
        raise NotFound
    period = f"{found.period.first:%Y-%m}-{found.period.last:%Y-%m}"
    called = re.sub(r"[^A-Za-z0-9]+", "-", f"statistik-{of}-{name}").strip("-").lower()[:80]
    return Response(
        written(tables[name](found)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{called}-{period}.csv"'},
    )


def written(rows: Iterable[Sequence[object]]) -> str:
    """Rows as RFC 4180 has them: commas, quotes where needed, CR LF; numbers plain, so that any program reads them.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = StringIO()
    out.write(BYTE_ORDER_MARK)
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and (value.lstrip().startswith(FORMULA) or value.startswith(("\t", "\r"))):
        return f"'{value}"
    return "" if value is None else value


_RUN_HEAD = ("dimulai", "selesai", "dibatalkan", "tepat_waktu", "pengembalian", "median_menit", "p90_menit")


def _run_cells(runs: RunFigures) -> tuple[object, ...]:
    """Counts, and lengths in minutes of working time."""
    counts = runs.started, runs.finished, runs.cancelled, runs.on_time, runs.returns
    return *counts, runs.lead.median, runs.lead.p90


def _by_sop(found: Any) -> Iterable[Sequence[object]]:
    yield "sop", "berjalan", *_RUN_HEAD
    for row in found.sops:
        yield row.title, row.live, *_run_cells(row.runs)


def _by_month(found: Any) -> Iterable[Sequence[object]]:
    yield "bulan", *_RUN_HEAD
    for row in found.months:
        yield f"{row.month:%Y-%m}", *_run_cells(row.runs)


_TASK_HEAD = (
    "selesai",
    "bertenggat",
    "tepat_waktu",
    "mengembalikan",
    "mengulang",
    "menunggu_menit",
    "dikerjakan_menit",
)


def _task_cells(tasks: TaskFigures) -> tuple[object, ...]:
    counts = tasks.finished, tasks.timed, tasks.on_time, tasks.returned, tasks.redone
    return *counts, tasks.waiting, tasks.working


def _by_jabatan(found: Any) -> Iterable[Sequence[object]]:
    yield "jabatan", *_TASK_HEAD
    for row in found.jabatan:
        yield row.name, *_task_cells(row.tasks)


_SPREADS = ("menunggu", "dikerjakan", "seluruhnya")


def _by_step(found: Any) -> Iterable[Sequence[object]]:
    lengths = [f"{which}_{name}_menit" for name in _SPREADS for which in ("median", "p90")]
    yield "langkah", "id", "jabatan", *_TASK_HEAD, *lengths, "mutu_baku_menit"
    for row in found.steps:
        yield row.name, row.node_id, row.jabatan, *_task_cells(row.tasks), *_lengths(row), row.standard


def _lengths(row: StepRow) -> list[int | None]:
    return [one for spread in (row.waited, row.worked, row.taken) for one in (spread.median, spread.p90)]


def _by_reason(found: Any) -> Iterable[Sequence[object]]:
    yield "waktu", "berkas", "langkah", "oleh", "alasan"
    for row in found.reasons:
        yield iso(row.at), row.subject, row.step, row.person, row.reason


TABLES: dict[str, Table] = {"sop": _by_sop, "jabatan": _by_jabatan, "bulan": _by_month}
TABLES_OF_SOP: dict[str, Table] = {
    "langkah": _by_step,
    "jabatan": _by_jabatan,
    "bulan": _by_month,
    "pengembalian": _by_reason,
}
