"""Small flows made by hand, and random ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

from bpmn.flow import MESSAGE, PARALLEL, SEQUENTIAL, SIGNAL, TERMINATE, TIMER, Edge, Event, Flow, Lane, Node

LANES = (Lane("lajur_1", "Camat"), Lane("lajur_2", "Sekretaris"), Lane("lajur_3", "Kasubag Umum"))


class Drawing:
    """A flow under construction: nodes and edges are added as they are drawn."""

    def __init__(self, title: str = "Surat Keluar") -> None:
        self.title = title
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.inside: str | None = None
        """The subprocess that is being drawn."""
        self.node("mulai", "startEvent")
        self.steps = 0

    def node(self, node_id: str, kind: str, lane: str = "lajur_1", **more: object) -> str:
        self.nodes.append(Node(node_id, kind, name=node_id, lane=lane, parent=self.inside, **more))  # type: ignore[arg-type]
        return node_id

    def another(self, name: str, kind: str, after: str, **more: object) -> str:
        """A node with a new id behind `after`."""
        node = self.node(f"{name}_{len(self.nodes)}", kind, **more)  # type: ignore[arg-type]
        self.edge(after, node)
        return node

    def boundary(self, host: str, event: str = TIMER, interrupting: bool = True) -> str:
        """An event on the border of a node."""
        return self.node(
            f"batas_{len(self.nodes)}", "boundaryEvent",
            event=Event(event, "P3D", "timeDuration"), attached_to=host, interrupting=interrupting,
        )  # fmt: skip

    def end(self, after: str, terminate: bool = False) -> str:
        """An end behind `after`."""
        return self.another("henti", "endEvent", after, event=Event(TERMINATE) if terminate else None)

    @contextmanager
    def subprocess(self, after: str) -> Iterator[str]:
        """A subprocess behind `after`, drawn in the block behind its start; that is the only node in it so far."""
        outside, host = self.inside, self.another("bagian", "subProcess", after)
        self.inside = host
        yield self.node(f"mulai_{host}", "startEvent")
        self.inside = outside

    def step(self, after: str, lane: int = 1, **properties: str) -> str:
        """A task behind `after`."""
        self.steps += 1
        step = f"langkah_{self.steps}"
        self.node(step, "userTask", f"lajur_{lane}", properties={"langkah": str(self.steps), **properties})
        self.edge(after, step)
        return step

    def edge(self, source: str, target: str, name: str = "", condition: str | None = None) -> str:
        edge = f"alur_{len(self.edges) + 1}"
        self.edges.append(Edge(edge, source, target, name, condition))
        return edge

    def decision(self, step: str, back_to: str) -> str:
        """A gateway behind a task that goes on, or back to an earlier node."""
        number = step.removeprefix("langkah_")
        gateway = self.node(f"gerbang_{number}", "exclusiveGateway")
        self.edge(step, gateway)
        self.edge(gateway, back_to, "Dikembalikan", f"${{keputusan_{number} == 'kembali'}}")
        return gateway

    def approve(self, gateway: str, target: str) -> None:
        """The way on from a decision."""
        number = gateway.removeprefix("gerbang_")
        self.edge(gateway, target, "Setuju", f"${{keputusan_{number} == 'setuju'}}")

    def flow(self, end_after: str) -> Flow:
        self.node("selesai", "endEvent")
        (self.approve if end_after.startswith("gerbang") else self.edge)(end_after, "selesai")
        return Flow(
            process_id="surat_keluar",
            name=self.title,
            pool=self.title,
            lanes=LANES,
            nodes=tuple(self.nodes),
            edges=tuple(self.edges),
            properties={"nomor": "01/2026"},
        )


def approval(title: str = "Surat Keluar") -> Flow:
    """Step 1 by the Kasubag, step 2 by the Sekretaris who may return it, step 3 by the Camat."""
    drawing = Drawing(title)
    first = drawing.step("mulai", lane=3, waktu="2 jam", kelengkapan="Konsep surat", output="Konsep diketik")
    second = drawing.step(first, lane=2, waktu="1 hari")
    gateway = drawing.decision(second, back_to=first)
    drawing.steps += 1
    third = drawing.node("langkah_3", "userTask", "lajur_1", properties={"langkah": "3", "waktu": "30 menit"})
    drawing.approve(gateway, third)
    return drawing.flow(third)


def parallel() -> Flow:
    """Step 1, then 2 and 3 at once, joined before 4."""
    drawing = Drawing()
    first = drawing.step("mulai")
    fork = drawing.node("pisah", "parallelGateway")
    drawing.edge(first, fork)
    join = drawing.node("gabung", "parallelGateway")
    for lane in (2, 3):
        drawing.edge(drawing.step(fork, lane), join)
    return drawing.flow(drawing.step(join))


def decisions(flow: Flow, step: str) -> list[str]:
    """What may be decided at a step: every text that a condition compares its variable with, and one beside them."""
    variable = f"keputusan_{step.removeprefix('langkah_')}"
    tested = [
        (flow.node(edge.source), value)
        for edge in flow.edges
        for value in re.findall(rf"{variable} == '(\w+)'", edge.condition or "")
    ]
    other = ["lain"] if any(gateway.default for gateway, _ in tested) else []
    return sorted({value for _, value in tested}) + other


ALL = (
    "step", "return", "return", "return", "branch", "parallel", "parallel", "inclusive", "inclusive", "catch", "call",
    "subprocess", "subprocess", "rejected",
)  # fmt: skip
"""What a random flow is put together from."""


def random_flow(
    random: Random,
    blocks: tuple[str, ...] = ALL,
    borders: float = 0.2,
    doubling: bool = False,
    stopping: bool = False,
) -> Flow:
    """A flow of `blocks`, nested and in any order, with events on the border of this part of its nodes.

    Where it is `doubling`, what an event begins beside its host may run into the rest; where it is `stopping`, there
    are ways out of splits, if on no branch of another, that lead only to an end of everything.
    """
    drawing = Drawing()
    sketch = _Sketch(drawing, random, blocks, borders, doubling, stopping)
    end = sketch.sequence("mulai", depth=0, apart=False)
    return drawing.flow(drawing.step(end))


class _Sketch:
    """A random flow while it is drawn. Every block begins behind a node and answers with the node it ends with.

    `apart` says that the block lies on a branch which a join waits for: no token may then be lost there.
    """

    def __init__(
        self, drawing: Drawing, random: Random, blocks: tuple[str, ...], borders: float, doubling: bool, stopping: bool
    ) -> None:
        self.drawing = drawing
        self.random = random
        self.blocks = blocks
        self.borders = borders
        self.doubling = doubling
        self.stopping = stopping

    def sequence(self, after: str, depth: int, apart: bool) -> str:
        """A few blocks behind `after`, the first of them a step."""
        before = [self.step(after)]
        end = self.bordered(before[0], before, apart)
        nested = {"branch", "parallel", "inclusive", "subprocess"}
        blocks = [block for block in self.blocks if depth < 2 or block not in nested]
        for _ in range(self.random.randint(1, 3 if depth else 4)):
            end = getattr(self, f"_{self.random.choice(blocks)}")(end, before, depth, apart)
        return end

    def step(self, after: str) -> str:
        """A task, of any of the three kinds, for one person or for each holder of the jabatan."""
        self.drawing.steps += 1
        step = f"langkah_{self.drawing.steps}"
        kind = self.random.choice(["userTask", "userTask", "manualTask", "task"])
        multi = self.random.choice(["", "", "", PARALLEL, SEQUENTIAL])
        self.drawing.node(step, kind, multi=multi, properties={"langkah": str(self.drawing.steps)})
        self.drawing.edge(after, step)
        return step

    def bordered(self, host: str, before: list[str], apart: bool) -> str:
        """Perhaps with events on its border; where the work goes on from."""
        end = host
        while self.random.random() < self.borders:
            event = self.drawing.boundary(
                host, self.random.choice([TIMER, MESSAGE, SIGNAL]), interrupting=self.random.random() < 0.6
            )
            end = self._behind(event, end, before, apart)
        return end

    def _behind(self, event: str, end: str, before: list[str], apart: bool) -> str:
        """What follows a boundary event: an end of its own, a way back, or a way round to what follows its host."""
        node = self.drawing.nodes[-1]
        if node.interrupting:
            ways = ["round", "round", "back", "back", "stop", *([] if apart else ["end"])]
        else:
            ways = ["round"] if self.doubling and not apart else ["end", "short end"]
        way = self.random.choice(ways)
        if way in {"stop", "short end"}:
            self.drawing.end(event, terminate=way == "stop")
            return end
        step = self.step(event)
        if way == "end":
            self.drawing.end(step)
        elif way == "back":
            self.drawing.edge(step, self.random.choice(before))
        else:
            end = self.drawing.another("putar", "exclusiveGateway", end)
            self.drawing.edge(step, end)
        return end

    # -- the blocks ---------------------------------------------------------------------------------------------------

    def _step(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        step = self.step(after)
        before.append(step)
        return self.bordered(step, before, apart)

    def _catch(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        event = Event(self.random.choice([TIMER, MESSAGE, SIGNAL]), "P1D", "timeDuration")
        before.append(self.drawing.another("tunggu", "intermediateCatchEvent", after, event=event))
        return before[-1]

    def _call(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        before.append(self.drawing.another("panggil", "callActivity", after, calls="sop_lain"))
        return self.bordered(before[-1], before, apart)

    def _return(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        step = self.step(after)
        end = self.bordered(step, [*before, step], apart)
        gateway = self.drawing.another("gerbang", "exclusiveGateway", end)
        number = step.removeprefix("langkah_")
        back = self.random.choice([*before, step])
        self.drawing.edge(gateway, back, "Dikembalikan", f"${{keputusan_{number} == 'kembali'}}")
        onward = self.drawing.node(f"lanjut_{number}", "exclusiveGateway")
        self.drawing.edge(gateway, onward, "Setuju", f"${{keputusan_{number} == 'setuju'}}")
        # A boundary event may lead past the step that decides; its variable is then not set.
        self.default(gateway, self.last_out(gateway))
        before.append(step)
        return onward

    def _branch(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        number, gateway = self.decided(after, "exclusiveGateway", before, apart)
        merge = self.drawing.node(f"temu_{number}", "exclusiveGateway")
        for way in ("a", "b"):
            entry = self.drawing.node(f"cabang_{number}{way}", "exclusiveGateway")
            self.drawing.edge(gateway, entry, way, f"${{keputusan_{number} == '{way}'}}")
            self.drawing.edge(self.sequence(entry, depth + 1, apart), merge)
        self.default(gateway, self.last_out(gateway))
        return merge

    def _rejected(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        """Work may end here, on a branch with all other work."""
        number, gateway = self.decided(after, "exclusiveGateway", before, apart)
        stop = self.drawing.node(f"tolak_{number}", "exclusiveGateway")
        self.drawing.edge(gateway, stop, "Ditolak", f"${{keputusan_{number} == 'tolak'}}")
        self.drawing.end(stop, terminate=apart or self.random.random() < 0.5)
        onward = self.drawing.node(f"lanjut_{number}", "exclusiveGateway")
        self.drawing.edge(gateway, onward)
        self.default(gateway, self.last_out(gateway))
        return onward

    def _parallel(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        fork = self.drawing.another("pisah", "parallelGateway", after)
        join = self.drawing.node(f"gabung_{fork}", "parallelGateway")
        for _ in range(self.random.randint(2, 3)):
            empty = self.random.random() < 0.1
            self.drawing.edge(fork if empty else self.sequence(fork, depth + 1, apart=True), join)
        if self.stopping and not apart and self.random.random() < 0.2:
            self.drawing.end(self.step(fork), terminate=True)
        return join

    def _inclusive(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        number, split = self.decided(after, "inclusiveGateway", before, apart)
        join = self.drawing.node(f"kumpul_{number}", "inclusiveGateway")
        ways = "abc"[: self.random.randint(2, 3)]
        for way in ways:
            texts = [text for text in ("a", "b", "c", "ab", "bc", "abc") if way in text and set(text) <= set(ways)]
            condition = " || ".join(f"keputusan_{number} == '{text}'" for text in texts)
            entry = join
            if self.random.random() < 0.9:
                entry = self.drawing.node(f"cabang_{number}{way}", "exclusiveGateway")
            self.drawing.edge(split, entry, way, f"${{{condition}}}")
            if entry != join and self.stopping and not apart and self.random.random() < 0.1:
                self.drawing.end(self.step(entry), terminate=True)
            elif entry != join:
                self.drawing.edge(self.sequence(entry, depth + 1, apart=True), join)
        self.drawing.edge(self.sequence(split, depth + 1, apart=True), join)
        self.default(split, self.last_out(split))
        return join

    def _subprocess(self, after: str, before: list[str], depth: int, apart: bool) -> str:
        with self.drawing.subprocess(after) as start:
            self.drawing.end(self.sequence(start, depth + 1, apart=False), terminate=self.random.random() < 0.2)
        before.append(str(self.drawing.nodes[-1].parent))
        return self.bordered(before[-1], before, apart)

    def decided(self, after: str, kind: str, before: list[str], apart: bool) -> tuple[str, str]:
        """A step that decides and the gateway behind it; the number in its variable."""
        step = self.step(after)
        end = self.bordered(step, [*before, step], apart)
        before.append(step)
        return step.removeprefix("langkah_"), self.drawing.another("pilih", kind, end)

    def default(self, gateway: str, edge: str) -> None:
        """Let a gateway take this edge where no condition holds."""
        for place, node in enumerate(self.drawing.nodes):
            if node.id == gateway:
                self.drawing.nodes[place] = replace(node, default=edge)

    def last_out(self, gateway: str) -> str:
        """The edge that was last drawn out of a gateway."""
        return [edge.id for edge in self.drawing.edges if edge.source == gateway][-1]
