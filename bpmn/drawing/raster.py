"""SVG -> PNG, with the resvg library where it is installed (`pip install lajur[png]`)."""

from __future__ import annotations

import importlib

from bpmn.errors import Refusal
from bpmn.wording import sentence

SCALE = 2.0
"""Pixels of the picture for each of the diagram: sharp in print at the size of the screen."""

MAX_PIXELS = 60_000_000
"""Larger pictures are scaled down to this: four bytes each in memory."""


class RasteriserMissing(Refusal):
    """PNG was asked for, and the library that makes it is not installed."""


def png(svg: bytes, width: int, height: int) -> bytes:
    """The picture as PNG; `width` and `height` are those of the SVG. Raises RasteriserMissing."""
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError:
        raise RasteriserMissing(
            sentence("PNG memerlukan pustaka resvg-py; pasang dengan: %(command)s", command="pip install 'lajur[png]'")
        ) from None
    scale = min(SCALE, (MAX_PIXELS / max(1, width * height)) ** 0.5)
    # Arial is what bpmn-js measures with; where it is not installed, Liberation Sans has the same widths.
    made: bytes = resvg.svg_to_bytes(svg_string=svg.decode(), width=max(1, round(width * scale)))
    return made
