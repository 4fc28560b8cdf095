from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from lxml import etree

from bpmn.drawing import draw, raster, size
from bpmn.drawing.raster import RasteriserMissing
from bpmn.flow import MESSAGE, SIGNAL, TERMINATE, TIMER, Edge, Event, Flow, Lane, Node
from bpmn.layout import place
from bpmn.layout.measure import lines, text_width
from tests.bpmn.flows import all_flows, flows
from tests.bpmn.test_layout import SOP

NS = {"svg": "http://www.w3.org/2000/svg"}


def drawn(flow: Flow) -> etree._Element:
    return etree.fromstring(draw(flow, place(flow)))


def found(root: etree._Element, path: str) -> list[etree._Element]:
    made = root.xpath(path, namespaces=NS)
    assert isinstance(made, list)
    return [element for element in made if isinstance(element, etree._Element)]


@settings(deadline=None, max_examples=60)
@given(flows(max_nodes=12) | all_flows(max_nodes=12))
def test_any_flow_is_drawn_as_xml_with_the_same_bytes(flow: Flow) -> None:
    diagram = place(flow)
    assert draw(flow, diagram) == draw(flow, diagram)
    root = etree.fromstring(draw(flow, diagram))
    assert len(found(root, "//svg:polygon[@class='tip']")) == len(flow.edges)
    assert {group.get("data-id") for group in found(root, "//svg:g[@data-id]")} >= {node.id for node in flow.nodes}


def test_whatever_is_written_is_escaped() -> None:
    evil = "</text><script>alert('1')</script>&\"\x00"
    node = Node('a"><b', "userTask", evil, 'l"', evil)
    flow = Flow("p", evil, evil, (Lane('l"', evil),), (node,), (Edge("e'", 'a"><b', 'a"><b', evil),))
    root = drawn(flow)
    assert not found(root, "//svg:script")
    assert "".join(root.xpath("//svg:title/text()", namespaces=NS)).count("<script>") == 4


def test_returns_are_dashed_and_coloured_and_drawn_last() -> None:
    root = drawn(SOP)
    assert [group.get("data-id") for group in found(root, "//svg:g[@class='return']")] == [
        "dari_gerbang_3_ke_langkah_2",
        "dari_gerbang_5_ke_langkah_2",
    ]
    style = "".join(root.xpath("//svg:style/text()", namespaces=NS))
    assert re.search(r"\.return \.way \{[^}]*stroke: #b42318[^}]*stroke-dasharray", style)


def test_a_screen_reader_is_told_the_lanes_the_steps_and_the_returns() -> None:
    root = drawn(SOP)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "judul uraian"
    told = "".join(root.xpath("svg:desc/text()", namespaces=NS))
    assert told.startswith("Diagram alur dengan 4 lajur (CAMAT, KASUBBAG, SEKRETARIS, STAF) dan 10 langkah.")
    assert "2. Langkah 2 (KASUBBAG)." in told
    assert "Pengembalian: dari “Langkah 3” ke “Langkah 2”." in told


@pytest.mark.parametrize(("multi", "mark"), [("", 1), ("parallel", 2), ("sequential", 2)])
def test_a_task_for_several_has_three_bars(multi: str, mark: int) -> None:
    root = drawn(Flow("p", "", "", (), (Node("a", "userTask", "Menilai", multi=multi),), ()))
    marks = found(root, "//svg:g[@data-id='a']/svg:path[@class='mark']")
    assert len(marks) == mark
    if multi:
        assert str(marks[1].get("d")).count("M") == 3


def test_each_kind_of_node_has_its_own_shape() -> None:
    kinds = ("startEvent", "endEvent", "exclusiveGateway", "parallelGateway", "userTask", "callActivity")
    shapes = set()
    for kind in kinds:
        root = drawn(Flow("p", "", "", (), (Node("a", kind),), ()))
        group = found(root, "//svg:g[@data-id='a']")[0]
        shapes.add(tuple((child.tag, child.get("class"), (child.get("d") or "")[-12:]) for child in group))
    assert len(shapes) == len(kinds)


EVENTS = {
    "startEvent": (Event(TIMER), None),
    "intermediateCatchEvent": (Event(TIMER), Event(MESSAGE), Event(SIGNAL)),
    "endEvent": (None, Event(TERMINATE)),
}


def test_each_event_has_its_own_sign() -> None:
    drawings = set()
    for kind, events in EVENTS.items():
        for event in events:
            group = found(drawn(Flow("p", "", "", (), (Node("a", kind, event=event),), ())), "//svg:g[@data-id='a']")[0]
            drawings.add(tuple((child.tag, child.get("class"), child.get("r"), child.get("d")) for child in group))
    assert len(drawings) == sum(len(events) for events in EVENTS.values())


@pytest.mark.parametrize("interrupting", [True, False])
def test_what_does_not_break_off_is_dashed(interrupting: bool) -> None:
    event = Node("b", "boundaryEvent", attached_to="a", event=Event(TIMER), interrupting=interrupting)
    root = drawn(Flow("p", "", "", (), (Node("a", "userTask"), event), ()))
    rings = found(root, "//svg:g[@data-id='b']/svg:circle[contains(@class, 'beside-work')]")
    assert len(rings) == (0 if interrupting else 2)
    assert ".beside-work { stroke-dasharray" in "".join(root.xpath("//svg:style/text()", namespaces=NS))


def test_a_subprocess_is_drawn_under_what_lies_in_it() -> None:
    nodes = (Node("t", "userTask", "Memeriksa", parent="s"), Node("s", "subProcess", "Pemeriksaan"))
    root = drawn(Flow("p", "", "", (), nodes, ()))
    assert [group.get("data-id") for group in found(root, "//svg:g[@data-id]")] == ["s", "t"]


def test_a_name_too_long_for_its_box_ends_in_an_ellipsis() -> None:
    flow = Flow("p", "", "", (), (Node("a", "userTask", "kata " * 80),), ())
    diagram = place(flow)
    small = replace(diagram, nodes={"a": replace(diagram.nodes["a"], height=40)})
    assert "…" in draw(flow, small).decode()
    assert "…" not in draw(flow, diagram).decode()


def test_no_line_of_text_is_wider_than_its_box() -> None:
    for text in ("Menandatangani dokumen perbaikan", "a" * 60, "", "baris\nbaru"):
        made = lines(text, 90, 11)
        assert all(text_width(line, 11) <= 90 for line in made)
        assert "".join(made).replace(" ", "") == "".join(text.split())


def test_the_size_is_that_of_the_picture() -> None:
    root = drawn(SOP)
    assert size(place(SOP)) == (int(str(root.get("width"))), int(str(root.get("height"))))


def test_without_its_library_png_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(RasteriserMissing, match=r"pip install 'lajur\[png\]'"):
        raster.png(draw(SOP, place(SOP)), *size(place(SOP)))


def test_a_png_is_twice_as_large_as_the_drawing() -> None:
    pytest.importorskip("resvg_py")
    width, height = size(place(SOP))
    made = raster.png(draw(SOP, place(SOP)), width, height)
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(made[16:20]), int.from_bytes(made[20:24])) == (2 * width, 2 * height)
