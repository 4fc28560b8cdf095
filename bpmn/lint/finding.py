"""What a rule finds, and how messages call an element."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bpmn.flow import Edge, Flow, Lane, Node
from bpmn.wording import Sentence


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    """The diagram must not be run."""
    WARNING = "warning"
    """The diagram runs, but something in it will not do what its drawer may think."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A breach of `rule` by the element with that id; `message` says where and what to do."""

    rule: str
    severity: Severity
    element: str
    message: Sentence


Found = tuple[str, Sentence]
"""What a rule yields: the id of an element, and the sentence about it."""


def called(element: Node | Lane | Edge) -> str:
    """An element as people know it: its name in quotes, if it has one, and its id."""
    name = " ".join(element.name.split())
    if not name:
        return element.id
    return f"“{name if len(name) <= 60 else name[:59] + '…'}” ({element.id})"


def between(flow: Flow, edge: Edge) -> str:
    """An edge as people know it: by its name, or by what it connects."""
    if edge.name.strip():
        return called(edge)
    return f"{called(flow.node(edge.source))} → {called(flow.node(edge.target))}"
