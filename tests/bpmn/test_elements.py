"""One small diagram for each element that is run, as Camunda Modeler writes it; the README of bpmn lists them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator

import bpmn
from bpmn import diagram_reader, drawing, layout, lint, parser, writer

FILES = sorted((Path(__file__).parent / "fixtures" / "elements").glob("*.bpmn"))
README = (Path(bpmn.__path__[0]) / "README.md").read_text()

each = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


@each
def test_every_element_keeps_to_the_schema_and_to_all_rules(path: Path) -> None:
    BpmnValidator().validate(etree.fromstring(path.read_bytes()))
    flow = parser.parse(path.read_bytes())
    assert lint.lint(flow) == ()
    assert flow.process_id == path.stem


@each
def test_every_element_comes_back_as_it_was_written(path: Path) -> None:
    flow, drawn = diagram_reader.drawn(path.read_bytes())
    for diagram in (drawn, layout.place(flow)):
        written = writer.write(flow, diagram)
        assert diagram_reader.drawn(written) == (flow, diagram)
        BpmnValidator().validate(etree.fromstring(written))
    assert parser.parse(writer.write(flow)) == flow


@each
def test_every_element_is_drawn_where_its_drawer_put_it(path: Path) -> None:
    flow, diagram = diagram_reader.drawn(path.read_bytes())
    read = diagram_reader.read(path.read_bytes(), flow)
    assert (diagram.nodes, diagram.waypoints) == (read.nodes, read.waypoints)
    picture = drawing.draw(flow, diagram).decode()
    assert all(f'data-id="{node.id}"' in picture for node in flow.nodes)


def test_the_readme_lists_every_element_with_its_fixture() -> None:
    listed = re.findall(r"`(\w+)\.bpmn`", README[README.index("## Elements that are run") :].partition("\n## ")[0])
    assert sorted(listed) == [path.stem for path in FILES]
