"""The SOPs of the simulated office: those of a kecamatan from the library, and a few with what these do not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from bpmn import layout, library, writer
from bpmn.flow import MESSAGE, TIMER, Edge, Event, Flow, Lane, Node

FOLDER = "martapura_barat"
"""Whose SOPs of the library it has."""

CLERK, HEAD, SECRETARY = "Pengadministrasi Umum", "Camat", "Sekretaris"
SERVICES, ORDER = "Kasi Pelayanan Umum", "Kasi Ketenteraman dan Ketertiban"
VILLAGES, WELFARE = "Kasi Pemerintahan", "Kasi Kesejahteraan Sosial"

PERMIT, COMPLAINT, GUIDANCE, AID = "rekomendasi_usaha", "pengaduan_warga", "pembinaan_desa", "bantuan_sosial"
"""Process ids of those that are drawn here."""

REPLY = "jawaban_kabupaten"
"""The message that some runs of COMPLAINT wait for."""

ENOUGH, NEEDS_PERMIT, NEEDS_REPLY = "Cukup ditindaklanjuti", "Perlu rekomendasi", "Perlu jawaban kabupaten"
"""What is decided about a complaint."""

BACK, ON = "Dikembalikan", "Setuju"


@dataclass(frozen=True, slots=True)
class Step:
    """A step: who does it, what, and its waktu."""

    lane: str
    name: str
    waktu: str


def diagrams() -> tuple[bytes, ...]:
    """The files of all SOPs. What one calls comes before it."""
    own = (_permit(), _complaint(), _guidance(), _aid())
    known = (diagram.content for diagram in library.diagrams() if diagram.office == FOLDER)
    return (*known, *(writer.write(flow, layout.place(flow)) for flow in own))


def _permit() -> Flow:
    """Two steps at once, and a return."""
    steps = {
        "1": Step(CLERK, "Mencatat permohonan rekomendasi", "1 hari"),
        "2": Step(SERVICES, "Memeriksa kelengkapan persyaratan", "3 hari"),
        "3": Step(ORDER, "Meninjau lokasi usaha", "5 hari"),
        "4": Step(SECRETARY, "Memeriksa konsep rekomendasi", "2 hari"),
        "5": Step(HEAD, "Menandatangani rekomendasi", "2 hari"),
    }
    between = (Node("pisah", "parallelGateway", lane=CLERK), Node("gabung", "parallelGateway", lane=SECRETARY))
    ways = (
        *("mulai > langkah_1", "langkah_1 > pisah", "pisah > langkah_2", "pisah > langkah_3"),
        *("langkah_2 > gabung", "langkah_3 > gabung", "gabung > langkah_4", "langkah_4 > gerbang_4"),
        *(f"gerbang_4 > langkah_1 : {BACK}", f"gerbang_4 > langkah_5 : {ON}", "langkah_5 > selesai"),
    )
    return _drawn(PERMIT, "Pelayanan rekomendasi izin usaha", steps, (*between, _gateway("4", SECRETARY)), ways)


def _complaint() -> Flow:
    """A timer, another SOP and a message."""
    steps = {
        "1": Step(CLERK, "Mencatat pengaduan", "1 hari"),
        "2": Step(ORDER, "Menelaah pengaduan", "5 hari"),
        "3": Step(SECRETARY, "Menyampaikan jawaban kepada pengadu", "5 hari"),
    }
    between = (
        Node("tunggu_1", "intermediateCatchEvent", "Masa sanggah", CLERK, event=Event(TIMER, "3 hari", "timeDuration")),
        _gateway("2", ORDER),
        Node("panggil_2", "callActivity", "Rekomendasi izin usaha", ORDER, calls=PERMIT),
        Node("tunggu_2", "intermediateCatchEvent", "Jawaban kabupaten", ORDER, event=Event(MESSAGE, REPLY)),
    )
    ways = (
        *("mulai > langkah_1", "langkah_1 > tunggu_1", "tunggu_1 > langkah_2", "langkah_2 > gerbang_2"),
        *(f"gerbang_2 > langkah_3 : {ENOUGH}", f"gerbang_2 > panggil_2 : {NEEDS_PERMIT}"),
        *(f"gerbang_2 > tunggu_2 : {NEEDS_REPLY}", "panggil_2 > langkah_3", "tunggu_2 > langkah_3"),
        "langkah_3 > selesai",
    )
    return _drawn(COMPLAINT, "Penanganan pengaduan warga", steps, between, ways)


def _guidance() -> Flow:
    steps = {
        "1": Step(CLERK, "Menyusun jadwal pembinaan", "1 hari"),
        "2": Step(VILLAGES, "Membina administrasi desa", "10 hari"),
        "3": Step(HEAD, "Menerima laporan pembinaan", "5 hari"),
    }
    return _drawn(GUIDANCE, "Pembinaan administrasi desa", steps, (), _row(steps))


def _aid() -> Flow:
    steps = {
        "1": Step(CLERK, "Menerima usulan bantuan", "1 hari"),
        "2": Step(WELFARE, "Memverifikasi calon penerima", "10 hari"),
        "3": Step(HEAD, "Menetapkan penerima bantuan", "5 hari"),
    }
    return _drawn(AID, "Penyaluran bantuan sosial", steps, (), _row(steps))


def _row(steps: Mapping[str, Step]) -> tuple[str, ...]:
    """One step after the other."""
    places = ["mulai", *(f"langkah_{number}" for number in steps), "selesai"]
    return tuple(f"{source} > {target}" for source, target in pairwise(places))


def _gateway(step: str, lane: str) -> Node:
    return Node(f"gerbang_{step}", "exclusiveGateway", "Disetujui?" if step == "4" else "Tindak lanjut?", lane)


def _drawn(
    process_id: str, title: str, steps: Mapping[str, Step], between: tuple[Node, ...], ways: tuple[str, ...]
) -> Flow:
    """A flow: its steps by number, what lies between them (lanes by name), and ways like `a > b : decision`."""
    first, last = next(iter(steps.values())).lane, list(steps.values())[-1].lane
    tasks = (
        Node(
            f"langkah_{number}",
            "userTask",
            step.name,
            step.lane,
            documentation=f"{step.name}.",
            properties={"langkah": number, "waktu": step.waktu},
        )
        for number, step in steps.items()
    )
    nodes = (
        Node("mulai", "startEvent", "Mulai", first),
        *tasks,
        *between,
        Node("selesai", "endEvent", "Selesai", last),
    )
    lanes = {name: f"lajur_{place}" for place, name in enumerate(dict.fromkeys(str(node.lane) for node in nodes), 1)}
    return Flow(
        process_id=process_id,
        name=title,
        pool=title,
        lanes=tuple(Lane(lane_id, name) for name, lane_id in lanes.items()),
        nodes=tuple(_in_lane(node, lanes) for node in nodes),
        edges=tuple(_edge(number, way) for number, way in enumerate(ways, 1)),
    )


def _in_lane(node: Node, lanes: Mapping[str, str]) -> Node:
    return replace(node, lane=lanes[str(node.lane)])


def _edge(number: int, way: str) -> Edge:
    places, _, decision = way.partition(" : ")
    source, target = places.split(" > ")
    condition = f"${{keputusan_{source.removeprefix('gerbang_')} == 'pilihan_{number}'}}" if decision else None
    return Edge(f"alur_{number}", source, target, decision, condition)
