"""Everything that the engine can say has its words and its icon on the screen."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string

from engine.queries.timeline import Entry
from engine.states import Verb
from web.labels import ENTRIES

FACTS = {
    "to": ["Langkah 1"],
    "note": "Catatan",
    "round": 2,
    "person": "Budi",
    "choice": "Setuju",
    "filename": "a.pdf",
    "from": 1,
    "event": "Tenggat",
    "instead_of": "Ani",
}


@pytest.mark.parametrize("verb", list(Verb))
def test_every_act_has_words_and_an_icon(app: Flask, verb: Verb) -> None:
    entry = Entry(datetime(2026, 11, 23, tzinfo=UTC), verb, "Siti", "Camat", None, "Langkah 2", FACTS)
    with app.test_request_context("/"):
        words = render_template_string(
            '{% import "timeline.html" as timeline with context %}{{ timeline.entry_words(entry) }}', entry=entry
        )
    assert ENTRIES[verb][0]
    bare = {Verb.SAVE}  # is not shown
    assert verb in bare or words.strip() not in ("", "<strong>Siti</strong> (Camat)")
