"""A flow as the official SOP form (Permenpan RB 35/2012), page by page, landscape: identity block, flowchart table.

So that the SOP on paper and what runs never differ: the sheet is made from the diagram, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpmn.flow import Flow
from bpmn.printed import table
from bpmn.printed.columns import columns
from bpmn.printed.identity import identity
from bpmn.printed.ink import Anchor, Page
from bpmn.printed.pages import parts, pieces
from bpmn.printed.pdf import pdf
from bpmn.printed.rows import rows
from bpmn.printed.svg import svg

__all__ = ["A4", "F4", "PAPERS", "Page", "Paper", "pages", "pdf", "svg"]

MARGIN = 30.0
"""Points (about 1 cm) free on every side."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, lying: points."""

    name: str
    width: float
    height: float


A4 = Paper("A4", 841.9, 595.3)
F4 = Paper("F4", 935.4, 609.4)
"""Folio as sold in Indonesia: 215 mm by 330 mm."""

PAPERS = {paper.name: paper for paper in (A4, F4)}


def pages(flow: Flow, paper: Paper = A4, foot: str = "") -> tuple[Page, ...]:
    """The pages of the form. `foot` stands at the foot of each, before its number: which version, of when."""
    made = identity(flow, (paper.width, paper.height, MARGIN))
    made += _tables(flow, paper, len(made))
    for number, page in enumerate(made, 1):
        page.words(MARGIN, paper.height - MARGIN + 12, foot, 7)
        place = f"Halaman {number} dari {len(made)}"
        page.words(paper.width - MARGIN, paper.height - MARGIN + 12, place, 7, anchor=Anchor.END)
    return tuple(made)


def _tables(flow: Flow, paper: Paper, before: int) -> Sequence[Page]:
    """The pages of the table; `before` pages come before them."""
    found = rows(flow)
    lanes = [lane.name for lane in flow.lanes]
    made_columns = columns(found.rows, len(lanes), MARGIN, paper.width - MARGIN)
    top = MARGIN + 18
    room = paper.height - MARGIN - 6 - top - table.head_height(made_columns, lanes)
    made = pieces(found.rows, made_columns, room)
    form = table.Form(made_columns, found, made, parts(made, found, room), before)
    drawn = []
    for number, part in enumerate(form.parts):
        page = Page(paper.width, paper.height)
        title = f"SOP {flow.properties.get('nama_sop') or flow.name}".replace("SOP SOP", "SOP")
        page.words(MARGIN, MARGIN + 9, title + (" (lanjutan)" if number else ""), 10, bold=True)
        table.body(page, form, part, table.head(page, made_columns, lanes, top))
        drawn.append(page)
    return drawn
