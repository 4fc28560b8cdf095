"""Analysts drawing in a real browser: what they draw is saved by itself, checked while they draw, and never lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import select

from engine import definitions, offices
from engine.database import Database
from engine.states import Right
from engine.tables import Definition, Person
from tests.browser.test_whole_way import assert_accessible, end_session, log_in
from tests.web.conftest import LETTER, PASSWORD

pytestmark = pytest.mark.browser

SAVED = re.compile("^Tersimpan")
STEP, OTHER_STEP, GATEWAY, LANE, WAY = "langkah_1", "langkah_3", "gerbang_2", "lajur_2", "alur_setuju"


@pytest.fixture
def desk(chromium: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """An analyst's screen with the modeler open; whatever it complains about on its console fails the test."""
    context = chromium.new_context(
        base_url=address, viewport={"width": 1280, "height": 800}, locale="id-ID", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.add_init_script("window.lajurUntranslated = new Set()")
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda asked: asked.accept())
    log_in(page, "analis")
    open_modeler(page)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def draft(sqlite: Database) -> Callable[[], str]:
    """What the server has to be edited."""
    return lambda: str(_stored(sqlite)[0], "utf-8")


@pytest.fixture
def colleague(sqlite: Database) -> Callable[[bytes], None]:
    """Saves a diagram as another analyst of the office."""

    def save(xml: bytes) -> None:
        now = datetime.now(UTC)
        _, revision = _stored(sqlite)
        with sqlite.transaction() as session:
            office = session.scalars(select(Person.office_id).where(Person.username == "analis")).one()
            person = offices.add_person(session, office, "dewi", "Dewi Anggraini", PASSWORD, frozenset({Right.ANALYST}))
            who = offices.actor(session, person, now)
            definitions.save_draft(session, who, _sop(session), xml, revision, now)

    return save


def _sop(session: object) -> int:
    return session.scalars(select(Definition.id)).first()  # type: ignore[attr-defined, no-any-return]


def _stored(database: Database) -> tuple[bytes, int]:
    with database.reading() as session:
        analyst = session.scalars(select(Person.id).where(Person.username == "analis")).one()
        return definitions.xml(session, offices.actor(session, analyst, datetime.now(UTC)), _sop(session))


def open_modeler(page: Page) -> None:
    page.goto("/sop/1/ubah")
    expect(shape(page, STEP)).to_be_visible()


def shape(page: Page, element: str) -> Locator:
    return page.locator(f"[data-modeler] .djs-element[data-element-id='{element}']").first


def choose(page: Page, element: str) -> None:
    """Select an element of the diagram: a lane by its name on the left, a flow by its middle."""
    position = {"x": 12.0, "y": 12.0} if element.startswith("lajur") else None
    shape(page, element).locator(".djs-hit").first.click(position=position, force=True)  # type: ignore[arg-type]


def field(page: Page, name: str) -> Locator:
    return page.locator(f"[data-entry-id='{name}'] :is(input, textarea, select)").first


def fill(page: Page, name: str, value: str) -> None:
    field(page, name).fill(value)
    field(page, name).blur()


def status(page: Page) -> Locator:
    return page.locator("[data-status]")


def test_what_is_drawn_is_saved_by_itself(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "3 jam")
    expect(status(desk)).to_have_text(SAVED)
    assert 'value="3 jam"' in draft()
    desk.reload()
    choose(desk, STEP)
    expect(field(desk, "mutuBaku-waktu")).to_have_value("3 jam")
    expect(desk.locator("[data-notices]")).to_be_empty()


def test_a_link_saves_before_it_leads_away(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, STEP)
    field(desk, "mutuBaku-waktu").fill("4 jam")
    desk.get_by_role("link", name="Berkas").click()
    expect(desk).to_have_url(re.compile("/berkas"))
    assert 'value="4 jam"' in draft()


def test_without_the_server_work_is_kept_and_saved_once_it_answers(
    desk: Page, draft: Callable[[], str], complaints: list[str]
) -> None:
    desk.route("**/draf", lambda route: route.abort())
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "5 jam")
    expect(status(desk)).to_contain_text("server tidak dapat dihubungi")
    desk.unroute("**/draf")
    desk.evaluate("window.dispatchEvent(new Event('online'))")
    expect(status(desk)).to_have_text(SAVED)
    assert 'value="5 jam"' in draft()
    complaints.clear()


def test_work_that_was_never_saved_is_offered_on_return(desk: Page, draft: Callable[[], str]) -> None:
    desk.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('offline')) }")
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "6 jam")
    expect(status(desk)).to_contain_text("Belum tersimpan")
    desk.reload()
    expect(desk.locator("[data-notices]")).to_contain_text("pekerjaan Anda atas SOP ini yang belum tersimpan")
    desk.get_by_role("button", name="Lanjutkan pekerjaan itu").click()
    choose(desk, STEP)
    expect(field(desk, "mutuBaku-waktu")).to_have_value("6 jam")
    expect(status(desk)).to_have_text(SAVED)
    assert 'value="6 jam"' in draft()


def test_after_the_session_ended_work_waits_for_a_log_in_elsewhere(
    desk: Page, draft: Callable[[], str], complaints: list[str]
) -> None:
    end_session(desk)
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "7 jam")
    expect(status(desk)).to_contain_text("Sesi Anda telah berakhir")
    with desk.context.expect_page() as opened:
        desk.get_by_role("link", name="Masuk di tab baru").click()
    log_in_here(opened.value, "analis")
    opened.value.close()
    desk.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(status(desk)).to_have_text(SAVED)
    assert 'value="7 jam"' in draft()
    complaints.clear()


def log_in_here(page: Page, username: str) -> None:
    page.get_by_label("Nama pengguna").fill(username)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url(re.compile("/sop/"))


def test_nothing_is_saved_in_the_name_of_somebody_else_who_logged_in(
    desk: Page, draft: Callable[[], str], complaints: list[str]
) -> None:
    end_session(desk)
    other = desk.context.new_page()
    log_in(other, "rina")
    other.close()
    before = draft()
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "8 jam")
    expect(status(desk)).to_contain_text("Orang lain kini masuk di peramban ini")
    assert draft() == before
    complaints.clear()


THEIRS = LETTER.replace(b'name="Menyusun konsep surat"', b'name="Menyusun naskah surat"').replace(b"2 jam", b"9 jam")


@pytest.fixture
def conflict(desk: Page, colleague: Callable[[bytes], None], complaints: list[str]) -> Page:
    """The modeler of whoever came second, with work that is not saved."""
    colleague(THEIRS)
    choose(desk, OTHER_STEP)
    fill(desk, "mutuBaku-waktu", "10 jam")
    expect(desk.locator("[data-notices]")).to_contain_text("sudah disimpan oleh Dewi Anggraini pukul")
    complaints.clear()  # Chromium notes the 409
    return desk


def test_who_comes_second_sees_what_differs(conflict: Page) -> None:
    conflict.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert_accessible(conflict)
    conflict.get_by_role("button", name="Bandingkan").click()
    dialog = conflict.get_by_role("dialog")
    expect(dialog.locator(".modeler-differences")).to_contain_text("Langkah “Menyusun konsep surat”: nama")
    expect(dialog.locator(".differs-changed[data-element-id='langkah_3']")).to_have_count(2)
    assert_accessible(conflict)


def test_who_comes_second_may_use_what_is_saved_and_still_download_the_own_work(
    conflict: Page, draft: Callable[[], str]
) -> None:
    conflict.get_by_role("button", name="Pakai yang tersimpan").click()
    choose(conflict, STEP)
    expect(field(conflict, "name")).to_have_value("Menyusun naskah surat")
    with conflict.expect_download() as got:
        conflict.get_by_role("button", name="Unduh pekerjaan saya").click()
    assert 'value="10 jam"' in got.value.path().read_text("utf-8")
    fill(conflict, "mutuBaku-waktu", "11 jam")
    expect(status(conflict)).to_have_text(SAVED)
    assert "naskah" in draft()
    assert 'value="11 jam"' in draft()


def test_who_comes_second_may_save_in_its_place(conflict: Page, draft: Callable[[], str]) -> None:
    assert "naskah" in draft()
    conflict.get_by_role("button", name="Simpan sebagai pengganti").click()
    expect(status(conflict)).to_have_text(SAVED)
    expect(conflict.locator("[data-notices]")).to_be_empty()
    assert 'value="10 jam"' in draft()
    assert "naskah" not in draft()


def test_who_comes_second_and_reloads_still_has_both(
    conflict: Page, draft: Callable[[], str], complaints: list[str]
) -> None:
    conflict.reload()
    conflict.get_by_role("button", name="Lanjutkan pekerjaan itu").click()
    expect(conflict.locator("[data-notices]")).to_contain_text("sudah disimpan oleh Dewi Anggraini")
    assert "naskah" in draft()
    conflict.get_by_role("button", name="Simpan sebagai pengganti").click()
    expect(status(conflict)).to_have_text(SAVED)
    assert 'value="10 jam"' in draft()
    complaints.clear()


def test_a_save_whose_answer_was_lost_is_no_conflict(
    desk: Page, draft: Callable[[], str], complaints: list[str]
) -> None:
    def answered_by_nobody(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.route("**/draf", answered_by_nobody, times=1)
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "12 jam")
    expect(status(desk)).to_contain_text("server tidak dapat dihubungi")
    desk.evaluate("window.dispatchEvent(new Event('online'))")
    expect(status(desk)).to_have_text(SAVED)
    assert 'value="12 jam"' in draft()
    complaints.clear()


def test_findings_come_while_drawing_and_lead_to_their_element(desk: Page) -> None:
    choose(desk, STEP)
    fill(desk, "mutuBaku-waktu", "kapan-kapan")
    finding = desk.locator(".finding").filter(has_text="kapan-kapan")
    expect(finding).to_contain_text("Periksa")
    expect(desk.locator(".finding-badge[title*='kapan-kapan']")).to_have_text("?")
    choose(desk, OTHER_STEP)
    finding.get_by_role("button").click()
    expect(field(desk, "mutuBaku-waktu")).to_have_value("kapan-kapan")
    assert_accessible(desk)


def test_a_lane_is_given_a_jabatan_of_the_office(desk: Page) -> None:
    choose(desk, LANE)
    fill(desk, "name", "Juru Tulis")
    expect(desk.get_by_text("Lajur “Juru Tulis” bukan nama jabatan")).to_be_visible()
    field(desk, "jabatan-jabatan").select_option("Sekretaris Kecamatan")
    expect(desk.get_by_text("Lajur “Juru Tulis” bukan nama jabatan")).to_have_count(0)


def test_a_step_is_made_to_return_the_work_and_back(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, OTHER_STEP)
    field(desk, "keputusan-kembali").select_option(label="Memeriksa konsep surat")
    expect(status(desk)).to_have_text(SAVED)
    expect(desk.locator(".finding.is-error")).to_have_count(0)
    assert "${keputusan_3 == 'kembali'}" in draft()
    assert "${keputusan_3 == 'setuju'}" in draft()
    field(desk, "keputusan-kembali").select_option("")
    expect(shape(desk, "gerbang_3")).to_have_count(0)
    expect(status(desk)).to_have_text(re.compile("segera"))
    expect(status(desk)).to_have_text(SAVED)
    expect(desk.locator(".finding.is-error")).to_have_count(0)
    assert "keputusan_3" not in draft()


def test_a_decision_shows_its_ways_and_where_they_lead(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, GATEWAY)
    expect(field(desk, "keputusan-pertanyaan")).to_have_value("Disetujui?")
    expect(desk.get_by_text("Mengembalikan pekerjaan")).to_be_visible()
    fill(desk, f"keputusan-jalan-{WAY}", "Ya, setuju")
    expect(status(desk)).to_have_text(SAVED)
    assert 'name="Ya, setuju"' in draft()


def test_a_return_that_was_made_is_undone_in_one_step(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, OTHER_STEP)
    field(desk, "keputusan-kembali").select_option(label="Memeriksa konsep surat")
    expect(shape(desk, "gerbang_3")).to_be_visible()
    desk.get_by_role("button", name="Urungkan").click()
    expect(shape(desk, "gerbang_3")).to_have_count(0)
    expect(desk.get_by_role("button", name="Urungkan")).to_be_disabled()
    expect(status(desk)).to_have_text(SAVED)
    assert "keputusan_3" not in draft()


def test_named_ways_out_of_a_decision_get_their_conditions(
    desk: Page, draft: Callable[[], str], colleague: Callable[[bytes], None]
) -> None:
    bare = re.sub(rb"<bpmn:conditionExpression.*?</bpmn:conditionExpression>", b"", LETTER)
    colleague(bare)
    desk.reload()
    expect(desk.locator(".finding.is-error")).to_have_count(2)
    choose(desk, GATEWAY)
    fill(desk, f"keputusan-jalan-{WAY}", "Ya, lanjut")
    expect(desk.locator(".finding.is-error")).to_have_count(0)
    expect(status(desk)).to_have_text(SAVED)
    assert "${keputusan_2 == 'ya_lanjut'}" in draft()
    assert "${keputusan_2 == 'dikembalikan'}" in draft()


def test_a_form_is_made_of_fields(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, STEP)
    desk.locator("[data-group-id='group-formulir'] .bio-properties-panel-add-entry").click()
    fill(desk, "formulir-0-label", "Jenis surat")
    field(desk, "formulir-0-type").select_option("enum")
    fill(desk, "formulir-0-values", "Undangan\nEdaran")
    field(desk, "formulir-0-required").check(force=True)
    field(desk, "formulir-0-defaultValue").select_option("edaran")
    expect(status(desk)).to_have_text(SAVED)
    assert '<camunda:value id="undangan" name="Undangan"' in draft()
    assert '<camunda:constraint name="required"' in draft()
    assert 'defaultValue="edaran"' in draft()
    expect(desk.locator(".finding.is-error")).to_have_count(0)


def test_who_may_perform_a_step_is_set(desk: Page, draft: Callable[[], str]) -> None:
    choose(desk, OTHER_STEP)
    desk.locator("[data-group-id='group-pelaksana'] .bio-properties-panel-group-header").click()
    fill(desk, "pelaksana-bukan_pelaksana", "2")
    field(desk, "pelaksana-hanya_definitif").check(force=True)
    field(desk, "pelaksana-pengerjaan").select_option("parallel")
    expect(status(desk)).to_have_text(SAVED)
    assert 'name="bukan_pelaksana" value="2"' in draft()
    assert 'name="hanya_definitif" value="ya"' in draft()
    assert 'camunda:collection="${pemegang}"' in draft()
    expect(desk.locator(".finding.is-error")).to_have_count(0)


def test_a_guess_is_confirmed_in_the_modeler(
    desk: Page, draft: Callable[[], str], colleague: Callable[[bytes], None]
) -> None:
    guess = (
        b'<camunda:property name="perlu_tinjauan" value="pelaksana" /><camunda:property name="dasar" value="Kata x" />'
    )
    colleague(LETTER.replace(b'<camunda:property name="langkah" value="1" />', guess))
    desk.reload()
    choose(desk, STEP)
    expect(desk.locator(".modeler-doubts")).to_contain_text("Kata x")
    desk.get_by_role("button", name="Sudah saya periksa").click()
    expect(desk.locator(".modeler-doubts")).to_have_count(0)
    expect(desk.locator(".doubt-badge")).to_have_count(0)
    expect(status(desk)).to_have_text(SAVED)
    assert "perlu_tinjauan" not in draft()
    assert "dasar" not in draft()


def test_after_the_window_was_resized_the_whole_diagram_is_still_shown_on_request(desk: Page) -> None:
    desk.set_viewport_size({"width": 500, "height": 700})
    desk.locator("[data-action='fit']").click()
    desk.set_viewport_size({"width": 1280, "height": 800})
    desk.locator("[data-action='fit']").click()
    pool, canvas = (desk.locator(one).first.bounding_box() for one in ("[data-element-id=pool]", ".djs-container"))
    assert pool
    assert canvas
    middle, of_canvas = (box["x"] + box["width"] / 2 for box in (pool, canvas))
    assert abs(middle - of_canvas) < 60


def test_a_guess_is_marked_on_the_diagram_beside_what_the_rules_find(
    desk: Page, colleague: Callable[[bytes], None]
) -> None:
    guess = (
        b'<camunda:property name="perlu_tinjauan" value="pelaksana" /><camunda:property name="dasar" value="Kata x" />'
    )
    colleague(LETTER.replace(b'<camunda:property name="langkah" value="3" />', guess))
    desk.reload()
    badge = desk.locator(f".djs-overlays[data-container-id='{OTHER_STEP}'] .doubt-badge")
    expect(badge).to_have_text("Tinjau")
    expect(badge).to_have_attribute("title", re.compile("dugaan dari dokumen: pelaksana.\nKata x"))
    expect(desk.locator(f".djs-overlays[data-container-id='{OTHER_STEP}'] .finding-badge")).to_have_text("?")
    badge.click()
    expect(desk.locator(".modeler-doubts")).to_contain_text("Kata x")
    assert_accessible(desk)
    desk.get_by_role("button", name="Sudah saya periksa").click()
    expect(badge).to_have_count(0)
    desk.locator("[data-action='undo']").first.click()
    expect(badge).to_have_count(1)


@pytest.mark.parametrize(
    ("label", "begins"), [("BPMN", b"<?xml"), ("SVG", b"<?xml"), ("PNG", b"\x89PNG")], ids=["bpmn", "svg", "png"]
)
def test_the_diagram_is_taken_out(desk: Page, label: str, begins: bytes) -> None:
    desk.locator(".modeler-menu summary").click()
    with desk.expect_download() as got:
        desk.get_by_role("button", name=re.compile(label)).click()
    content = got.value.path().read_bytes()
    assert content.startswith(begins)
    assert len(content) > 4000
    assert got.value.suggested_filename.endswith(f".{label.lower()}")


def test_the_flow_is_tried_out(desk: Page) -> None:
    desk.get_by_role("button", name="Uji coba").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.locator(".bts-toggle-mode")).to_contain_text("Uji coba alur")
    dialog.locator(".bts-context-pad[title='Jalankan']").first.click()
    expect(dialog.locator(".bts-token-count, .bts-token")).not_to_have_count(0)
    desk.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_elements_are_searched_and_shortcuts_told(desk: Page) -> None:
    desk.get_by_role("button", name="Cari").click()
    desk.locator(".djs-search-input input").press_sequentially("memeriksa")
    desk.keyboard.press("Enter")
    expect(field(desk, "name")).to_have_value("Memeriksa konsep surat")
    desk.get_by_role("button", name="Pintasan").click()
    expect(desk.get_by_role("dialog")).to_contain_text("Ctrl + Z")
    assert_accessible(desk)


UNTRANSLATED = """() => {
  const words = new Set();
  for (const element of document.querySelectorAll('[data-modeler] *, [data-properties] *')) {
    for (const name of ['title', 'aria-label', 'placeholder', 'data-title']) words.add(element.getAttribute(name));
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) words.add(node.data.trim());
  }
  return [...words].filter((word) => window.lajurUntranslated.has(word));
}"""
"""What bpmn-js asked a translation of, got none, and shows: entries are translated before some are left out."""


TIMER = b"""<bpmn:timerEventDefinition id="waktu_mulai">
<bpmn:timeDate xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression"
>2027-01-04T08:00</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:startEvent>"""


def test_every_word_of_the_modeler_is_indonesian(
    desk: Page, colleague: Callable[[bytes], None], complaints: list[str]
) -> None:
    colleague(LETTER.replace(b"</bpmn:startEvent>", TIMER))
    desk.reload()
    expect(shape(desk, STEP)).to_be_visible()
    found: set[str] = set()
    for element in (STEP, GATEWAY, "mulai", "selesai", WAY, LANE):
        choose(desk, element)
        desk.evaluate(
            "document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach(h => h.click())"
        )
        found.update(desk.evaluate(UNTRANSLATED))
        change = desk.locator(".djs-context-pad [data-action='replace']")
        if change.count():
            change.first.click()
            expect(desk.locator(".djs-popup")).to_be_visible()
            found.update(desk.evaluate(UNTRANSLATED))
            desk.keyboard.press("Escape")
    choose(desk, STEP)
    shape(desk, OTHER_STEP).locator(".djs-hit").first.click(modifiers=["Shift"], force=True)
    desk.locator(".djs-context-pad [data-action='align-elements']").click()
    found.update(desk.evaluate(UNTRANSLATED))
    desk.keyboard.press("Escape")
    desk.locator(".djs-minimap .toggle").click()
    found.update(desk.evaluate(UNTRANSLATED))
    assert sorted(found) == []
    assert desk.evaluate("window.lajurUntranslated.size") > 0  # the listening works
    complaints[:] = [said for said in complaints if "ContextPad#getPad is deprecated" not in said]  # within bpmn-js
