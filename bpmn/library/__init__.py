"""The SOPs that come with Lajur: the source documents of its first offices."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Source:
    """A document of the library; `office` is the name of its folder."""

    office: str
    name: str
    content: bytes


def sources() -> tuple[Source, ...]:
    """The documents, by office."""
    return tuple(
        Source(folder.name, document.name, document.read_bytes())
        for folder in sorted(files(__name__).iterdir(), key=lambda folder: folder.name)
        if folder.is_dir()
        for document in sorted(folder.iterdir(), key=lambda document: document.name)
        if document.name.endswith(".txt")
    )
