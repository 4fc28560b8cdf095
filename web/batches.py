"""Tindakan: acts of managers on many runs, shown before they are done, and remembered as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from engine import batches as acts
from engine import errors as facts
from engine.batches import Wish
from engine.queries import batches
from engine.queries.batches import Choice
from engine.states import Verb
from web import edge, errors, forms, local
from web.language import gettext as _
from web.language import told

BOARD = "/papan"
"""Where the runs were chosen, unless the form says otherwise."""

VERBS = {
    "ingatkan": Verb.REMIND,
    "alihkan": Verb.REASSIGN,
    "limpahkan": Verb.HAND_OVER,
    "tangguhkan": Verb.SUSPEND,
    "lanjutkan": Verb.RESUME,
    "batalkan": Verb.CANCEL,
}
"""What the field `tindakan` may say."""

GIVING = frozenset({Verb.REASSIGN, Verb.HAND_OVER})

blueprint = Blueprint("batches", __name__)


@blueprint.get("/papan/tindakan")
def overview() -> str:
    """Tindakan: what was done with many runs at once, newest first."""
    with edge.reading() as (session, who, _now):
        page = batches.done(session, who, forms.key("sebelum"))
    return render_template("batch_list.html", page=page)


@blueprint.get("/papan/tindakan/<id:batch_id>")
def one(batch_id: int) -> str:
    """One act on many: what became of each run."""
    with edge.reading() as (session, who, _now):
        page = batches.one(session, who, batch_id)
    return render_template("batch.html", page=page, board=local.came_from() or BOARD)


@blueprint.get("/papan/tindakan/limpahkan")
def hand_over() -> str:
    """Limpahkan: whose tasks, and to whom."""
    person = forms.key("dari")
    with edge.reading() as (session, who, now):
        busy = batches.busy(session, who)
        leaver = batches.leaver(session, who, person, now) if person else None
        chosen = Wish(Verb.HAND_OVER, leaver.runs[: acts.LIMIT], leaver=leaver.id) if leaver else None
        choices = batches.choices(session, who, chosen, now) if chosen else ()
    return render_template(
        "batch_hand_over.html", busy=busy, leaver=leaver, wish=chosen, choices=choices, chosen=_only(choices)
    )


@blueprint.post("/papan/tindakan")
def preview() -> errors.Answer:
    """Pratinjau: what the act would do with each of the runs."""
    wish = _wish()
    if wish.verb is Verb.HAND_OVER and wish.leaver is None:
        return _whose(wish)
    try:
        return _preview(wish)
    except facts.Invalid as refused:
        flash(told(refused.sentence), "error")
        return redirect(_back())


@blueprint.post("/papan/tindakan/jalankan")
def run() -> errors.Answer:
    """Jalankan: do what was shown."""
    wish = _wish()
    if forms.text("semula") != _written(wish.receivers):
        return _preview(wish, renewed=True)
    try:
        with edge.acting() as (session, who, now):
            shown = dict(_pairs("tampak"))
            batch = acts.run(session, who, wish, shown, forms.text("kunci") or None, now)
    except (facts.NotFound, facts.NotAllowed):
        raise
    except Refusal as refused:
        if not wish.runs:
            flash(told(refused.sentence), "error")
            return redirect(_back())
        return _preview(wish, refused), errors.status(refused)
    flash(_("Tindakan selesai dijalankan."), "success")
    return redirect(url_for("batches.one", batch_id=batch, dari=_back()))


def _preview(wish: Wish, refused: Refusal | None = None, *, renewed: bool = False) -> str:
    """The page that shows what would happen; after a refusal with its sentence, and marks on what has changed."""
    choices: tuple[Choice, ...] = ()
    with edge.reading() as (session, who, now):
        if wish.verb in GIVING:
            choices = batches.choices(session, who, wish, now)
    if "semula" not in request.form:  # nothing was to be chosen before
        wish = replace(wish, receivers=_only(choices) | dict(wish.receivers))
    with edge.acting() as (session, who, now):
        outcomes = acts.trial(session, who, wish, now)
    return render_template(
        "batch_preview.html",
        wish=wish,
        word=next(word for word, verb in VERBS.items() if verb is wish.verb),
        outcomes=outcomes,
        able=sum(one.done for one in outcomes),
        choices=choices,
        chosen=wish.receivers,
        previewed=_written(wish.receivers),
        shown=dict(_pairs("tampak")) if isinstance(refused, facts.OutcomeChanged) else {},
        refused=refused,
        renewed=renewed,
        back=_back(),
    )


def _whose(wish: Wish) -> Response:
    """To the page on which it is said whose tasks are handed over: known where one person has all that was chosen."""
    with edge.reading() as (session, who, _now):
        people = batches.claimers(session, who, wish)
    return redirect(url_for("batches.hand_over", dari=people[0] if len(people) == 1 else None))


def _wish() -> Wish:
    """What the form asks for; 400 for no act of ours."""
    verb = VERBS.get(forms.text("tindakan"))
    if verb is None:
        abort(400)
    return Wish(
        verb=verb,
        runs=tuple(forms.keys("berkas")),
        note=forms.text("catatan"),
        receivers={int(jabatan): int(person) for jabatan, person in _pairs("penerima") if _number(person)},
        leaver=next(iter(forms.keys("pegawai")), None) if verb is Verb.HAND_OVER else None,
    )


def _only(choices: tuple[Choice, ...]) -> dict[int, int]:
    """For each jabatan the one person to whom its tasks could be given, where there is one only."""
    return {choice.jabatan_id: choice.people[0].id for choice in choices if len(choice.people) == 1}


def _pairs(name: str) -> Iterator[tuple[int, str]]:
    """What the fields of this name say, each written `17:word`; what is written otherwise is left out."""
    for text in request.form.getlist(name):
        key, _colon, word = text.partition(":")
        if _number(key) and word:
            yield int(key), word


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= forms.MAX_ID


def _written(receivers: Mapping[int, int]) -> str:
    return ",".join(f"{jabatan}:{person}" for jabatan, person in sorted(receivers.items()))


def _back() -> str:
    wanted = forms.text("kembali_ke")
    return local.path(wanted) if wanted else BOARD
