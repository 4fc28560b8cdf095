"""The `lajur` command."""

from __future__ import annotations

import gettext
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bpmn import documents, reading
from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence

TRANSLATIONS = Path(__file__).parent / "translations"


class Refused(click.ClickException):
    """A refusal as click shows it: one sentence after the name of what it is about, exit code 2."""

    exit_code = 2

    def __init__(self, name: object, why: Sentence) -> None:
        super().__init__(f"{name}: {why.told(_translate())}")

    def show(self, file: object = None) -> None:
        """One line on the error stream, without a prefix in another language."""
        click.echo(f"lajur: {self.message}", err=True)


def _translate() -> Callable[[str], str]:
    """Indonesian as it stands, or English where the environment asks for it."""
    language = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    wanted = ["en"] if language.startswith("en") else []
    return gettext.translation("messages", TRANSLATIONS, wanted, fallback=True).gettext


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lajur")
def main() -> None:
    """Dokumen SOP menjadi diagram BPMN 2.0 yang berjalan."""


_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@main.command()
@click.argument("file", type=_file)
@click.option("--json", "as_json", is_flag=True, help="Keluarkan sebagai JSON.")
def read(file: Path, as_json: bool) -> None:
    """Baca dokumen SOP dan tampilkan lajur, langkah, keputusan, dan pengembaliannya."""
    try:
        document = documents.read(file.read_bytes(), file.name)
        if as_json:
            output = json.dumps(reading.as_json(document), ensure_ascii=False, indent=2) + "\n"
        else:
            output = reading.as_text(document)
    except Refusal as refusal:
        raise Refused(file, refusal.sentence) from refusal
    _print(output)


@main.command()
@click.argument("files", type=_file, nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder tujuan.")
@click.option("--force", is_flag=True, help="Timpa diagram yang sudah ada dan berbeda.")
def translate(files: tuple[Path, ...], output: Path, force: bool) -> None:
    """Terjemahkan dokumen SOP menjadi diagram BPMN 2.0, satu berkas .bpmn untuk setiap SOP."""
    made: dict[Path, bytes] = {}
    for file in files:
        try:
            translated = documents.translate(file.read_bytes(), file.name)
        except Refusal as refusal:
            raise Refused(file, refusal.sentence) from refusal
        for one in translated:
            target = output / f"{one.flow.process_id}.bpmn"
            if target in made:
                raise Refused(
                    file, sentence("SOP “%(title)s” sudah diterjemahkan dari berkas lain.", title=one.flow.name)
                )
            made[target] = one.xml
    changed = [target for target, xml in made.items() if target.exists() and target.read_bytes() != xml]
    if changed and not force:
        raise Refused(
            changed[0],
            sentence("berkas ini sudah ada dan isinya berbeda; pilih folder lain, atau timpa dengan --force."),
        )
    output.mkdir(parents=True, exist_ok=True)
    for target, xml in made.items():
        unfinished = target.with_suffix(".part")
        unfinished.write_bytes(xml)
        unfinished.replace(target)
        _print(f"{target}\n")


@main.command()
@click.argument("files", type=_file, nargs=-1, required=True)
def lint(files: tuple[Path, ...]) -> None:
    """Periksa diagram BPMN dengan aturan yang juga berlaku saat diterbitkan."""
    refused = None
    for file in files:
        try:
            flow = documents.diagram(file.read_bytes())
            _print(f"{file}: {len(flow.tasks())} langkah, {len(flow.lanes)} lajur, siap diterbitkan\n")
        except Refusal as refusal:
            refused = Refused(file, refusal.sentence)
            refused.show()
    if refused is not None:
        sys.exit(refused.exit_code)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 memilih yang bebas.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder data demo.")
@click.option("--fresh", is_flag=True, help="Mulai lagi dari awal: data demo dihapus.")
def demo(port: int, data: Path | None, fresh: bool) -> None:
    """Jalankan demo dengan lima kantor dan sebelas SOP, hanya di komputer ini."""
    from web import demo as showing  # noqa: PLC0415 - reading a document needs no web server

    try:
        showing.serve(
            port=port,
            folder=data or showing.default_folder(),
            fresh=fresh,
            tell=lambda told: _print(f"{told.told(_translate())}\n"),
        )
    except Refusal as refusal:
        raise Refused("demo", refusal.sentence) from refusal


def _print(text: str) -> None:
    click.echo(text, nl=False)


if __name__ == "__main__":
    main()
