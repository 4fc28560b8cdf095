"""The one door to lxml: namespaces, a hardened reading, building and writing of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn.errors import NotBpmn
from bpmn.wording import sentence

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "camunda": CAMUNDA, "xsi": XSI}

MAX_BYTES = 2_000_000

Element = etree._Element

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def name(tag: str) -> str:
    """`bpmn:lane` as lxml names it: `{http://...}lane`."""
    prefix, local = tag.split(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


def kind(element: Element) -> str | None:
    """The element's name if it is a BPMN element (`userTask`), else None."""
    namespace, _, local = str(element.tag).removeprefix("{").partition("}")
    return local if namespace == BPMN else None


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def children(element: Element, tag: str) -> Iterator[Element]:
    """The direct children named `tag` (`bpmn:lane`)."""
    return element.iterchildren(name(tag))


def descendants(element: Element, tag: str) -> Iterator[Element]:
    """Everything named `tag` below the element, in document order."""
    return element.iterdescendants(name(tag))


def text(element: Element) -> str:
    """All text inside an element, as it stands."""
    return "".join(element.itertext())


def line(element: Element) -> int:
    """Line of the file on which the element begins, counted from 1; 0 if unknown."""
    return element.sourceline or 0


def read(data: bytes) -> Element:
    """The root element of UTF-8 XML without DOCTYPE, at most MAX_BYTES long and 256 levels deep. Raises NotBpmn.

    A DOCTYPE is refused before anything is parsed: it is where entities, and with them every XML attack, are declared.
    """
    if len(data) > MAX_BYTES:
        raise NotBpmn(
            sentence("File ini lebih besar dari %(limit)s MB; kirim satu diagram saja.", limit=MAX_BYTES // 1_000_000)
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    declared = _DECLARED.match(data)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotBpmn(
            sentence(
                "Baris %(line)s bukan teks UTF-8; simpan diagram sebagai file .bpmn dengan pengodean UTF-8.",
                line=data.count(b"\n", 0, error.start) + 1,
            )
        ) from None
    if declared and declared[1].upper() not in {b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII"}:
        raise NotBpmn(
            sentence(
                "Baris 1 menyatakan pengodean %(encoding)s; simpan diagram dengan pengodean UTF-8.",
                encoding=declared[1].decode("utf-8", "replace"),
            )
        )
    for forbidden in (b"<!DOCTYPE", b"<!ENTITY"):
        if (place := data.find(forbidden)) >= 0:
            raise NotBpmn(
                sentence(
                    "Baris %(line)s memuat %(declaration)s, yang tidak dibaca Lajur; hapus baris itu lalu kirim ulang.",
                    line=data.count(b"\n", 0, place) + 1,
                    declaration=forbidden.decode().removeprefix("<!"),
                )
            )
    return _parsed(data)


def _parsed(data: bytes) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise NotBpmn(
            sentence(
                "File ini bukan XML yang utuh (baris %(line)s); "
                "ekspor ulang diagram sebagai BPMN 2.0 dari aplikasi pembuatnya.",
                line=error.lineno or 1,
            )
        ) from None


def element(tag: str, **attributes: str | None) -> Element:
    """A new root element; attributes that are None are left out."""
    return _filled(etree.Element(name(tag), nsmap=PREFIXES), attributes)


def child(parent: Element, tag: str, **attributes: str | None) -> Element:
    """A new last child of `parent`; attributes that are None are left out."""
    return _filled(etree.SubElement(parent, name(tag)), attributes)


def _filled(made: Element, attributes: dict[str, str | None]) -> Element:
    for key, value in attributes.items():
        if value is not None:
            made.set(name(key.replace("__", ":")) if "__" in key else key, legal(value))
    return made


def legal(value: str) -> str:
    """The text without the characters that XML cannot carry (control characters, lone surrogates)."""
    return _ILLEGAL.sub("", value)


def written(root: Element) -> bytes:
    """The document as indented UTF-8, with declaration."""
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
