"""Documents for the tests of reading: those of the library, and small ones written for one rule."""

from pathlib import Path

import bpmn

LIBRARY = Path(bpmn.__file__).parent / "library"
OFFICES = ("martapura_barat", "kebasen", "masama", "gambut", "muara_papalik")


def content(office: str) -> bytes:
    """The document of an office."""
    return (LIBRARY / office / "sop.txt").read_bytes()


HEADING = (
    "No\tKegiatan\tPelaksana\t\t\tMutu Baku\t\t\tKeterangan\n"
    "\t\tCamat\tSekretaris\tStaf\tKelengkapan\tWaktu\tOutput\t\n"
)
IDENTITY = "KECAMATAN UJI\n\nNomor SOP\t01\nNama SOP\tUji\n\n"


def row(no: int | str, text: str, marks: str = "\t\t", *, waktu: str = "1 hari", keterangan: str = "") -> str:
    """A row under `HEADING`; `marks` are its three PELAKSANA cells."""
    return f"{no}\t{text}\t{marks}\tSurat\t{waktu}\tSurat\t{keterangan}\n"


def document(*rows: str, heading: str = HEADING, identity: str = IDENTITY) -> bytes:
    """A document with these rows."""
    return (identity + heading + "".join(rows)).encode()
