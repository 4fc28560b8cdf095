"""Printed pages as a PDF file, with the fonts that every reader has."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from bpmn.printed.ink import Anchor, Area, Page, Stroke, Words
from bpmn.printed.svg import tip

_PLAIN, _BOLD = "Helvetica", "Helvetica-Bold"


def pdf(pages: Sequence[Page], title: str, author: str = "") -> bytes:
    """The pages as one file; the same pages give the same bytes. What the fonts lack is printed as "?"."""
    made = BytesIO()
    canvas = Canvas(made, invariant=1, lang="id")
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setCreator("Lajur")
    for page in pages:
        canvas.setPageSize((page.width, page.height))
        canvas.translate(0, page.height)
        for mark in page.marks:
            _draw(canvas, mark)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def _draw(canvas: Canvas, mark: Stroke | Area | Words) -> None:
    if isinstance(mark, Stroke):
        _stroke(canvas, mark)
    elif isinstance(mark, Area):
        _area(canvas, mark)
    else:
        _words(canvas, mark)


def _stroke(canvas: Canvas, mark: Stroke) -> None:
    canvas.setLineWidth(mark.width)
    canvas.setDash([4, 2.5] if mark.dashed else [])
    path = canvas.beginPath()
    path.moveTo(mark.points[0][0], -mark.points[0][1])
    for x, y in mark.points[1:]:
        path.lineTo(x, -y)
    canvas.drawPath(path)
    canvas.setDash([])
    if mark.tip:
        canvas.setFillGray(0)
        _outline(canvas, tip(mark.points), stroke=0)


def _area(canvas: Canvas, mark: Area) -> None:
    canvas.setLineWidth(mark.width)
    canvas.setFillGray(0.93 if mark.grey else 1)
    if mark.radius:
        (left, top), (right, bottom) = mark.points[0], mark.points[2]
        canvas.roundRect(left, -bottom, right - left, bottom - top, mark.radius, fill=1)
    else:
        _outline(canvas, mark.points, stroke=1)


def _outline(canvas: Canvas, points: Sequence[tuple[float, float]], stroke: int) -> None:
    path = canvas.beginPath()
    path.moveTo(points[0][0], -points[0][1])
    for x, y in points[1:]:
        path.lineTo(x, -y)
    path.close()
    canvas.drawPath(path, stroke=stroke, fill=1)


def _words(canvas: Canvas, mark: Words) -> None:
    font = _BOLD if mark.bold else _PLAIN
    text = mark.text.encode("cp1252", "replace").decode("cp1252")
    width = pdfmetrics.stringWidth(text, font, mark.size)
    left = mark.x - {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[mark.anchor]
    if mark.backed:
        canvas.setFillGray(1)
        canvas.rect(left - 0.5, -mark.y - 1.5, width + 1, mark.size, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.setFont(font, mark.size)
    canvas.drawString(left, -mark.y, text)
