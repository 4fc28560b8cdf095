from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import layout, parser, writer
from bpmn.errors import NotBpmn, Refusal
from bpmn.flow import Edge, Event, Field, Flow, Lane, Node
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


def parsed(inside: str, around: str = "") -> Flow:
    xml = process(inside).replace(b'MODEL"', b'MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"', 1)
    return parser.parse(xml.replace(b"</bpmn2:definitions>", f"{around}</bpmn2:definitions>".encode()))


def event(inside: str, kind: str = "intermediateCatchEvent", around: str = "") -> Node:
    return parsed(f'<bpmn2:{kind} id="a">{inside}</bpmn2:{kind}>', around).nodes[0]


@pytest.mark.parametrize("form", ["timeDate", "timeDuration", "timeCycle"])
@pytest.mark.parametrize("kind", ["startEvent", "intermediateCatchEvent", "boundaryEvent"])
def test_a_timer_is_read_with_what_it_says(form: str, kind: str) -> None:
    text = f"<bpmn2:{form}>\n P3D </bpmn2:{form}>"
    node = event(f"<bpmn2:timerEventDefinition>{text}</bpmn2:timerEventDefinition>", kind)
    assert (node.event, node.markers) == (Event("timer", "P3D", form), ())


@pytest.mark.parametrize("said", ["", "<bpmn2:timeDate/><bpmn2:timeCycle/>", "<bpmn2:timeSpan>P3D</bpmn2:timeSpan>"])
def test_a_timer_that_does_not_say_one_thing_says_nothing(said: str) -> None:
    assert event(f"<bpmn2:timerEventDefinition>{said}</bpmn2:timerEventDefinition>").event == Event("timer")


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_a_message_and_a_signal_are_read_by_name_whatever_the_prefix(kind: str) -> None:
    around = f'<bpmn2:{kind} id="m" name="Jawaban&#10; diterima"/>'
    for reference in ("m", "tns:m"):
        node = event(f'<bpmn2:{kind}EventDefinition {kind}Ref="{reference}"/>', around=around)
        assert node.event == Event(kind, "Jawaban diterima")


@pytest.mark.parametrize("definition", ["messageEventDefinition", 'messageEventDefinition messageRef="tidak_ada"'])
def test_a_message_that_is_nowhere_has_no_name(definition: str) -> None:
    assert event(f"<bpmn2:{definition}/>").event == Event("message")


def test_only_an_end_stops_everything() -> None:
    assert event("<bpmn2:terminateEventDefinition/>", "endEvent").event == Event("terminate")
    assert event("<bpmn2:terminateEventDefinition/>").markers == ("terminateEventDefinition",)


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        ("<bpmn2:messageEventDefinition/>", "startEvent"),
        ("<bpmn2:signalEventDefinition/>", "endEvent"),
        ("<bpmn2:messageEventDefinition/>", "intermediateThrowEvent"),
        ("<bpmn2:errorEventDefinition/>", "boundaryEvent"),
        ("<bpmn2:messageEventDefinition/><bpmn2:timerEventDefinition/>", "intermediateCatchEvent"),
        ("<bpmn2:messageEventDefinition><bpmn2:operationRef/></bpmn2:messageEventDefinition>", "boundaryEvent"),
    ],
)
def test_an_event_that_is_not_run_keeps_its_markers(inside: str, kind: str) -> None:
    node = event(inside, kind)
    assert node.event is None
    assert node.markers


@pytest.mark.parametrize(("attributes", "interrupting"), [("", True), ('cancelActivity="false"', False)])
def test_an_event_on_a_border_breaks_off_unless_it_says_otherwise(attributes: str, interrupting: bool) -> None:
    read = parsed(f'<bpmn2:task id="t"/><bpmn2:boundaryEvent id="b" attachedToRef="t" {attributes}/>')
    assert read.node("b").interrupting is interrupting


SUBPROCESS = """<bpmn2:laneSet><bpmn2:lane id="l"><bpmn2:flowNodeRef>s</bpmn2:flowNodeRef></bpmn2:lane>
<bpmn2:lane id="m"><bpmn2:flowNodeRef>u</bpmn2:flowNodeRef></bpmn2:lane></bpmn2:laneSet>
<bpmn2:subProcess id="s"><bpmn2:startEvent id="b"/><bpmn2:userTask id="t"/>
<bpmn2:subProcess id="n"><bpmn2:userTask id="u"/><bpmn2:task id="v"/>
<bpmn2:sequenceFlow id="f" sourceRef="u" targetRef="v"/></bpmn2:subProcess>
<bpmn2:sequenceFlow id="g" sourceRef="t" targetRef="n"/><bpmn2:dataObject id="d"/></bpmn2:subProcess>
<bpmn2:task id="e"/><bpmn2:sequenceFlow id="h" sourceRef="s" targetRef="e"/>"""


def test_what_lies_in_a_subprocess_is_in_its_lane_or_in_the_one_that_names_it() -> None:
    read = parsed(SUBPROCESS)
    assert [(node.id, node.parent, node.lane) for node in read.nodes] == [
        ("s", None, "l"),
        ("b", "s", "l"),
        ("t", "s", "l"),
        ("n", "s", "l"),
        ("u", "n", "m"),
        ("v", "n", "l"),
        ("e", None, None),
    ]
    assert [edge.id for edge in read.edges] == ["h", "g", "f"]
    assert all(node.markers == () for node in read.nodes)


@pytest.mark.parametrize(
    ("inside", "marker"),
    [
        ("<bpmn2:standardLoopCharacteristics/>", "standardLoopCharacteristics"),
        ("<bpmn2:multiInstanceLoopCharacteristics/>", "multiInstanceLoopCharacteristics"),
        ("<bpmn2:laneSet/>", "laneSet"),
    ],
)
def test_a_subprocess_that_runs_in_another_way_keeps_its_markers(inside: str, marker: str) -> None:
    assert parsed(f'<bpmn2:subProcess id="s">{inside}</bpmn2:subProcess>').nodes == (
        Node("s", "subProcess", markers=(marker,)),
    )


def test_a_subprocess_that_an_event_starts_is_told_apart() -> None:
    read = parsed('<bpmn2:subProcess id="s" triggeredByEvent="true"><bpmn2:task id="t"/></bpmn2:subProcess>')
    assert read.node("s").markers == ("triggeredByEvent",)
    assert parser.parse(writer.write(read)) == read


def test_the_inside_of_what_is_never_run_is_not_read() -> None:
    read = parsed('<bpmn2:transaction id="s"><bpmn2:task id="t"/></bpmn2:transaction>')
    assert read.nodes == (Node("s", "transaction", markers=("task",)),)


def test_an_edge_through_the_border_of_a_subprocess_is_refused() -> None:
    border = '<bpmn2:sequenceFlow id="x" sourceRef="t" targetRef="e"/></bpmn2:subProcess>\n<bpmn2:task id="e"/>'
    assert "“x” menunjuk ke “e”" in refusal(
        process(SUBPROCESS.replace('</bpmn2:subProcess>\n<bpmn2:task id="e"/>', border))
    )


def test_an_event_on_the_border_of_an_event_is_refused() -> None:
    two = '<bpmn2:boundaryEvent id="a" attachedToRef="b"/><bpmn2:boundaryEvent id="b" attachedToRef="a"/>'
    assert "“a” menunjuk ke “b”" in refusal(process(two))


def test_a_call_names_the_process_without_its_prefix() -> None:
    assert parsed('<bpmn2:callActivity id="a" calledElement="tns:surat_keluar"/>').nodes[0].calls == "surat_keluar"


def associated(inside: str) -> Node:
    objects = """<bpmn2:dataObject id="o" name="Konsep"/><bpmn2:dataObjectReference id="r" dataObjectRef="o"/>
    <bpmn2:dataObjectReference id="q" name="Surat&#10;jadi"/><bpmn2:dataStoreReference id="w" name="Arsip"/>"""
    return parsed(f'{objects}<bpmn2:userTask id="a"><bpmn2:property id="k"/>{inside}</bpmn2:userTask>').nodes[0]


def led(way: str, *ends: str) -> str:
    end = "sourceRef" if way == "Input" else "targetRef"
    inside = "".join(f"<bpmn2:{end}>{one}</bpmn2:{end}>" for one in ends)
    return f"<bpmn2:data{way}Association>{inside}</bpmn2:data{way}Association>"


def test_documents_are_read_by_name_once_each_and_stores_are_only_drawn() -> None:
    node = associated(led("Input", "r") + led("Input", "q", "r") + led("Input", "w") + led("Output", "q"))
    assert (node.reads, node.writes, node.markers) == (("Konsep", "Surat jadi"), ("Surat jadi",), ())


@pytest.mark.parametrize(
    "inside",
    [
        led("Input", "tidak_ada"),
        led("Output", "k"),
        "<bpmn2:dataInputAssociation><bpmn2:assignment/></bpmn2:dataInputAssociation>",
        "<bpmn2:dataOutputAssociation><bpmn2:transformation/></bpmn2:dataOutputAssociation>",
    ],
)
def test_data_that_is_computed_or_led_elsewhere_stays_a_marker(inside: str) -> None:
    node = associated(inside)
    assert (node.reads, node.writes, len(node.markers)) == ((), (), 1)


def test_the_fields_of_a_form_are_read() -> None:
    read = parsed(
        """<bpmn2:userTask id="a"><bpmn2:extensionElements><camunda:formData>
        <camunda:formField id="sifat" label="Sifat" type="enum" defaultValue="biasa">
          <camunda:validation><camunda:constraint name="required"/><camunda:constraint name="min" config="1"/>
          </camunda:validation>
          <camunda:value id="biasa" name="Biasa"/><camunda:value id="segera" name="Segera"/>
        </camunda:formField>
        <camunda:formField id="catatan"/>
        </camunda:formData></bpmn2:extensionElements></bpmn2:userTask>"""
    )
    options = (("biasa", "Biasa"), ("segera", "Segera"))
    assert read.nodes[0].fields == (Field("sifat", "Sifat", "enum", "biasa", True, options), Field("catatan"))


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
