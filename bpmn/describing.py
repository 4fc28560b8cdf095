"""What is different between two versions of a diagram, in short sentences for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from bpmn.comparing import PROPERTY, Change, Difference, Moved
from bpmn.flow import TASKS, Edge, Flow, Node
from bpmn.wording import Sentence, sentence


def described(difference: Difference, old: Flow, new: Flow) -> tuple[Sentence, ...]:
    """The difference in short sentences: steps, lanes, ways on, then what is left. Empty only where nothing differs.

    `difference` is what `compare(old, new)` made. Arrows that follow from steps that came, went or moved are not told.
    """
    told = (
        *_told_steps(difference, old, new),
        *_told_lanes(difference, old, new),
        *_told_ways(difference, old, new),
        *_told_changes(difference.whole, sentence("SOP ini")),
    )
    if difference and not told:
        return (sentence("Hanya rincian lain pada diagram yang berubah."),)
    return told


def called(node: Node, *, begins: bool = False) -> Sentence:
    """An element as people know it, a step by its number and its label; `begins` where a sentence begins with it."""
    name = " ".join(node.name.split()) or node.id
    if node.kind.endswith("Gateway"):
        return sentence("Gerbang “%(name)s”", name=name) if begins else sentence("gerbang “%(name)s”", name=name)
    if node.kind not in TASKS:
        return sentence("Elemen “%(name)s”", name=name) if begins else sentence("elemen “%(name)s”", name=name)
    number = node.properties.get("langkah", "").strip()
    if not number:
        return sentence("Langkah “%(name)s”", name=name) if begins else sentence("langkah “%(name)s”", name=name)
    facts = {"number": number, "name": name}
    if begins:
        return sentence("Langkah %(number)s “%(name)s”", **facts)
    return sentence("langkah %(number)s “%(name)s”", **facts)


_FIELDS = {
    "name": sentence("Nama"),
    "documentation": sentence("Uraian"),
    "kind": sentence("Jenis"),
    "multi": sentence("Cara pengerjaan oleh para pemegang jabatan"),
    "default": sentence("Jalan keluar bawaan"),
    "condition": sentence("Syarat"),
    "fields": sentence("Isian formulir"),
    "event": sentence("Kejadian"),
    "reads": sentence("Dokumen yang dibutuhkan"),
    "writes": sentence("Dokumen yang dihasilkan"),
    "pool": sentence("Judul bingkai"),
    PROPERTY + "langkah": sentence("Nomor"),
    PROPERTY + "waktu": sentence("Waktu"),
    PROPERTY + "kelengkapan": sentence("Kelengkapan"),
    PROPERTY + "output": sentence("Output"),
    PROPERTY + "keterangan": sentence("Keterangan"),
    PROPERTY + "penanggung_jawab": sentence("Penanggung jawab"),
    PROPERTY + "pengesahan": sentence("Pengesahan"),
    PROPERTY + "nomor": sentence("Nomor"),
}

UNTOLD = frozenset({"lane", *(PROPERTY + key for key in ("perlu_tinjauan", "dasar", "id_dihapus"))})
"""Fields that are told as moves, or are between the translator and the analyst."""

_LONG = 80
"""Characters of a value beyond which only is told that it changed."""


def _told_steps(difference: Difference, old: Flow, new: Flow) -> Iterator[Sentence]:
    before, after = _by_id(old), _by_id(new)
    for node in difference.added:
        yield sentence("%(element)s ditambahkan.", element=called(after[node], begins=True))
    for node in difference.removed:
        element = called(before[node], begins=True)
        if node in difference.likely:
            other = called(after[difference.likely[node]])
            yield sentence("%(element)s dihapus; agaknya menjadi %(other)s.", element=element, other=other)
        else:
            yield sentence("%(element)s dihapus.", element=element)
    for node, moved in difference.moved.items():
        yield from _told_move(moved, after, called(after[node], begins=True))
    for node, changes in difference.nodes.items():
        yield from _told_changes(changes, called(after[node]))


def _told_move(moved: Moved, after: Mapping[str, Node], element: Sentence) -> Iterator[Sentence]:
    if moved.lane:
        was, is_now = moved.lane
        yield sentence(
            "%(element)s pindah dari lajur %(before)s ke lajur %(after)s.",
            element=element,
            before=was or "-",
            after=is_now or "-",
        )
    if moved.behind is None:
        return
    if moved.behind[1] is None:
        yield sentence("%(element)s pindah ke urutan pertama.", element=element)
    else:
        yield sentence(
            "%(element)s pindah ke setelah %(other)s.", element=element, other=called(after[moved.behind[1]])
        )


def _told_changes(changes: Iterable[Change], element: Sentence) -> Iterator[Sentence]:
    for change in changes:
        if change.field in UNTOLD:
            continue
        field = _FIELDS.get(change.field) or sentence("“%(key)s” pada", key=change.field.removeprefix(PROPERTY))
        before, after = _shown(change.before), _shown(change.after)
        if before is None or after is None:
            yield sentence("%(field)s %(element)s berubah.", field=field, element=element)
        else:
            yield sentence(
                "%(field)s %(element)s berubah dari %(before)s menjadi %(after)s.",
                field=field,
                element=element,
                before=before,
                after=after,
            )


def _shown(value: object) -> object | None:
    """A value as a sentence may show it; None for one that is no short text."""
    if value is None or value == "":
        return sentence("(kosong)")
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return f"“{text}”" if 0 < len(text) <= _LONG else None


def _told_lanes(difference: Difference, old: Flow, new: Flow) -> Iterator[Sentence]:
    before, after = {lane.id: lane.name for lane in old.lanes}, {lane.id: lane.name for lane in new.lanes}
    for lane in difference.lanes_added:
        yield sentence("Lajur %(lane)s ditambahkan.", lane=after[lane])
    for lane in difference.lanes_removed:
        yield sentence("Lajur %(lane)s dihapus.", lane=before[lane])
    for was, is_now in difference.lanes.values():
        yield sentence("Lajur %(before)s sekarang bernama %(after)s.", before=was, after=is_now)


def _told_ways(difference: Difference, old: Flow, new: Flow) -> Iterator[Sentence]:
    before, after = {edge.id: edge for edge in old.edges}, {edge.id: edge for edge in new.edges}
    unsteady = {*difference.added, *difference.removed, *difference.moved}
    for way in difference.edges_added:
        if _worth_telling(new, after[way], unsteady):
            yield sentence("Panah %(way)s ditambahkan.", way=_way(new, after[way]))
    for way in difference.edges_removed:
        if _worth_telling(old, before[way], unsteady):
            yield sentence("Panah %(way)s dihapus.", way=_way(old, before[way]))
    for way, changes in difference.edges.items():
        was, is_now = before[way], after[way]
        turned = (was.source, was.target) != (is_now.source, is_now.target)
        if turned and _worth_telling(old, was, unsteady) and _worth_telling(new, is_now, unsteady):
            yield sentence("Panah %(before)s menjadi %(after)s.", before=_way(old, was), after=_way(new, is_now))
        texts = [change for change in changes if change.field in {"name", "condition"}]
        yield from _told_changes(texts, sentence("panah %(way)s", way=_way(new, is_now)))


def _worth_telling(flow: Flow, edge: Edge, unsteady: Collection[str]) -> bool:
    """Whether an arrow is a way out of a decision that stands, or between two elements that stand."""
    if edge.source in unsteady:
        return False
    return edge.target not in unsteady or (
        flow.node(edge.source).kind.endswith("Gateway") and len(flow.outgoing(edge.source)) > 1
    )


def _way(flow: Flow, edge: Edge) -> Sentence:
    source, target = called(flow.node(edge.source)), called(flow.node(edge.target))
    name = " ".join(edge.name.split())
    if name:
        return sentence("“%(name)s” dari %(source)s ke %(target)s", name=name, source=source, target=target)
    return sentence("dari %(source)s ke %(target)s", source=source, target=target)


def _by_id(flow: Flow) -> dict[str, Node]:
    return {node.id: node for node in flow.nodes}
