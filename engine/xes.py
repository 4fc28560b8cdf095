"""What happened in runs as a file that tools for process mining read: XES (IEEE 1849-2016), or a table of its events.

Both are written a trace at a time, so that a log may be of any length. Keys with a colon are those of the standard's
extensions (https://xes-standard.org); what Lajur adds has plain names.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from xml.sax.saxutils import quoteattr

from bpmn.xml import legal

Value = str | int | bool | datetime

Attributes = Mapping[str, Value]
"""What is known of a run or an event, in the order in which it is written."""

NAME, PERSON, JABATAN = "concept:name", "org:resource", "org:role"
INSTANCE, TRANSITION, TIME = "concept:instance", "lifecycle:transition", "time:timestamp"

START, COMPLETE = "start", "complete"
"""The transitions of a step that are recorded."""

EXTENSIONS = {
    "Concept": ("concept", "http://www.xes-standard.org/concept.xesext"),
    "Time": ("time", "http://www.xes-standard.org/time.xesext"),
    "Lifecycle": ("lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    "Organizational": ("org", "http://www.xes-standard.org/org.xesext"),
}
"""Name, prefix and address of each extension that the keys come from."""

CLASSIFIERS = {"Langkah": NAME, "Langkah dan peralihan": f"{NAME} {TRANSITION}", "Elemen diagram": "node"}
"""By which keys events may be taken as the same activity."""

CASE = "case:"
"""Begins the columns of a table that tell of the run rather than of the event."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text may not begin with in a table: a spreadsheet would compute it."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A run: what is known of it, and its events in order of time."""

    attributes: Attributes
    events: tuple[Attributes, ...]


def written(traces: Iterable[Trace]) -> Iterator[str]:
    """The log as XES, in pieces: its head, each trace, its foot."""
    yield _head()
    for trace in traces:
        yield _trace(trace)
    yield "</log>\n"


def table(traces: Iterable[Trace], run_keys: Iterable[str], event_keys: Iterable[str]) -> Iterator[str]:
    """The same events as CSV (RFC 4180), in pieces: a head, and a row for each event with what is known of its run.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    of_run, of_event = tuple(run_keys), tuple(event_keys)
    yield _rows([[*(CASE + key for key in of_run), *of_event]])
    for trace in traces:
        known = [_cell(trace.attributes.get(key)) for key in of_run]
        yield _rows([[*known, *(_cell(event.get(key)) for key in of_event)] for event in trace.events])


# -- XES --------------------------------------------------------------------------------------------------------------


def _head() -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">',
        *(
            f'  <extension name="{name}" prefix="{prefix}" uri="{address}"/>'
            for name, (prefix, address) in EXTENSIONS.items()
        ),
        '  <global scope="trace">',
        f'    <string key="{NAME}" value=""/>',
        "  </global>",
        '  <global scope="event">',
        f'    <string key="{NAME}" value=""/>',
        f'    <string key="{TRANSITION}" value="{COMPLETE}"/>',
        f'    <date key="{TIME}" value="1970-01-01T00:00:00+00:00"/>',
        "  </global>",
        *(f'  <classifier name="{name}" keys="{keys}"/>' for name, keys in CLASSIFIERS.items()),
    ]
    return "\n".join(lines) + "\n"


def _trace(trace: Trace) -> str:
    lines = ["  <trace>", *_attributes(trace.attributes, "    ")]
    for event in trace.events:
        lines += ["    <event>", *_attributes(event, "      "), "    </event>"]
    return "\n".join([*lines, "  </trace>\n"])


def _attributes(attributes: Attributes, indent: str) -> Iterator[str]:
    for key, value in attributes.items():
        yield f"{indent}<{_kind(value)} key={quoteattr(key)} value={quoteattr(_text(value))}/>"


def _kind(value: Value) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int"
    return "date" if isinstance(value, datetime) else "string"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return legal(str(value))


# -- the table --------------------------------------------------------------------------------------------------------


def _cell(value: Value | None) -> str:
    if value is None:
        return ""
    text = _text(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text


def _rows(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
