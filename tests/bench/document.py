"""An SOP's way from its document to a diagram."""

from __future__ import annotations

from bpmn import drawing, inference, layout, library, readers, revising, translating, writer
from tests.bench.measure import Row, Size, milliseconds

TEN_STEPS = "muara_papalik"
"""Office of the library whose first SOP has ten steps."""

TITLE = "An SOP of ten steps, from document to diagram"


def measure(size: Size) -> list[Row]:
    """Each part of the way; `read` counts the share of one SOP of its document."""
    source = next(source for source in library.sources() if source.office == TEN_STEPS)
    sops = readers.read(source.content, source.name).sops
    sop = next(sop for sop in sops if len(sop.steps) == 10)
    inferred = inference.infer(sop)
    flow = translating.translate(inferred)
    diagram = layout.place(flow)
    xml = writer.write(flow, diagram)
    steps = {
        "read": milliseconds(lambda: readers.read(source.content, source.name), size.samples) / len(sops),
        "infer": milliseconds(lambda: inference.infer(sop), size.samples),
        "translate": milliseconds(lambda: translating.translate(inferred), size.samples),
        "place": milliseconds(lambda: layout.place(flow), size.samples),
        "write": milliseconds(lambda: writer.write(flow, diagram), size.samples),
    }
    return [
        *(Row(name, taken) for name, taken in steps.items()),
        Row("in all", sum(steps.values()), goal=50),
        Row("draw as SVG", milliseconds(lambda: drawing.draw(flow, diagram), size.samples)),
        Row("revise over its own diagram", milliseconds(lambda: revising.over(xml, flow), size.samples)),
    ]
