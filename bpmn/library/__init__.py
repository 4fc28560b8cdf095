"""The SOPs that come with Lajur: the documents of its first offices, and the diagrams that an analyst made of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the library; `office` is the name of its folder."""

    office: str
    name: str
    content: bytes


def sources() -> tuple[Source, ...]:
    """The documents, by office."""
    return _named("sop.txt")


def diagrams() -> tuple[Source, ...]:
    """The reviewed diagrams, by office: one for each SOP of its document, in its order (see `bpmn.library.review`)."""
    return tuple(
        Source(made.office, each["file"], (files(__name__) / made.office / each["file"]).read_bytes())
        for made in decisions()
        for each in json.loads(made.content)["sops"]
    )


def decisions() -> tuple[Source, ...]:
    """What was decided about the SOPs of each document, by office: how the diagrams differ from their translation."""
    return _named("review.json")


def labels() -> tuple[Source, ...]:
    """Who performs each step and where it may return, read by hand before any of it was inferred, by office."""
    return _named(".gold.json")


def _named(ending: str) -> tuple[Source, ...]:
    return tuple(
        Source(folder.name, document.name, document.read_bytes())
        for folder in sorted(files(__name__).iterdir(), key=lambda folder: folder.name)
        if folder.is_dir()
        for document in sorted(folder.iterdir(), key=lambda document: document.name)
        if document.name.endswith(ending)
    )
