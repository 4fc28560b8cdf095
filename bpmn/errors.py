"""What is wrong with a document or a diagram, as named facts that say where and what to do."""

from __future__ import annotations

from bpmn.wording import Sentence


class Refusal(Exception):
    """An act that was not done, and why: `sentence` is what the person is told.

    The one root of everything Lajur refuses on purpose. The web turns it into a 4xx page, the command line into one
    line and exit code 2; any other exception is a fault of ours.
    """

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class NotAnSop(Refusal):
    """A document in which no table of steps was found, or which is not text at all."""


class BrokenTable(Refusal):
    """A document whose table of steps ends in the middle of a row."""


class DocumentTooLarge(Refusal):
    """A document larger than any SOP could be."""


class NotBpmn(Refusal):
    """A file that is not BPMN 2.0 XML, or that carries what Lajur never reads (a DOCTYPE)."""


class DiagramRefused(Refusal):
    """A BPMN diagram that the engine must not run: an element, a lane or a gateway breaks a rule."""
