"""Which tasks a list shows, as its address says: so a bookmark is a saved view, and coming back finds the same."""

from __future__ import annotations

from typing import NamedTuple

from flask import request

from engine.queries.lists import DueIn, Order, Wanted
from web import forms

TEXT_LIMIT = 200
"""Characters of a search."""

DUES = {"lewat": DueIn.OVER, "hari-ini": DueIn.TODAY, "pekan-ini": DueIn.WEEK, "tanpa": DueIn.NONE}
"""What `?tenggat=` may say."""

ORDERS = {"tenggat": Order.DUE, "terbaru": Order.NEWEST, "terlama": Order.OLDEST}
"""What `?urut=` may say; the first is the default."""


class View(NamedTuple):
    """What is wanted, and the words of the address that say it, without the page."""

    wanted: Wanted
    words: dict[str, str]


def view() -> View:
    """What the address asks for. What it says wrongly is not asked for."""
    asked = request.args.get
    text = " ".join(asked("cari", "").replace("\x00", "").split())[:TEXT_LIMIT]
    due, order = asked("tenggat", ""), asked("urut", "")
    words = {
        "cari": text,
        "sop": str(forms.key("sop") or ""),
        "jabatan": str(forms.key("jabatan") or ""),
        "tenggat": due if due in DUES else "",
        "kembali": "ya" if asked("kembali") == "ya" else "",
        "urut": order if order in list(ORDERS)[1:] else "",
    }
    wanted = Wanted(
        text=text,
        definition=forms.key("sop"),
        jabatan=forms.key("jabatan"),
        due=DUES.get(due),
        returned=bool(words["kembali"]),
        order=ORDERS.get(order, Order.DUE),
        after=asked("setelah", ""),
    )
    return View(wanted, {name: word for name, word in words.items() if word})
