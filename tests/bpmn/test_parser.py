from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import layout, parser, writer
from bpmn.errors import NotBpmn, Refusal
from bpmn.flow import Edge, Event, Lane, Node
from tests.bpmn.flows import simple

VALID = writer.write(
    flow := simple(
        "mulai -> langkah_1",
        "langkah_1 -> gerbang_1",
        "gerbang_1 -> selesai : Setuju : ${keputusan_1 == 'setuju'}",
        "gerbang_1 -> langkah_1 : Dikembalikan : ${keputusan_1 == 'kembali'}",
    ),
    layout.place(flow),
)
CAMUNDA_MODELER = (Path(__file__).parent / "modelers" / "camunda_modeler.bpmn").read_bytes()
DEFAULT_NAMESPACE = (Path(__file__).parent / "modelers" / "default_namespace.bpmn").read_bytes()


def process(inside: str, attributes: str = 'isExecutable="true"') -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL">\n'
        f'<bpmn2:process id="p" {attributes}>\n{inside}\n</bpmn2:process>\n</bpmn2:definitions>'
    ).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(NotBpmn) as refused:
        parser.parse(data)
    assert "%(" not in str(refused.value)
    return str(refused.value)


def test_a_file_of_camunda_modeler_is_read() -> None:
    read = parser.parse(CAMUNDA_MODELER)
    assert read.process_id == "Process_surat"
    assert read.pool == "Kecamatan Gambut"
    assert read.lanes == (Lane("Lane_kasi", "Kasi\nPelayanan"), Lane("Lane_camat", "Camat"))
    task = read.node("Activity_0k1")
    assert (task.kind, task.lane, task.documentation) == ("userTask", "Lane_kasi", "Memeriksa berkas pemohon.")
    assert task.properties == {"waktu": "15 menit", "langkah": "1"}
    assert read.node("Gateway_1").default == "Flow_ya"
    assert read.edges[2] == Edge("Flow_tidak", "Gateway_1", "Activity_0k1", "Kembalikan", "${hasil == 'tidak'}")


def test_the_default_namespace_nested_lanes_and_foreign_elements_are_read() -> None:
    read = parser.parse(DEFAULT_NAMESPACE)
    assert [lane.name for lane in read.lanes] == ["Kasi", "Staf", "Camat"]
    assert [(node.id, node.lane) for node in read.nodes] == [("s", "dalam_1"), ("t", "dalam_2"), ("e", "luar_2")]
    assert read.pool == ""


def test_every_element_is_recorded_by_its_kind_and_what_it_carries() -> None:
    read = parser.parse(
        process(
            """<bpmn2:startEvent id="s"><bpmn2:timerEventDefinition id="x"/></bpmn2:startEvent>
            <bpmn2:scriptTask id="a"><bpmn2:script>1</bpmn2:script></bpmn2:scriptTask>
            <bpmn2:subProcess id="b"><bpmn2:task id="c"/></bpmn2:subProcess>
            <bpmn2:boundaryEvent id="d" attachedToRef="a"/>
            <bpmn2:teleportTask id="f"/>
            <bpmn2:userTask id="g"><bpmn2:standardLoopCharacteristics/></bpmn2:userTask>
            <bpmn2:dataObjectReference id="h"/><bpmn2:textAnnotation id="i"/>"""
        )
    )
    assert [(node.id, node.kind) for node in read.nodes] == [
        ("s", "startEvent"),
        ("a", "scriptTask"),
        ("b", "subProcess"),
        ("c", "task"),
        ("d", "boundaryEvent"),
        ("f", "teleportTask"),
        ("g", "userTask"),
    ]
    assert read.node("s").event == Event("timer")
    assert read.node("c").parent == "b"
    assert read.node("g").markers == ("standardLoopCharacteristics",)


def loop(inside: str, kind: str = "userTask") -> Node:
    xml = process(f'<bpmn2:{kind} id="a"><bpmn2:{inside}</bpmn2:{kind}>')
    return parser.parse(xml.replace(b'MODEL"', b'MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"')).nodes[0]


@pytest.mark.parametrize(
    ("attributes", "multi"),
    [
        ("", "parallel"),
        ('id="m" isSequential="false" behavior="All"', "parallel"),
        ('camunda:collection="${pemegang}" camunda:elementVariable="pemegang_tugas"', "parallel"),
        ('isSequential="true" camunda:collection="pemegang"', "sequential"),
    ],
)
def test_a_loop_over_the_holders_of_a_jabatan_is_read_as_such(attributes: str, multi: str) -> None:
    node = loop(f"multiInstanceLoopCharacteristics {attributes}/>")
    assert (node.multi, node.markers) == (multi, ())


@pytest.mark.parametrize(
    "inside",
    [
        "multiInstanceLoopCharacteristics><bpmn2:loopCardinality/></bpmn2:multiInstanceLoopCharacteristics>",
        "multiInstanceLoopCharacteristics><bpmn2:completionCondition/></bpmn2:multiInstanceLoopCharacteristics>",
        'multiInstanceLoopCharacteristics camunda:collection="${dokumen}"/>',
        'multiInstanceLoopCharacteristics camunda:elementVariable="orang"/>',
        'multiInstanceLoopCharacteristics camunda:asyncBefore="true"/>',
        'multiInstanceLoopCharacteristics behavior="One"/>',
        "multiInstanceLoopCharacteristics/><bpmn2:multiInstanceLoopCharacteristics/>",
    ],
)
def test_any_other_loop_stays_a_marker(inside: str) -> None:
    node = loop(inside)
    assert node.multi == ""
    assert set(node.markers) == {"multiInstanceLoopCharacteristics"}


def test_a_loop_over_what_is_no_task_stays_a_marker() -> None:
    assert loop("multiInstanceLoopCharacteristics/>", "subProcess").markers == ("multiInstanceLoopCharacteristics",)


def test_the_only_process_is_taken_even_if_it_is_not_marked_executable() -> None:
    assert parser.parse(process('<bpmn2:task id="a" name="x"/>', "")).nodes == (Node("a", "task", "x"),)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert parser.parse(b"\xef\xbb\xbf" + VALID) == flow


ENTITY_BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>
<x>&b;&c;</x>"""


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "File ini"),
        (b"   ", "File ini"),
        (b"NOMOR SOP 094", "bukan XML"),
        (b"<a><b></a>", "baris 1"),
        (b"<html/>", "“html”"),
        (VALID[:-40], "bukan XML yang utuh"),
        (ENTITY_BOMB, "Baris 2 memuat DOCTYPE"),
        (b'<?xml version="1.0"?><a>&rahasia;</a>', "baris 1"),
        (VALID.decode().encode("utf-16"), "UTF-8"),
        (VALID.replace(b"UTF-8", b"ISO-8859-1", 1), "ISO-8859-1"),
        (VALID.replace(b"Setuju", b"Set\xfcju"), "bukan teks UTF-8"),
        (b" " * 2_000_001, "2 MB"),
        (b"<a>" * 1000 + b"</a>" * 1000, "bukan XML yang utuh"),
        (b"\x00" + VALID, "File ini"),
        (VALID.replace(b"bpmn:process", b"bpmn:proses"), "tidak memuat proses"),
    ],
)
def test_what_is_not_bpmn_is_refused_and_says_why(data: bytes, part: str) -> None:
    assert part in refusal(data)


MEMBER = "<bpmn2:flowNodeRef>z</bpmn2:flowNodeRef>"


@pytest.mark.parametrize(
    ("inside", "part"),
    [
        ('<bpmn2:task id="a"/><bpmn2:task id="a"/>', "“a” dipakai dua kali (baris 4)"),
        ("<bpmn2:task/>", "Elemen task pada baris 4"),
        ('<bpmn2:task id="a b"/>', "“a b”"),
        ("""<bpmn2:task id="x'y"/>""", "id yang sah"),
        (f'<bpmn2:task id="{"a" * 300}"/>', "id yang sah"),
        ('<bpmn2:task id="a"/><bpmn2:sequenceFlow id="f" sourceRef="a" targetRef="b"/>', "“f” menunjuk ke “b”"),
        ('<bpmn2:task id="a"/><bpmn2:sequenceFlow id="f" sourceRef="a"/>', "“f” menunjuk ke “”"),
        ('<bpmn2:exclusiveGateway id="a" default="f"/>', "“a” menunjuk ke “f”"),
        (f'<bpmn2:laneSet><bpmn2:lane id="l">{MEMBER}</bpmn2:lane></bpmn2:laneSet>', "“l” menunjuk ke “z”"),
    ],
)
def test_a_broken_structure_is_refused_and_says_where(inside: str, part: str) -> None:
    assert part in refusal(process(inside))


def test_several_processes_are_refused_unless_exactly_one_is_executable() -> None:
    two = process('<bpmn2:task id="a"/>').replace(
        b"</bpmn2:definitions>", b'<bpmn2:process id="q" isExecutable="true"/></bpmn2:definitions>'
    )
    assert "2 proses" in refusal(two)
    assert "isExecutable" in refusal(two.replace(b'isExecutable="true"', b""))
    assert parser.parse(two.replace(b'"q" isExecutable="true"', b'"q"')).process_id == "p"


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(NotBpmn):
        parser.parse(data)


CUTS = st.integers(0, len(VALID))
PIECES = st.binary(max_size=12) | st.sampled_from(
    [b"<", b">", b'"', b"<bpmn:lane>", b' id="x"', b"<!DOCTYPE a>", b"&#0;", b"</bpmn:process>", b"<![CDATA[", b"bpmn:"]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(CUTS, st.integers(0, 60), PIECES), min_size=1, max_size=4))
def test_a_damaged_file_is_read_or_refused_but_nothing_else(damages: list[tuple[int, int, bytes]]) -> None:
    data = VALID
    for place, length, piece in damages:
        data = data[:place] + piece + data[place + length :]
    with suppress(Refusal):
        read = parser.parse(data)
        writer.write(read, layout.place(read))


WORDS = [word for word in VALID.replace(b'"', b" ").replace(b"<", b" ").replace(b">", b" ").split() if len(word) > 2]


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(WORDS), st.sampled_from(WORDS))
def test_a_file_with_words_exchanged_is_read_or_refused_but_nothing_else(old: bytes, new: bytes) -> None:
    with suppress(Refusal):
        parser.parse(VALID.replace(old, new))
