"""The `lajur` command."""

from __future__ import annotations

import gettext
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from bpmn import diagram_reader, documents, drawing, evaluation, layout, parser, printed, reading, revising
from bpmn.drawing import raster
from bpmn.errors import Refusal
from bpmn.flow import Flow
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
@click.option(
    "--over",
    type=click.Path(exists=True, path_type=Path),
    help="Diagram lama, atau foldernya: id dan letak yang tidak berubah dipertahankan.",
)
def translate(files: tuple[Path, ...], output: Path, force: bool, over: Path | None) -> None:
    """Terjemahkan dokumen SOP menjadi diagram BPMN 2.0, satu berkas .bpmn untuk setiap SOP."""
    made: dict[Path, bytes] = {}
    earlier = _diagrams(over) if over is not None else {}
    for file in files:
        try:
            translated = documents.translate(file.read_bytes(), file.name)
        except Refusal as refusal:
            raise Refused(file, refusal.sentence) from refusal
        for one in translated:
            only = over is not None and over.is_file() and len(files) == len(translated) == 1
            old_id = next(iter(earlier)) if only else one.flow.process_id
            target = output / f"{old_id}.bpmn"
            if target in made:
                raise Refused(
                    file, sentence("SOP “%(title)s” sudah diterjemahkan dari berkas lain.", title=one.flow.name)
                )
            made[target] = revising.over(earlier[old_id], one.flow) if old_id in earlier else one.xml
    unused = over is not None and over.is_file() and not any(target.stem in earlier for target in made)
    if over is not None and unused:
        raise Refused(over, sentence("diagram ini bukan diagram salah satu SOP yang diterjemahkan."))
    changed = [target for target, xml in made.items() if target.exists() and target.read_bytes() != xml]
    if changed and not force:
        raise Refused(
            changed[0],
            sentence("berkas ini sudah ada dan isinya berbeda; pilih folder lain, atau timpa dengan --force."),
        )
    _write(made)


def _diagrams(path: Path) -> dict[str, bytes]:
    """The diagram of a file, or all those of a folder, by the id of their process."""
    found: dict[str, bytes] = {}
    for file in sorted(path.glob("*.bpmn")) if path.is_dir() else [path]:
        content = file.read_bytes()
        try:
            found.setdefault(parser.parse(content).process_id, content)
        except Refusal as refusal:
            raise Refused(file, refusal.sentence) from refusal
    return found


@main.command()
@click.argument("files", type=_file, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder tujuan; jika tidak disebut, di samping berkasnya.",
)
@click.option("--png", is_flag=True, help="Gambar PNG, bukan SVG.")
def render(files: tuple[Path, ...], output: Path | None, png: bool) -> None:
    """Gambar diagram BPMN, atau diagram terjemahan dokumen SOP, sebagai SVG atau PNG."""
    made: dict[Path, bytes] = {}
    for file in files:
        try:
            for name, flow, drawn in _drawings(file):
                target = (output or file.parent) / f"{name}{'.png' if png else '.svg'}"
                if target in made:
                    raise Refused(file, sentence("gambar %(name)s sudah dibuat dari berkas lain.", name=target.name))
                picture = drawing.draw(flow, drawn)
                made[target] = raster.png(picture, *drawing.size(drawn)) if png else picture
        except Refusal as refusal:
            raise Refused(file, refusal.sentence) from refusal
    _write(made)


def _drawings(file: Path) -> list[tuple[str, Flow, layout.Diagram]]:
    """What a file shows, each with the name of its picture: a diagram has one, a document one for each SOP."""
    content = file.read_bytes()
    if documents.is_diagram(content, file.name):
        return [(file.stem, *diagram_reader.drawn(content))]
    flows = [one.flow for one in documents.translate(content, file.name)]
    return [(file.stem if len(flows) == 1 else flow.process_id, flow, layout.place(flow)) for flow in flows]


@main.command()
@click.argument("file", type=_file)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Berkas PDF tujuan; jika tidak disebut, di samping berkasnya.",
)
@click.option("--paper", type=click.Choice(tuple(printed.PAPERS)), default="A4", show_default=True, help="Kertas.")
def sheet(file: Path, output: Path | None, paper: str) -> None:
    """Cetak diagram BPMN, atau setiap SOP sebuah dokumen, sebagai lembar SOP resmi dalam satu PDF."""
    content = file.read_bytes()
    try:
        if documents.is_diagram(content, file.name):
            flows = [parser.parse(content)]
        else:
            flows = [one.flow for one in documents.translate(content, file.name)]
    except Refusal as refusal:
        raise Refused(file, refusal.sentence) from refusal
    pages = [page for flow in flows for page in printed.pages(flow, printed.PAPERS[paper])]
    _write({output or file.with_suffix(".pdf"): printed.pdf(pages, flows[0].name or file.stem)})


def _write(made: dict[Path, bytes]) -> None:
    """Write every file whole or not at all, and say where."""
    for target, content in made.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f"{target.name}.part")
        unfinished.write_bytes(content)
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
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--wrong", is_flag=True, help="Tampilkan juga langkah yang salah.")
def evaluate(folder: Path, wrong: bool) -> None:
    """Bandingkan hasil baca dengan label: setiap NAMA.txt di DIR yang didampingi NAMA.gold.json."""
    scores: dict[str, evaluation.Score] = {}
    for gold in sorted(folder.rglob("*.gold.json")):
        file = gold.with_name(gold.name.removesuffix(".gold.json") + ".txt")
        if file.is_file():
            scores[str(file.relative_to(folder))] = _score(file, gold)
    if not scores:
        raise Refused(folder, sentence("tidak ada dokumen .txt yang didampingi label .gold.json di folder ini."))
    _print(evaluation.as_table(list(scores.items())))
    if wrong:
        _print("\n" + evaluation.as_list(evaluation.total(scores.values())))


def _score(file: Path, gold: Path) -> evaluation.Score:
    try:
        labels = evaluation.labels(gold.read_bytes())
    except Refusal as refusal:
        raise Refused(gold, refusal.sentence) from refusal
    try:
        return evaluation.evaluate(documents.read(file.read_bytes(), file.name), labels)
    except evaluation.BrokenLabels as refusal:
        raise Refused(gold, refusal.sentence) from refusal
    except Refusal as refusal:
        raise Refused(file, refusal.sentence) from refusal


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
            tell=_tell,
        )
    except Refusal as refusal:
        raise Refused("demo", refusal.sentence) from refusal


@main.command()
@click.option("--data", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder yang kosong.")
@click.option("--months", type=click.IntRange(1, 60), default=6, show_default=True, help="Berapa bulan.")
@click.option("--seed", type=int, default=1, show_default=True, help="Benih acak: benih yang sama, isi yang sama.")
@click.option("--runs", type=click.IntRange(0, 100_000), default=200, show_default=True, help="Berapa berkas.")
def simulate(data: Path, months: int, seed: int, runs: int) -> None:
    """Isi folder baru dengan simulasi sebuah kantor: orang, jam kerja, pengembalian, dan berkas yang tertahan."""
    from web import simulating  # noqa: PLC0415 - reading a document needs no database

    try:
        simulating.run(data, simulating.Order(months, seed, runs), _tell)
    except Refusal as refusal:
        raise Refused("simulate", refusal.sentence) from refusal


_data = click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder data Lajur.")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_data
def backup(file: Path, data: Path | None) -> None:
    """Salin seluruh data, juga saat sedang dipakai, ke satu berkas baru FILE."""
    from web import keeping, places  # noqa: PLC0415 - reading a document needs no database

    try:
        whole = keeping.backup(places.place(data), file, _tell)
    except Refusal as refusal:
        raise Refused("backup", refusal.sentence) from refusal
    sys.exit(not whole)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@_data
def restore(file: Path, data: Path | None) -> None:
    """Pulihkan cadangan FILE ke tempat data yang masih kosong."""
    from web import keeping, places  # noqa: PLC0415 - reading a document needs no database

    try:
        keeping.restore(places.place(data), file, _tell)
    except Refusal as refusal:
        raise Refused("restore", refusal.sentence) from refusal


@main.command()
@_data
def upgrade(data: Path | None) -> None:
    """Mutakhirkan data dari rilis lama: dicadangkan dahulu ke folder backups, lalu diperiksa."""
    from web import keeping, places  # noqa: PLC0415 - reading a document needs no database

    try:
        whole = keeping.upgrade(places.place(data), _tell)
    except Refusal as refusal:
        raise Refused("upgrade", refusal.sentence) from refusal
    sys.exit(not whole)


@main.command()
@click.option("--fast", is_flag=True, help="Jangan baca isi dokumen; periksa saja keberadaan dan ukurannya.")
@click.option("--berkas", "run", type=int, help="Periksa riwayat satu berkas saja dan tampilkan sidiknya.")
@_data
def check(fast: bool, run: int | None, data: Path | None) -> None:
    """Periksa keutuhan data: setiap berkas dapat dilanjutkan, riwayat utuh, setiap dokumen ada dan tidak berubah."""
    from web import keeping, places  # noqa: PLC0415 - reading a document needs no database

    try:
        place = places.place(data)
        whole = keeping.check(place, not fast, _tell) if run is None else keeping.check_run(place, run, _tell)
    except Refusal as refusal:
        raise Refused("check", refusal.sentence) from refusal
    sys.exit(not whole)


@main.command()
@click.argument("files", type=_file, nargs=-1, required=True)
@click.option("--as", "username", required=True, metavar="NAMA", help="Nama pengguna analis yang menerbitkan.")
@click.option("--office", help="Nama kantor pengguna itu, untuk memastikan.")
@click.option("--note", default="", help="Catatan versi: apa yang berubah dan mengapa.")
@click.option("--draft", is_flag=True, help="Simpan sebagai draf, jangan terbitkan.")
@_data
def publish(
    files: tuple[Path, ...], username: str, office: str | None, note: str, draft: bool, data: Path | None
) -> None:
    """Terbitkan diagram BPMN di kantor seorang analis: semuanya, atau tidak satu pun."""
    from web import places, publishing  # noqa: PLC0415 - reading a document needs no database

    order = publishing.Order(username, office, note, publish=not draft)
    try:
        done = publishing.publish(places.place(data), files, order, _tell)
    except Refusal as refusal:
        Refused("publish", refusal.sentence).show()
        sys.exit(1)
    sys.exit(not done)


@main.group()
def office() -> None:
    """Kantor-kantor dalam Lajur ini."""


@office.command("add")
@click.argument("name")
@click.option("--timezone", default="Asia/Jakarta", show_default=True, help="Zona waktu: Asia/Jakarta, Asia/Makassar.")
@_data
def office_add(name: str, timezone: str, data: Path | None) -> None:
    """Tambahkan kantor bernama NAME; lalu tambahkan administratornya dengan `lajur person add`."""
    from web import administering, places  # noqa: PLC0415 - reading a document needs no database

    try:
        administering.add_office(places.place(data), name, timezone, _tell)
    except Refusal as refusal:
        raise Refused("office", refusal.sentence) from refusal


@office.command("list")
@_data
def office_list(data: Path | None) -> None:
    """Tampilkan nama semua kantor."""
    from web import administering, places  # noqa: PLC0415 - reading a document needs no database

    try:
        administering.list_offices(places.place(data), _tell)
    except Refusal as refusal:
        raise Refused("office", refusal.sentence) from refusal


@main.group()
def person() -> None:
    """Pegawai, untuk administrator pertama sebuah kantor dan kata sandi yang hilang."""


@person.command("add")
@click.argument("username")
@click.option("--office", "office_name", required=True, metavar="KANTOR", help="Nama kantornya.")
@click.option("--name", required=True, metavar="NAMA", help="Nama lengkapnya.")
@click.option("--administrator", is_flag=True, help="Dengan hak administrator kantor itu.")
@_data
def person_add(username: str, office_name: str, name: str, administrator: bool, data: Path | None) -> None:
    """Tambahkan pegawai dengan nama pengguna USERNAME; kata sandi sekali pakainya ditampilkan."""
    from engine.administration.people import Entry  # noqa: PLC0415 - reading a document needs no database
    from engine.states import Right  # noqa: PLC0415
    from web import administering, places  # noqa: PLC0415

    rights = frozenset({Right.ADMINISTRATOR}) if administrator else frozenset()
    try:
        administering.add_person(places.place(data), office_name, Entry(name, username, rights=rights), _tell)
    except Refusal as refusal:
        raise Refused("person", refusal.sentence) from refusal


@person.command("password")
@click.argument("username")
@_data
def person_password(username: str, data: Path | None) -> None:
    """Ganti kata sandi USERNAME dengan kata sandi sekali pakai, yang ditampilkan."""
    from web import administering, places  # noqa: PLC0415 - reading a document needs no database

    try:
        administering.new_password(places.place(data), username, _tell)
    except Refusal as refusal:
        raise Refused("person", refusal.sentence) from refusal


_day = click.DateTime(["%Y-%m-%d"])


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, metavar="NAMA", help="Nama pengguna manajer kantor itu.")
@click.option("--sop", type=click.IntRange(1), help="Hanya SOP bernomor ini, seperti pada alamat halamannya.")
@click.option("--since", type=_day, metavar="HARI", help="Hanya berkas yang dimulai sejak hari ini (2026-11-23).")
@click.option("--until", type=_day, metavar="HARI", help="Hanya berkas yang dimulai sampai hari ini.")
@click.option("--finished", is_flag=True, help="Hanya berkas yang selesai.")
@_data
def events(
    file: Path,
    username: str,
    sop: int | None,
    since: datetime | None,
    until: datetime | None,
    finished: bool,
    data: Path | None,
) -> None:
    """Tulis log kejadian sebuah kantor ke FILE untuk penggalian proses: XES, atau CSV bila namanya berakhir .csv."""
    from engine.queries.event_log import Wanted  # noqa: PLC0415 - reading a document needs no database
    from web import exporting, places  # noqa: PLC0415

    wanted = Wanted(sop, since.date() if since else None, until.date() if until else None, finished)
    try:
        exporting.events(places.place(data), file, username, wanted, _tell)
    except Refusal as refusal:
        raise Refused("events", refusal.sentence) from refusal


@main.command()
@_data
@click.option("--host", default="127.0.0.1", show_default=True, help="Alamat tempat Lajur menjawab.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 memilih yang bebas.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Permintaan sekaligus.")
@click.option("--no-worker", is_flag=True, help="Tanpa pekerja: jalankan `lajur worker` tersendiri.")
@click.option("--http", is_flag=True, help="Tanpa HTTPS di depannya: hanya untuk jaringan yang dipercaya.")
@click.option("--upgrade", is_flag=True, help="Mutakhirkan juga basis data PostgreSQL rilis lama, setelah dicadangkan.")
def serve(data: Path | None, host: str, port: int, threads: int, no_worker: bool, http: bool, upgrade: bool) -> None:
    """Jalankan Lajur untuk kantor: halaman dan pekerja, di belakang proksi HTTPS."""
    from web import places, serving  # noqa: PLC0415 - reading a document needs no web server

    try:
        order = serving.Order(host, port, threads, with_worker=not no_worker, https=not http, upgrade=upgrade)
        serving.serve(places.place(data), order, _tell)
    except Refusal as refusal:
        raise Refused("serve", refusal.sentence) from refusal


@main.command()
@_data
def worker(data: Path | None) -> None:
    """Jalankan pekerja: tenggat, pengingat, pengganti, dan surel; boleh beberapa sekaligus dengan PostgreSQL."""
    from web import places, serving  # noqa: PLC0415 - reading a document needs no web server

    try:
        serving.work(places.place(data), _tell)
    except Refusal as refusal:
        raise Refused("worker", refusal.sentence) from refusal


def _tell(told: Sentence) -> None:
    _print(f"{told.told(_translate())}\n")


def _print(text: str) -> None:
    click.echo(text, nl=False)


if __name__ == "__main__":
    main()
