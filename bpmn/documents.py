"""The whole way of a document in one call: bytes in, a diagram for each of its SOPs out."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn import inference, layout, lint, parser, readers, translating, writer
from bpmn.errors import DocumentTooLarge, NotAnSop
from bpmn.flow import Flow
from bpmn.sop import Document, InferredSop
from bpmn.wording import sentence
from bpmn.xml import MAX_BYTES


@dataclass(frozen=True, slots=True)
class Translated:
    """An SOP with the diagram made of it."""

    sop: InferredSop
    flow: Flow
    xml: bytes


def is_diagram(content: bytes, name: str = "") -> bool:
    """Whether this is meant as a diagram, by its name or its first bytes, and so is no SOP document."""
    if name.lower().endswith((".bpmn", ".xml")):
        return True
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].startswith((b"<?xml", b"<bpmn", b"<definitions", b"<!"))


def diagram(content: bytes) -> Flow:
    """The flow of a diagram that may run. Raises NotBpmn, DiagramRefused."""
    flow = parser.parse(content)
    lint.refuse_errors(flow)
    return flow


def read(content: bytes, name: str = "") -> Document:
    """The SOPs of a document. Raises NotAnSop, BrokenTable; for a diagram also what is wrong with that."""
    if is_diagram(content, name):
        diagram(content)
        raise NotAnSop(
            sentence(
                "File %(name)s sudah berupa diagram BPMN, bukan dokumen SOP; terbitkan langsung sebagai diagram.",
                name=name or "ini",
            )
        )
    return readers.read(content, name)


def translate(content: bytes, name: str = "") -> tuple[Translated, ...]:
    """The SOPs of a document, each as a diagram with a process id of its own. Raises as `read` does.

    DocumentTooLarge also where there is so much text beside the tables that a diagram could not be read again.
    """
    inferred = [inference.infer(sop) for sop in read(content, name).sops]
    flows = translating.translate_all(inferred)
    made = tuple(
        Translated(sop, flow, writer.write(flow, layout.place(flow))) for sop, flow in zip(inferred, flows, strict=True)
    )
    if any(len(one.xml) > MAX_BYTES for one in made):
        raise DocumentTooLarge(
            sentence(
                "Dokumen %(name)s memuat terlalu banyak teks untuk satu diagram; hapus halaman yang bukan bagian SOP, "
                "lalu kirim kembali.",
                name=name or "ini",
            )
        )
    return made
