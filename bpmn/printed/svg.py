"""A printed page as SVG."""

from __future__ import annotations

from itertools import pairwise

from bpmn.drawing.svg import Element
from bpmn.printed.ink import Area, Page, Point, Stroke, Words

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"


def svg(page: Page, title: str = "") -> bytes:
    """The page as an SVG file, a unit of which is a point; `title` is read to who cannot see it."""
    picture = Element(
        "svg",
        xmlns="http://www.w3.org/2000/svg",
        width=f"{page.width:g}",
        height=f"{page.height:g}",
        viewBox=f"0 0 {page.width:g} {page.height:g}",
        role="img",
        font_family=FONT,
    )
    if title:
        picture.add("title", title)
    picture.add("rect", width=f"{page.width:g}", height=f"{page.height:g}", fill="#fff")
    for mark in page.marks:
        _draw(picture, mark)
    return picture.written()


def _draw(picture: Element, mark: Stroke | Area | Words) -> None:
    if isinstance(mark, Stroke):
        _stroke(picture, mark)
    elif isinstance(mark, Area):
        _area(picture, mark)
    else:
        _words(picture, mark)


def _stroke(picture: Element, mark: Stroke) -> None:
    dashes = {"stroke_dasharray": "4 2.5"} if mark.dashed else {}
    picture.add("path", d=_path(mark.points), fill="none", stroke="#000", stroke_width=f"{mark.width:g}", **dashes)
    if mark.tip:
        picture.add("path", d=_path(tip(mark.points)) + " Z", fill="#000")


def _area(picture: Element, mark: Area) -> None:
    look = {"fill": "#eee" if mark.grey else "#fff", "stroke": "#000", "stroke_width": f"{mark.width:g}"}
    if not mark.radius:
        picture.add("path", d=_path(mark.points) + " Z", **look)
        return
    (left, top), (right, bottom) = mark.points[0], mark.points[2]
    picture.add(
        "rect",
        x=f"{left:.1f}",
        y=f"{top:.1f}",
        width=f"{right - left:.1f}",
        height=f"{bottom - top:.1f}",
        rx=f"{mark.radius:g}",
        **look,
    )


def _words(picture: Element, mark: Words) -> None:
    look = {"text_anchor": mark.anchor.value, "font_size": f"{mark.size:g}"}
    if mark.bold:
        look["font_weight"] = "bold"
    if mark.backed:
        look |= {"paint_order": "stroke", "stroke": "#fff", "stroke_width": "2", "stroke_linejoin": "round"}
    picture.add("text", mark.text, x=f"{mark.x:.1f}", y=f"{mark.y:.1f}", **look)


def _path(points: tuple[Point, ...]) -> str:
    return "M " + " L ".join(f"{x:.1f} {y:.1f}" for x, y in points)


def tip(points: tuple[Point, ...], length: float = 5.0, half: float = 2.2) -> tuple[Point, ...]:
    """The three corners of the head of an arrow at the end of a line."""
    (from_x, from_y), (x, y) = list(pairwise(points))[-1]
    size = max(abs(x - from_x), abs(y - from_y)) or 1
    along = ((x - from_x) / size, (y - from_y) / size)
    back = (x - along[0] * length, y - along[1] * length)
    return (
        (x, y),
        (back[0] - along[1] * half, back[1] + along[0] * half),
        (back[0] + along[1] * half, back[1] - along[0] * half),
    )
