"""An event log read back by plain code, which knows nothing of how it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

XES = "{http://www.xes-standard.org/}"

READERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "int": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": datetime.fromisoformat,
}

Known = dict[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """A run of the log."""

    run: Known
    events: tuple[Known, ...]

    def steps(self, transition: str = "complete") -> list[object]:
        """The steps that began or were completed, in the order of the log."""
        return [event["concept:name"] for event in self.events if event["lifecycle:transition"] == transition]


def read(pieces: Iterable[str]) -> list[Case]:
    """The runs of an XES file."""
    log = etree.fromstring("".join(pieces).encode())
    assert log.tag == f"{XES}log"
    return [
        Case(_known(trace), tuple(_known(event) for event in trace.iterchildren(f"{XES}event")))
        for trace in log.iterchildren(f"{XES}trace")
    ]


def _known(element: etree._Element) -> Known:
    known: Known = {}
    for attribute in element:
        kind = str(attribute.tag).removeprefix(XES)
        if kind in READERS:
            assert attribute.attrib["key"] not in known
            known[str(attribute.attrib["key"])] = READERS[kind](str(attribute.attrib["value"]))
    return known
