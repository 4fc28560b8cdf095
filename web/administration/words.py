"""What rights, changes and their fields are called on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from babel.dates import format_date

from engine.administration.record import Kind
from engine.states import Capacity, Right
from web.administration.base import blueprint
from web.language import gettext as _
from web.language import language

_RIGHTS: dict[str, Callable[[], str]] = {
    Right.ANALYST: lambda: _("Analis"),
    Right.MANAGER: lambda: _("Manajer"),
    Right.ADMINISTRATOR: lambda: _("Administrator"),
}

_CAPACITIES: dict[str, Callable[[], str]] = {
    Capacity.DEFINITIF: lambda: _("Definitif"),
    Capacity.PLT: lambda: "Plt.",
    Capacity.PLH: lambda: "Plh.",
}

_KINDS: dict[Kind, Callable[[], str]] = {
    Kind.FOUND: lambda: _("Kantor dibuat"),
    Kind.OFFICE: lambda: _("Kantor diubah"),
    Kind.HOURS: lambda: _("Jam kerja diubah"),
    Kind.DAY: lambda: _("Hari libur atau hari kerja sendiri diubah"),
    Kind.JABATAN_ADD: lambda: _("Jabatan ditambahkan"),
    Kind.JABATAN: lambda: _("Jabatan diubah"),
    Kind.JABATAN_REMOVE: lambda: _("Jabatan dihapus"),
    Kind.PERSON_ADD: lambda: _("Pegawai ditambahkan"),
    Kind.PERSON: lambda: _("Data pegawai diubah"),
    Kind.PASSWORD: lambda: _("Kata sandi diganti dengan kata sandi sekali pakai"),
    Kind.DEACTIVATE: lambda: _("Pegawai dinonaktifkan"),
    Kind.REACTIVATE: lambda: _("Pegawai diaktifkan kembali"),
    Kind.HOLDING_ADD: lambda: _("Pemangku jabatan ditetapkan"),
    Kind.HOLDING: lambda: _("Masa jabatan diubah"),
    Kind.HOLDING_REMOVE: lambda: _("Pemangku jabatan dihapus dari catatan"),
    Kind.IMPORT: lambda: _("Daftar pegawai diterapkan"),
}

_FIELDS: dict[str, Callable[[], str]] = {
    "name": lambda: _("Nama"),
    "timezone": lambda: _("Zona waktu"),
    "joint_leave": lambda: _("Cuti bersama libur"),
    "day": lambda: _("Hari"),
    "rank": lambda: _("Tingkat"),
    "alias": lambda: _("Nama lain"),
    "username": lambda: _("Nama pengguna"),
    "email": lambda: _("E-mail"),
    "rights": lambda: _("Hak"),
    "jabatan": lambda: _("Jabatan"),
    "held": lambda: _("Jabatan"),
    "capacity": lambda: _("Status"),
    "since": lambda: _("Sejak"),
    "until": lambda: _("Sampai"),
    "tokens": lambda: _("Token akses"),
    "given": lambda: _("Tugas yang diserahkan"),
    "opened": lambda: _("Tugas yang dibuka kembali"),
    "new": lambda: _("Baris baru"),
    "changed": lambda: _("Baris berubah"),
}

_DAYS = (
    lambda: _("Senin"),
    lambda: _("Selasa"),
    lambda: _("Rabu"),
    lambda: _("Kamis"),
    lambda: _("Jumat"),
    lambda: _("Sabtu"),
    lambda: _("Minggu"),
)

_VALUES: dict[str, Callable[[], str]] = {
    **_RIGHTS,
    **_CAPACITIES,
    "True": lambda: _("ya"),
    "False": lambda: _("tidak"),
    "closed": lambda: _("libur"),
    "opened": lambda: _("hari kerja"),
}

_WORDED = frozenset({"rights", "capacity", "joint_leave", "day"})
"""Fields whose values are names of ours, and not what somebody typed."""

_DATES = frozenset({"since", "until"})


@blueprint.app_template_filter("right")
def right(name: str) -> str:
    """What a right is called."""
    return _RIGHTS[name]()


@blueprint.app_template_filter("status_of_holding")
def status(name: str) -> str:
    """`Definitif`, `Plt.`, `Plh.`."""
    return _CAPACITIES[name]()


@blueprint.app_template_filter("weekday")
def weekday(number: int) -> str:
    """The name of a day of the week, 0 being Monday."""
    return _DAYS[number]()


@blueprint.app_template_filter("kind_of_change")
def kind(of: Kind) -> str:
    """What was done."""
    return _KINDS[of]()


@blueprint.app_template_filter("field_of_change")
def field(name: str) -> str:
    """What a field is called."""
    week, _underscore, number = name.partition("_")
    if week == "week" and number:
        return _("Jam kerja hari %(day)s", day=weekday(int(number)))
    if week == "ramadan" and number:
        return _("Jam kerja Ramadan hari %(day)s", day=weekday(int(number)))
    return _FIELDS[name]()


@blueprint.app_template_filter("value_of_change")
def value(text: str, name: str) -> str:
    """What a field held, in words; a dash where it held nothing."""
    if not text:
        return "\N{EN DASH}"
    if name in _DATES:
        return plain_day(date.fromisoformat(text))
    if name in _WORDED:
        return ", ".join(_VALUES[word]() if word in _VALUES else word for word in text.split(", "))
    return text


@blueprint.app_template_filter("plain_day")
def plain_day(of: date) -> str:
    """`5 Januari 2026`."""
    return format_date(of, "d MMMM y", locale=language())


@blueprint.app_template_filter("about_day")
def about_day(text: str) -> str:
    """What a change is about: a day is told in words, all else as it is."""
    try:
        return plain_day(date.fromisoformat(text))
    except ValueError:
        return text
