"""Small flows made by hand, and random ones."""

from __future__ import annotations

from random import Random

from bpmn.flow import Edge, Flow, Lane, Node

LANES = (Lane("lajur_1", "Camat"), Lane("lajur_2", "Sekretaris"), Lane("lajur_3", "Kasubag Umum"))


class Drawing:
    """A flow under construction: nodes and edges are added as they are drawn."""

    def __init__(self, title: str = "Surat Keluar") -> None:
        self.title = title
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.node("mulai", "startEvent")
        self.steps = 0

    def node(self, node_id: str, kind: str, lane: str = "lajur_1", **more: object) -> str:
        self.nodes.append(Node(node_id, kind, name=node_id, lane=lane, **more))  # type: ignore[arg-type]
        return node_id

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


def random_flow(random: Random) -> Flow:
    """Steps, decisions with returns, forward branches and parallel sections, nested and in any order."""
    drawing = Drawing()
    end = _sequence(drawing, random, drawing.step("mulai"), depth=0)
    return drawing.flow(drawing.step(end))


def _sequence(drawing: Drawing, random: Random, after: str, depth: int) -> str:
    """A few blocks behind `after`, which is a task; the last task of them."""
    tasks = [after]
    for _ in range(random.randint(1, 3 if depth else 4)):
        block = random.choice(["step", "return", "return", "branch", "parallel"] if depth < 2 else ["step", "return"])
        if block == "step":
            tasks.append(drawing.step(tasks[-1]))
        elif block == "return":
            tasks.append(_with_return(drawing, tasks, random))
        elif block == "branch":
            tasks.append(_branch(drawing, random, tasks[-1], depth))
        else:
            tasks.append(_parallel(drawing, random, tasks[-1], depth))
    return tasks[-1]


def _with_return(drawing: Drawing, tasks: list[str], random: Random) -> str:
    step = drawing.step(tasks[-1])
    gateway = drawing.decision(step, back_to=random.choice(tasks))
    return _approved(drawing, gateway)


def _approved(drawing: Drawing, gateway: str) -> str:
    drawing.steps += 1
    step = drawing.node(f"langkah_{drawing.steps}", "userTask", properties={"langkah": str(drawing.steps)})
    drawing.approve(gateway, step)
    return step


def _branch(drawing: Drawing, random: Random, after: str, depth: int) -> str:
    number = after.removeprefix("langkah_")
    gateway = drawing.node(f"pilih_{number}", "exclusiveGateway")
    merge = drawing.node(f"temu_{number}", "exclusiveGateway")
    drawing.edge(after, gateway)
    for way in ("a", "b"):
        drawing.steps += 1
        first = drawing.node(f"langkah_{drawing.steps}", "userTask", properties={"langkah": str(drawing.steps)})
        drawing.edge(gateway, first, way, f"${{keputusan_{number} == '{way}'}}")
        drawing.edge(_sequence(drawing, random, first, depth + 1), merge)
    return drawing.step(merge)


def _parallel(drawing: Drawing, random: Random, after: str, depth: int) -> str:
    number = after.removeprefix("langkah_")
    fork = drawing.node(f"pisah_{number}", "parallelGateway")
    join = drawing.node(f"gabung_{number}", "parallelGateway")
    drawing.edge(after, fork)
    for _ in range(random.randint(2, 3)):
        drawing.edge(_sequence(drawing, random, drawing.step(fork), depth + 1), join)
    return drawing.step(join)
