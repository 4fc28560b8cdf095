"""InferredSop -> Flow: a lane for each jabatan, a task for each step, a gateway for each decision and each condition.

Ids never change once given: they are made from the printed numbers, so a corrected wording keeps them. What was
guessed is marked on the element it is about with `perlu_tinjauan`, and why with `dasar`, for the modeler to show.

A row of chained approvals becomes one task for each act: the first keeps the row's id and its whole mutu baku, for a
waktu printed once is that of the row; what each act may take of it is not in the document, and no deadline is invented.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bpmn import waktu
from bpmn.flow import PARALLEL, Edge, Flow, Lane, Node
from bpmn.inference import approvals
from bpmn.sop import Act, InferredSop, InferredStep, Manner, Sop, Step, Waktu
from bpmn.wording import Sentence

START, END = "mulai", "selesai"
MAX_SLUG = 80


@dataclass(frozen=True, slots=True)
class _Way:
    """A way on from a task: `value` is what its variable is set to, and names its edge."""

    value: str
    name: str
    target: str


@dataclass(frozen=True, slots=True)
class _Placed:
    """One task: its row, what makes its ids (`6` in `langkah_6`), what is done in it and the ways out of it.

    `question` is what its gateway asks. `unplaced` names what was inferred about the row but has no place in the flow.
    """

    inferred: InferredStep
    key: str
    act: Act
    is_first: bool
    """Of the tasks of its row, which nearly always is one."""
    lane: str | None
    ways: tuple[_Way, ...]
    question: str
    unplaced: frozenset[str]

    @property
    def task(self) -> str:
        return f"langkah_{self.key}"

    @property
    def gateway(self) -> str | None:
        return f"gerbang_{self.key}" if len(self.ways) > 1 else None

    @property
    def multi(self) -> str:
        """Nothing is decided in a task of each holder: their answers could differ."""
        return PARALLEL if _is_for_each(self.inferred) and not self.gateway else ""


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
    steps = _placed(inferred.steps, lanes)
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


# -- tasks ------------------------------------------------------------------------------------------------------------


def _placed(steps: Sequence[InferredStep], lanes: Sequence[Lane]) -> list[_Placed]:
    """The tasks of all rows in order, each with the ways out of it."""
    keys = _keys(steps)
    tasks = [*([f"langkah_{key}" for key in row] for row in keys), [END]]
    groups = _groups(steps)
    placed: list[_Placed] = []
    for place, step in enumerate(steps):
        back = _returned_to(steps, place, groups, [row[0] for row in keys])
        onward = _onward(steps, place, groups, [row[0] for row in tasks], decides=bool(back))
        lost = {"pengembalian"} if step.decision and not back else set()
        if step.condition and not any(place in group for group in groups.values()):
            lost.add("percabangan")
        acts = _acts(step)
        for nth, (key, act) in enumerate(zip(keys[place], acts, strict=True)):
            last = nth + 1 == len(acts)
            ways = onward if last else (_Way("setuju", "Setuju", tasks[place][nth + 1]),)
            placed.append(
                _Placed(
                    inferred=step,
                    key=key,
                    act=act,
                    is_first=nth == 0,
                    lane=_lane(act.lane, step.step, lanes),
                    ways=(*ways, *([_Way("kembali", "Dikembalikan", back)] if back and act.approves else [])),
                    question=_question(steps, groups.get(place, ()) if last and not back else ()),
                    unplaced=frozenset(lost),
                )
            )
    return placed


def _acts(step: InferredStep) -> tuple[Act, ...]:
    """What is done in a row, each by one jabatan and so in a task of its own."""
    if step.several is not None and step.several.acts:
        return step.several.acts
    return (Act(step.label, step.performer.lane),)


def _is_for_each(step: InferredStep) -> bool:
    return step.several is not None and step.several.manner is Manner.EACH


def _keys(steps: Sequence[InferredStep]) -> list[list[str]]:
    """What makes the ids of the tasks of each row. Every row has its own before a further act of one is named."""
    taken: set[str] = set()
    keys = [[_fresh(_slug(step.step.no) or f"ke_{place}", taken)] for place, step in enumerate(steps, start=1)]
    for step, row in zip(steps, keys, strict=True):
        row += [_fresh(f"{row[0]}_{nth}", taken) for nth in range(2, len(_acts(step)) + 1)]
    return keys


def _lane(name: str, step: Step, lanes: Sequence[Lane]) -> str | None:
    """The lane of that name; of several columns with one heading, the one the row has its mark in."""
    found = [place for place, lane in enumerate(lanes) if lane.name == name]
    marked = [place for place in found if place < len(step.cells) and step.cells[place].strip()]
    return next((lanes[place].id for place in (*marked, *found)), None)


# -- ways -------------------------------------------------------------------------------------------------------------


def _groups(steps: Sequence[InferredStep]) -> dict[int, tuple[int, ...]]:
    """For the place of each row that decides whether others are done, their places: the next one, or the next two.

    A condition that names any other row than the one before its own, or one that each holder of a jabatan does, or one
    that is done only sometimes itself, has no place.
    """
    groups: dict[int, tuple[int, ...]] = {}
    grouped: set[int] = set()
    for place, step in enumerate(steps[:-1]):
        condition, following = steps[place + 1].condition, steps[place + 2 : place + 3]
        if condition is None or place in grouped or _is_for_each(step):
            continue
        if place + 1 in grouped or _slug(condition.decided_in) != _slug(step.step.no):
            continue
        other = following[0].condition if following else None
        paired = other is not None and (other.decided_in, other.question) == (condition.decided_in, condition.question)
        groups[place] = (place + 1, place + 2) if paired else (place + 1,)
        grouped.update(groups[place])
    return groups


def _onward(
    steps: Sequence[InferredStep],
    place: int,
    groups: Mapping[int, Sequence[int]],
    firsts: Sequence[str],
    *,
    decides: bool,
) -> tuple[_Way, ...]:
    """The ways on from a row; `firsts` are the first tasks of all rows, and the end. `decides`: it may also return."""
    group = groups.get(place, ())
    if not group:
        # The first of two ways leads past the other.
        past = max((max(each) for each in groups.values() if place in each), default=place) + 1
        return (_Way("setuju", "Setuju", firsts[past]),)
    conditions = [condition for at in group if (condition := steps[at].condition)]
    answers = [condition.answer for condition in conditions] + [conditions[0].otherwise]
    yes, no = _Way("ya", answers[0], firsts[place + 1]), _Way("tidak", answers[1], firsts[place + 2])
    if decides and len(group) == 1:
        # Who may also send the work back, and has nothing to object, agrees.
        return (_Way("setuju", "Setuju", no.target), yes)
    return (yes, no)


def _returned_to(
    steps: Sequence[InferredStep], place: int, groups: Mapping[int, Sequence[int]], keys: Sequence[str]
) -> str | None:
    """The task of the step a row's decision names: the nearest above of that number, or None.

    The second of two ways does not come after the first: what would return there returns to where they part.
    """
    decision = steps[place].decision
    if decision is None:
        return None
    wished = _slug(decision.return_to)
    found = [at for at, step in enumerate(steps[: place + 1]) if _slug(step.step.no) == wished]
    if not found:
        return None
    parting = next((at for at, group in groups.items() if (found[-1], place) == tuple(group)), found[-1])
    return f"langkah_{keys[parting]}"


def _question(steps: Sequence[InferredStep], group: Sequence[int]) -> str:
    return next((condition.question for at in group if (condition := steps[at].condition)), "Disetujui?")


# -- nodes ------------------------------------------------------------------------------------------------------------


def _nodes(steps: Sequence[_Placed], lanes: Sequence[Lane]) -> tuple[Node, ...]:
    first = lanes[0].id if lanes else None
    nodes = [Node(START, "startEvent", "Mulai", steps[0].lane if steps else first)]
    for place, step in enumerate(steps):
        nodes.append(_task(step, lanes))
        if step.gateway:
            nodes.append(_gateway(step, step.gateway, steps[place + 1 : place + 2]))
    nodes.append(Node(END, "endEvent", "Selesai", steps[-1].lane if steps else first))
    return tuple(nodes)


def _task(placed: _Placed, lanes: Sequence[Lane]) -> Node:
    inferred, performer = placed.inferred, placed.inferred.performer
    properties = _mutu_baku(inferred.step) if placed.is_first else {"langkah": inferred.step.no}
    if approval := _approval(placed, [lane.name for lane in lanes]):
        properties["pengesahan"] = approval
    if len(performer.lanes) > 1 and len(_acts(inferred)) == 1:
        properties["pelaksana"] = "\n".join(performer.lanes)
    return Node(
        id=placed.task,
        kind="userTask",
        name=placed.act.label,
        lane=placed.lane,
        documentation=inferred.step.text,
        properties={**properties, **_marks(_doubts(placed))},
        multi=placed.multi,
    )


def _approval(placed: _Placed, lanes: Sequence[str]) -> str:
    """What its performer does by finishing the task: the label of an act says it, for a row of one act its text too."""
    texts = [placed.act.label] if len(_acts(placed.inferred)) > 1 else [placed.inferred.step.text, placed.act.label]
    return next((found for text in texts if (found := approvals.own(text, placed.act.lane, lanes))), "")


def _doubts(placed: _Placed) -> dict[str, Sequence[Sentence]]:
    """What about a task is to be confirmed: who does it, and what of its row has no place in the flow."""
    inferred, doubts = placed.inferred, {}
    several = inferred.several
    if several is not None and several.acts:
        found = [(several.review, several.evidence)]
    else:
        found = [(inferred.performer.review, inferred.performer.evidence)]
        if several is not None and placed.multi:
            found.append((several.review, several.evidence))
    if reasons := [reason for review, evidence in found if review for reason in evidence]:
        doubts["pelaksana"] = reasons
    for name, about in (("pengembalian", inferred.decision), ("percabangan", inferred.condition)):
        if about is not None and name in placed.unplaced:
            doubts[name] = list(about.evidence)
    return dict(doubts)


def _gateway(placed: _Placed, gateway: str, following: Sequence[_Placed]) -> Node:
    """The gateway after a task. Where the next step has a condition, it is asked here."""
    values = {way.value for way in placed.ways}
    condition = following[0].inferred.condition if following and "ya" in values else None
    doubts: dict[str, Sequence[Sentence]] = {}
    if "kembali" in values and placed.inferred.decision and placed.inferred.decision.review:
        doubts["pengembalian"] = placed.inferred.decision.evidence
    if condition is not None and condition.review:
        doubts["percabangan"] = condition.evidence
    return Node(gateway, "exclusiveGateway", placed.question, placed.lane, properties=_marks(doubts))


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
    """From start to end in the order of the rows, past them and back. Nothing is approved by default."""
    edges = [Edge(f"alir_{START}", START, steps[0].task if steps else END)]
    for step in steps:
        gateway = step.gateway
        edges.append(Edge(f"alir_{step.key}", step.task, gateway or step.ways[0].target))
        if gateway:
            edges += [
                Edge(
                    id=f"{way.value}_{step.key}",
                    source=gateway,
                    target=way.target,
                    name=way.name,
                    condition=f"${{keputusan_{step.key} == '{way.value}'}}",
                )
                for way in step.ways
            ]
    return tuple(edges)
