"""InferredSop -> Flow: a lane for each jabatan, a task for each step, a gateway and a return for each decision.

Ids never change once given: they are made from the printed numbers, so a corrected wording keeps them. What was
guessed is marked on the element it is about with `perlu_tinjauan`, and why with `dasar`, for the modeler to show.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bpmn import waktu
from bpmn.flow import Edge, Flow, Lane, Node
from bpmn.sop import Decision, InferredSop, InferredStep, Sop, Step, Waktu
from bpmn.wording import Sentence

START, END = "mulai", "selesai"
MAX_SLUG = 80


@dataclass(frozen=True, slots=True)
class _Placed:
    """A step with what makes its ids (`6` in `langkah_6`), its lane and, if it decides, the task it returns to."""

    inferred: InferredStep
    key: str
    lane: str | None
    decision: Decision | None
    returns_to: str | None

    @property
    def task(self) -> str:
        return f"langkah_{self.key}"

    @property
    def gateway(self) -> str | None:
        return f"gerbang_{self.key}" if self.returns_to else None


def translate_all(sops: Iterable[InferredSop]) -> tuple[Flow, ...]:
    """The flows of one document, in its order; a repeated process id gets `_2`, `_3`, ... so that none collide."""
    flows: list[Flow] = []
    taken: set[str] = set()
    for inferred in sops:
        flow = translate(inferred)
        flow = replace(flow, process_id=_fresh(flow.process_id, taken))
        flows.append(flow)
    return tuple(flows)


def translate(inferred: InferredSop) -> Flow:
    """The flow of one SOP. The same document always gives the same flow."""
    sop = inferred.sop
    lanes = tuple(Lane(f"lajur_{place}", name) for place, name in enumerate(sop.lanes, start=1))
    steps = _placed(inferred, lanes)
    return Flow(
        process_id=process_id(sop),
        name=sop.title,
        pool=": ".join(part for part in (sop.office, sop.title) if part),
        lanes=lanes,
        nodes=_nodes(steps, lanes),
        edges=_edges(steps),
        properties=_identity(sop),
    )


def process_id(sop: Sop) -> str:
    """An id from number and title that names the SOP over all its versions: `sop_094_mb_2023_monitoring_kinerja`.

    Without a number its office stands there, so that equal titles of two offices stay apart.
    """
    slug = _slug(f"{sop.number or sop.office} {sop.title}")
    if _slug(sop.title) and len(slug) <= MAX_SLUG:
        return f"sop_{slug}"
    digest = hashlib.sha256(f"{sop.office}\n{sop.number}\n{sop.title}".encode("utf-8", "replace")).hexdigest()[:8]
    return "_".join(part for part in ("sop", slug[:MAX_SLUG].strip("_"), digest) if part)


def _slug(text: str) -> str:
    """Lower-case ASCII letters and digits, everything else as single `_`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def _fresh(wished: str, taken: set[str]) -> str:
    found, number = wished, 2
    while found in taken:
        found, number = f"{wished}_{number}", number + 1
    taken.add(found)
    return found


def _identity(sop: Sop) -> dict[str, str]:
    """The identity block, lists one entry a line; what the block does not have is left out."""
    entries: dict[str, str | tuple[str, ...]] = {"nomor": sop.number, "kantor": sop.office, **sop.identity}
    lines = {key: entry if isinstance(entry, str) else "\n".join(entry) for key, entry in entries.items()}
    return {key: text for key, text in lines.items() if text}


# -- steps ------------------------------------------------------------------------------------------------------------


def _placed(inferred: InferredSop, lanes: Sequence[Lane]) -> list[_Placed]:
    keys: list[str] = []
    taken: set[str] = set()
    steps: list[_Placed] = []
    for place, step in enumerate(inferred.steps, start=1):
        keys.append(_fresh(_slug(step.step.no) or f"ke_{place}", taken))
        steps.append(
            _Placed(
                inferred=step,
                key=keys[-1],
                lane=_lane(step, lanes),
                decision=step.decision,
                returns_to=_returned_to(step.decision, inferred.steps[:place], keys),
            )
        )
    return steps


def _lane(step: InferredStep, lanes: Sequence[Lane]) -> str | None:
    """The lane of the performer; of several columns with one heading, the one the row has its mark in."""
    found = [place for place, lane in enumerate(lanes) if lane.name == step.performer.lane]
    cells = step.step.cells
    marked = [place for place in found if place < len(cells) and cells[place].strip()]
    return next((lanes[place].id for place in (*marked, *found)), None)


def _returned_to(decision: Decision | None, until: Sequence[InferredStep], keys: Sequence[str]) -> str | None:
    """The task of the step a decision names: the nearest above of that number, or None."""
    if decision is None:
        return None
    wished = _slug(decision.return_to)
    found = [key for step, key in zip(until, keys, strict=True) if _slug(step.step.no) == wished]
    return f"langkah_{found[-1]}" if found else None


# -- nodes ------------------------------------------------------------------------------------------------------------


def _nodes(steps: Sequence[_Placed], lanes: Sequence[Lane]) -> tuple[Node, ...]:
    first = lanes[0].id if lanes else None
    nodes = [Node(START, "startEvent", "Mulai", steps[0].lane if steps else first)]
    for step in steps:
        nodes.append(_task(step))
        if step.gateway:
            nodes.append(_gateway(step, step.gateway))
    nodes.append(Node(END, "endEvent", "Selesai", steps[-1].lane if steps else first))
    return tuple(nodes)


def _task(placed: _Placed) -> Node:
    step, performer = placed.inferred.step, placed.inferred.performer
    properties = _mutu_baku(step)
    if len(performer.lanes) > 1:
        properties["pelaksana"] = "\n".join(performer.lanes)
    doubts = {"pelaksana": performer.evidence} if performer.review else {}
    if placed.decision is not None and placed.returns_to is None:
        doubts["pengembalian"] = placed.decision.evidence
    return Node(
        id=placed.task,
        kind="userTask",
        name=placed.inferred.label,
        lane=placed.lane,
        documentation=step.text,
        properties={**properties, **_marks(doubts)},
    )


def _gateway(placed: _Placed, gateway: str) -> Node:
    decision = placed.decision
    doubts = {"pengembalian": decision.evidence} if decision is not None and decision.review else {}
    return Node(gateway, "exclusiveGateway", "Disetujui?", placed.lane, properties=_marks(doubts))


def _mutu_baku(step: Step) -> dict[str, str]:
    """The row's other cells; empty ones are left out."""
    cells = {
        "langkah": step.no,
        "waktu": _length(step.waktu) if step.waktu else "",
        "kelengkapan": step.kelengkapan,
        "output": step.output,
        "keterangan": step.keterangan,
        "penanggung_jawab": step.penanggung_jawab,
    }
    return {key: text for key, text in cells.items() if text}


def _length(printed: Waktu) -> str:
    """The waktu as printed; with its unit, where the form has the unit in the heading only."""
    if printed.amount is None or printed.unit is None:
        return printed.text
    alone = waktu.read(printed.text)
    if alone is not None and (alone.amount, alone.unit) == (printed.amount, printed.unit):
        return printed.text
    return waktu.show(printed.amount, printed.unit)


def _marks(doubts: Mapping[str, Sequence[Sentence]]) -> dict[str, str]:
    """What a person should look at again, and the evidence for the guess, one sentence a line."""
    if not doubts:
        return {}
    reasons = "\n".join(str(reason) for evidence in doubts.values() for reason in evidence)
    return {"perlu_tinjauan": ", ".join(doubts), **({"dasar": reasons} if reasons else {})}


# -- edges ------------------------------------------------------------------------------------------------------------


def _edges(steps: Sequence[_Placed]) -> tuple[Edge, ...]:
    """From start to end in the order of the rows, and back where a decision returns. Nothing is approved by default."""
    edges = [Edge(f"alir_{START}", START, steps[0].task if steps else END)]
    for place, step in enumerate(steps):
        onward = steps[place + 1].task if place + 1 < len(steps) else END
        if step.gateway and step.returns_to:
            variable = f"keputusan_{step.key}"
            edges += [
                Edge(f"alir_{step.key}", step.task, step.gateway),
                Edge(f"setuju_{step.key}", step.gateway, onward, "Setuju", f"${{{variable} == 'setuju'}}"),
                Edge(
                    f"kembali_{step.key}",
                    step.gateway,
                    step.returns_to,
                    "Dikembalikan",
                    f"${{{variable} == 'kembali'}}",
                ),
            ]
        else:
            edges.append(Edge(f"alir_{step.key}", step.task, onward))
    return tuple(edges)
