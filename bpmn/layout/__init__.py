"""Flow -> coordinates: lanes across, steps left to right, returns on tracks of their own, nothing on top of anything.

`placing` draws a whole flow: `grid` gives every node a cell, `routes` every edge its ways through free cells, gaps and
tracks, `choosing` takes one, `tracks` keeps edges apart, `axes` gives rows, columns and gaps the sizes that all of it
needs, `labels` puts names. `completing` fills in what a drawing lacks and moves nothing without need: `sheet` makes
room in it, `threading` finds the way of an edge. `nesting` does all of it inside each subprocess first.
"""

from __future__ import annotations

from bpmn.layout.diagram import Bounds, Diagram, PartialDiagram, Point
from bpmn.layout.nesting import complete, place

__all__ = ["Bounds", "Diagram", "PartialDiagram", "Point", "complete", "place"]
