"""The SOP as its official form: every row, every arrow, on paper of either size."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import library, parser, printed
from bpmn.flow import Flow
from bpmn.order import returns
from bpmn.printed import table
from bpmn.printed.columns import columns
from bpmn.printed.ink import Stroke, Words
from bpmn.printed.pages import parts, pieces
from bpmn.printed.routes import Place, Wanted, routes
from bpmn.printed.rows import Arrow, Row, Rows, Symbol, rows

DIAGRAMS = {f"{source.office}/{source.name}": source.content for source in library.diagrams()}


def texts(pages: tuple[printed.Page, ...]) -> list[str]:
    return [mark.text for page in pages for mark in page.marks if isinstance(mark, Words)]


@pytest.fixture(params=DIAGRAMS, scope="module")
def flow(request: pytest.FixtureRequest) -> Flow:
    return parser.parse(DIAGRAMS[request.param])


def test_every_step_is_a_row_with_its_words(flow: Flow) -> None:
    found = rows(flow).rows
    assert {row.node_id for row in found} == {task.id for task in flow.tasks()}
    said = " ".join(texts(printed.pages(flow))).replace(" ", "")
    for row in found:
        assert row.text.replace(" ", "").replace("\n", "")[:30] in said


def test_every_return_is_an_arrow_upwards(flow: Flow) -> None:
    back = [arrow for arrow in rows(flow).arrows if arrow.is_return]
    assert len(back) == len(returns(flow))
    assert all(arrow.target <= arrow.source and arrow.name for arrow in back)


def test_the_first_step_is_a_capsule_and_what_decides_a_diamond(flow: Flow) -> None:
    found = rows(flow)
    assert found.rows[0].symbol is Symbol.CAPSULE or found.rows[0].starts
    for index, row in enumerate(found.rows):
        onward = {arrow.target for arrow in found.arrows if arrow.source == index}
        assert (row.symbol is Symbol.DIAMOND) == (len(onward) + row.ends > 1)


@pytest.mark.parametrize("paper", printed.PAPERS.values(), ids=str)
def test_nothing_stands_outside_the_paper(flow: Flow, paper: printed.Paper) -> None:
    for page in printed.pages(flow, paper, "Versi 1"):
        for mark in page.marks:
            points = [(mark.x, mark.y)] if isinstance(mark, Words) else mark.points
            assert all(20 <= x <= paper.width - 20 and 20 <= y <= paper.height - 10 for x, y in points)


def test_the_same_diagram_gives_the_same_bytes(flow: Flow) -> None:
    pages = printed.pages(flow)
    made = printed.pdf(pages, flow.name)
    assert made.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", made)) == len(pages)
    assert made == printed.pdf(printed.pages(flow), flow.name)
    assert [printed.svg(page) for page in pages] == [printed.svg(page) for page in printed.pages(flow)]


def test_markup_in_a_name_stays_text() -> None:
    content = next(iter(DIAGRAMS.values())).replace(b'name="Camat"', b'name="&lt;script&gt;"')
    assert b"<script>" not in b"".join(printed.svg(page) for page in printed.pages(parser.parse(content)))


# -- rows, pages and ways of any form ---------------------------------------------------------------------------------


def row(number: int, column: int, text: str = "Memeriksa berkas", symbol: Symbol = Symbol.BOX) -> Row:
    return Row(f"langkah_{number}", str(number), text, (column,), symbol, False, False, "", "1 hari", "", "")


@st.composite
def forms(draw: st.DrawFn) -> tuple[Rows, int]:
    """Up to thirty rows in up to nine lanes; each goes on to the next, some back."""
    lanes = draw(st.integers(1, 9))
    size = draw(st.integers(1, 30))
    texts = st.sampled_from(["Mencatat", "Memeriksa kelengkapan berkas permohonan " * 4, "Menyusun " * 60])
    made = tuple(row(number, draw(st.integers(0, lanes - 1)), draw(texts)) for number in range(size))
    onward = [Arrow(number, number + 1, "", False) for number in range(size - 1)]
    steps = st.integers(0, size - 1)
    back = draw(st.lists(st.tuples(steps, steps), max_size=8))
    returned = [Arrow(max(pair), min(pair), "Dikembalikan", True) for pair in dict.fromkeys(back)]
    return Rows(made, tuple(dict.fromkeys(onward + returned))), lanes


@settings(max_examples=40, deadline=None)
@given(forms())
def test_pages_hold_every_row_once_and_connectors_come_in_pairs(form: tuple[Rows, int]) -> None:
    found, lanes = form
    widths = columns(found.rows, lanes, 30, 812)
    made = pieces(found.rows, widths, 460)
    split = parts(made, found, 460)
    assert [piece.row for piece in made if piece.first] == list(found.rows)
    assert [part.begin for part in split] == [0, *(part.end for part in split[:-1])]
    assert split[-1].end == len(made)
    for number, arrow in enumerate(found.arrows):
        ends = [one.leaves for part in split for one in part.connectors if one.arrow == number]
        page_of = table.Form(widths, found, made, split, 0).page_of
        assert sorted(ends) == ([] if page_of(arrow.source) == page_of(arrow.target) else [False, True])


@settings(max_examples=40, deadline=None)
@given(forms())
def test_arrows_run_straight_and_over_no_symbol(form: tuple[Rows, int]) -> None:
    found, _ = form
    places = [Place(60.0 + 60 * one.columns[0], 30.0 + 44 * index, 20, 10) for index, one in enumerate(found.rows)]
    wanted = [Wanted(arrow.source, arrow.target, arrow.name, arrow.is_return) for arrow in found.arrows]
    xs = [30.0 + 60 * lane + aside for lane in range(10) for aside in (4, 8, 52, 56)]
    ys = [8.0 + 44 * index + aside for index in range(len(places)) for aside in (4, 8, 36, 40)]
    for arrow, points in routes(places, wanted, xs, ys).items():
        for (x, y), (to_x, to_y) in pairwise(points):
            assert x == to_x or y == to_y
            for number, place in enumerate(places):
                if number not in {arrow.source, arrow.target}:
                    beside = max(x, to_x) <= place.x - 20 or min(x, to_x) >= place.x + 20
                    assert beside or max(y, to_y) <= place.y - 10 or min(y, to_y) >= place.y + 10
        for end, place in ((points[0], places[arrow.source]), (points[-1], places[arrow.target])):
            assert abs(end[0] - place.x) in {0, 20}
            assert abs(end[1] - place.y) in {0, 10}


def test_a_text_longer_than_a_page_goes_on_on_the_next() -> None:
    found = Rows((row(1, 0, "Menyusun rencana " * 400), row(2, 0)), (Arrow(0, 1, "", False),))
    widths = columns(found.rows, 1, 30, 812)
    made = pieces(found.rows, widths, 460)
    assert sum(len(piece.lines["text"]) for piece in made[:-1]) == len(widths.lines(found.rows[0])["text"])
    assert len(parts(made, found, 460)) > 1


def test_twelve_lanes_fit() -> None:
    widths = columns((row(1, 11),), 12, 30, 812)
    assert all(right - left >= 30 for left, right in widths.lanes)
    assert widths.right == pytest.approx(812)
    assert widths.text[1] - widths.text[0] >= 80


def test_a_return_is_dashed() -> None:
    flow = parser.parse(DIAGRAMS["kebasen/pengukuran_data_kinerja.bpmn"])
    strokes = [mark for page in printed.pages(flow) for mark in page.marks if isinstance(mark, Stroke) and mark.tip]
    assert sum(mark.dashed for mark in strokes) == 2
