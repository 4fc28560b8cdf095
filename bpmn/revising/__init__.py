"""A changed SOP over a diagram that people have worked on: what did not change keeps its id, its place and its name.

`matching` says which new element is which old one, `merging` makes the new flow of both, `keeping` says what of the old
drawing still holds; `layout.complete` draws the rest. What a flow does not carry (colours, annotations, where
documents are drawn) is taken over by `bpmn.grafting`.
"""

from __future__ import annotations

from bpmn import diagram_reader, grafting, layout, writer
from bpmn.flow import Flow
from bpmn.layout import Diagram
from bpmn.revising.keeping import kept
from bpmn.revising.matching import match
from bpmn.revising.merging import merge

__all__ = ["over", "revise"]


def revise(old: Flow, drawn: Diagram, new: Flow) -> tuple[Flow, Diagram]:
    """The flow of `new` with the ids of `old`, and its drawing with the places of `drawn`.

    `new` is what the translator makes of the changed document; `old` is what it once made, with what people changed.
    Where nothing changed, both come back equal to `old` and `drawn`.
    """
    flow = merge(old, new, match(old, new))
    return flow, layout.complete(flow, kept(old, drawn, flow))


def over(old: bytes, new: Flow) -> bytes:
    """The same from file to file: the diagram `old`, brought up to date with `new`. Raises NotBpmn."""
    flow, drawn = diagram_reader.drawn(old)
    return grafting.graft(old, writer.write(*revise(flow, drawn, new)))
