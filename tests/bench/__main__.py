"""`python -m tests.bench`: what each part of a document's way takes, as a table for the release notes."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from statistics import median
from time import perf_counter

from bpmn import drawing, inference, layout, library, readers, revising, translating, writer

RUNS = 200

TEN_STEPS = "muara_papalik"
"""Office of the library whose first SOP has ten steps."""


def main() -> None:
    """Print every table."""
    print(machine())
    print(table("An SOP of ten steps, from document to diagram (goal: 50 ms in all)", document()))


def machine() -> str:
    """The computer on which this was measured."""
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            cpu = next((line.partition(": ")[2].strip() for line in lines if line.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def document() -> dict[str, float]:
    """Milliseconds of each part of the way; `read` counts the share of one SOP of its document."""
    source = next(source for source in library.sources() if source.office == TEN_STEPS)
    sops = readers.read(source.content, source.name).sops
    sop = next(sop for sop in sops if len(sop.steps) == 10)
    inferred = inference.infer(sop)
    flow = translating.translate(inferred)
    diagram = layout.place(flow)
    xml = writer.write(flow, diagram)
    steps = {
        "read": milliseconds(lambda: readers.read(source.content, source.name)) / len(sops),
        "infer": milliseconds(lambda: inference.infer(sop)),
        "translate": milliseconds(lambda: translating.translate(inferred)),
        "place": milliseconds(lambda: layout.place(flow)),
        "write": milliseconds(lambda: writer.write(flow, diagram)),
    }
    return {
        **steps,
        "in all": sum(steps.values()),
        "draw as SVG": milliseconds(lambda: drawing.draw(flow, diagram)),
        "revise over its own diagram": milliseconds(lambda: revising.over(xml, flow)),
    }


def milliseconds(act: Callable[[], object], runs: int = RUNS) -> float:
    """The median of many runs."""
    taken = []
    for _ in range(runs):
        start = perf_counter()
        act()
        taken.append(perf_counter() - start)
    return median(taken) * 1000


def table(title: str, rows: dict[str, float]) -> str:
    """Names and milliseconds under a title."""
    width = max(len(name) for name in rows)
    return "\n".join([f"\n{title}", *(f"  {name:<{width}}  {value:8.2f} ms" for name, value in rows.items())])


if __name__ == "__main__":
    main()
