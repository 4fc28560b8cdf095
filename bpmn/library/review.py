"""The reviewed diagrams, made anew from the documents and what was decided about them: `python -m bpmn.library.review`.

`review.json` says for each row who performs it, how, where it returns, what its box is called, and why. Those decisions
take the place of what would be inferred; all else (ids, mutu baku, identity block) comes from the document. The reasons
are appended to the documentation of the element they are about, so that the diagram alone tells them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bpmn import layout, library, readers, translating, writer
from bpmn.flow import REVIEW, Edge, Flow, Node
from bpmn.library import Source
from bpmn.sop import Act, Condition, Decision, InferredSop, InferredStep, Manner, Performer, Several, Sop, Step


@dataclass(frozen=True, slots=True)
class Row:
    """What was decided about one row, as `review.json` has it. The first of `lanes` leads.

    `return_to` is a step, or one act of a chain (`3_2`). `labels` are those of a chain's acts. `note` is about the
    task, `decision_note` about the gateway after it.
    """

    no: str
    lanes: tuple[str, ...]
    label: str = ""
    labels: tuple[str, ...] = ()
    manner: str = ""
    return_to: str = ""
    condition: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    decision_note: str = ""


def diagrams() -> tuple[Source, ...]:
    """The diagrams of the library as they should be; `library.diagrams()` are those it has."""
    return tuple(made for told in library.decisions() for made in _of_office(told))


def write() -> None:
    """Write them where the library has them."""
    folder = Path(__file__).parent
    for made in diagrams():
        (folder / made.office / made.name).write_bytes(made.content)


def _of_office(told: Source) -> Iterator[Source]:
    document = next(source for source in library.sources() if source.office == told.office)
    sops = readers.read(document.content, document.name).sops
    reviewed = json.loads(told.content)["sops"]
    rows = [[_row(row) for row in each["steps"]] for each in reviewed]
    flows = translating.translate_all([_decided(sop, of) for sop, of in zip(sops, rows, strict=True)])
    for each, of, flow in zip(reviewed, rows, flows, strict=True):
        made = _explained(_redirected(flow, of), of)
        yield Source(told.office, each["file"], writer.write(made, layout.place(made)))


def _row(told: Mapping[str, Any]) -> Row:
    return Row(**{**told, "lanes": tuple(told["lanes"]), "labels": tuple(told.get("labels", ()))})


# -- the decisions in place of the inference --------------------------------------------------------------------------


def _decided(sop: Sop, rows: Sequence[Row]) -> InferredSop:
    of = {row.no: row for row in rows}
    return InferredSop(sop, tuple(_step(sop, step, of[step.no]) for step in sop.steps))


def _step(sop: Sop, step: Step, row: Row) -> InferredStep:
    return InferredStep(
        step=step,
        label=row.label,
        performer=Performer(row.lanes[0], tuple(sorted(row.lanes, key=sop.lanes.index)), 1.0, False, ()),
        decision=Decision(row.return_to.partition("_")[0], 1.0, False, ()) if row.return_to else None,
        several=_several(row),
        condition=Condition(**row.condition, confidence=1.0, review=False, evidence=()) if row.condition else None,
    )


def _several(row: Row) -> Several | None:
    if not row.manner:
        return None
    acts = [Act(label, lane) for label, lane in zip(row.labels, row.lanes, strict=True)] if row.labels else []
    return Several(Manner(row.manner), tuple(acts), False, ())


# -- what the review adds to the translation --------------------------------------------------------------------------


def _redirected(flow: Flow, rows: Sequence[Row]) -> Flow:
    """The flow with returns to a later act of a chain leading there, and not to its first."""
    wished = {f"kembali_{row.no}": f"langkah_{row.return_to}" for row in rows if "_" in row.return_to}
    return replace(flow, edges=tuple(_leading(edge, wished) for edge in flow.edges))


def _leading(edge: Edge, wished: Mapping[str, str]) -> Edge:
    return replace(edge, target=wished.get(edge.id, edge.target))


def _explained(flow: Flow, rows: Sequence[Row]) -> Flow:
    """The flow with the reasons in the documentation of the tasks of each row and of the gateways after them."""
    of = {row.no: row for row in rows}
    notes: dict[str, str] = {}
    for task in flow.tasks():
        row = of[task.properties["langkah"]]
        notes[task.id] = row.note
        if row.decision_note:
            notes[flow.outgoing(task.id)[0].target] = row.decision_note
    return replace(flow, nodes=tuple(_noted(node, notes.get(node.id, "")) for node in flow.nodes))


def _noted(node: Node, note: str) -> Node:
    """The node with a note after what its documentation says already."""
    if not note:
        return node
    return replace(node, documentation="\n\n".join(part for part in (node.documentation, REVIEW + note) if part))


if __name__ == "__main__":
    write()
