"""Who performs a step and what is decided in it: one small SOP for each cue, and the SOPs of the library."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import inference, readers
from bpmn.inference import performers, returns, sequence, view
from bpmn.inference.cues import active
from bpmn.sop import InferredSop, InferredStep, Sop, Step
from tests.bpmn.documents import OFFICES, content

LANES = ("Camat", "Sekretaris", "Kasubbag Umum", "Staf")


def step(no: int, text: str, cells: tuple[str, ...], **columns: str) -> Step:
    given = {"kelengkapan": "", "output": "", "keterangan": "", "penanggung_jawab": ""} | columns
    return Step(no=str(no), text=text, cells=cells, waktu=None, row=no, **given)


def infer(
    *texts: str, lanes: tuple[str, ...] = LANES, marks: dict[int, tuple[str, ...]] | None = None, **identity: str
) -> tuple[InferredStep, ...]:
    """The inferred steps with these activities."""
    cells = {no: ("",) * len(lanes) for no in range(1, len(texts) + 1)} | (marks or {})
    steps = tuple(step(no, text, cells[no]) for no, text in enumerate(texts, start=1))
    told = {key: (text,) for key, text in identity.items()}
    return inference.infer(Sop("", "", "", told, lanes, steps)).steps


def lanes_of(*texts: str, **more: object) -> list[str]:
    return [each.performer.lane for each in infer(*texts, **more)]  # type: ignore[arg-type]


def evidence(each: InferredStep) -> str:
    return " ".join(map(str, each.performer.evidence))


def test_a_mark_in_a_cell_names_the_lane() -> None:
    (first, second) = infer("Menulis", "Mencatat", marks={2: ("", "", "[ ]", "")})
    assert second.performer.lane == "Kasubbag Umum"
    assert "Tanda “[ ]” tercetak pada kolom Kasubbag Umum." in evidence(second)
    assert not second.performer.review
    assert first.performer.lane == "Camat"


@pytest.mark.parametrize("filler", ["-", "\u2013", "...", "↓", "|", "Ya", "Tidak"])
def test_fillers_arrows_and_their_labels_name_no_lane(filler: str) -> None:
    plain = infer("Menulis", "Mencatat")
    cells = (filler,) * len(LANES)
    assert infer("Menulis", "Mencatat", marks={1: cells, 2: cells}) != plain
    assert [each.performer for each in infer("Menulis", "Mencatat", marks={1: cells, 2: cells})] == [
        each.performer for each in plain
    ]


def test_marks_in_two_cells_are_two_performers_the_higher_first() -> None:
    (each,) = infer("Membahas konsep", marks={1: ("", "[ ]", "[ ]", "")})
    assert each.performer.lanes == ("Sekretaris", "Kasubbag Umum")


def test_the_subject_of_the_sentence_outweighs_a_mark_and_is_for_review() -> None:
    (_, each) = infer("Menulis", "Sekretaris memeriksa konsep", marks={2: ("", "", "", "[ ]")})
    assert each.performer.lane == "Sekretaris"
    assert each.performer.review
    assert "Namun ada petunjuk lain untuk Staf" in evidence(each)


def test_a_handover_makes_the_recipient_the_next_to_act() -> None:
    assert (
        lanes_of("Menulis", "Menyiapkan konsep, diserahkan kepada Kasubbag Umum", "Mencermati konsep")[2]
        == "Kasubbag Umum"
    )


def test_an_order_is_given_by_a_superior_and_obeyed_next() -> None:
    first, second = infer("Memerintahkan Sekretaris untuk menyiapkan rapat", "Mengatur acara")
    assert first.performer.lane == "Camat"
    assert second.performer.lane == "Sekretaris"
    assert "memerintah Sekretaris" in evidence(first)


def test_whoever_is_met_in_ordered_work_is_not_the_next_to_act() -> None:
    lanes = lanes_of(
        "Memerintahkan Staf untuk menyampaikan surat kepada Sekretaris",
        "Menyampaikan surat kepada Sekretaris",
        "Membaca",
    )
    assert lanes == ["Camat", "Staf", "Sekretaris"]


def test_what_is_received_from_somebody_is_not_done_by_him() -> None:
    assert lanes_of("Menulis", "Menerima konsep dari Staf dan meneruskan kepada Camat", "Membaca")[1:] != [
        "Staf",
        "Staf",
    ]
    assert lanes_of("Menulis", "Menerima konsep dari Staf", lanes=("Staf", "Camat")) == ["Staf", "Camat"]


def test_the_highest_signs_the_second_initials_and_staff_files() -> None:
    lanes = lanes_of("Membuat konsep surat", "Memaraf konsep surat", "Menandatangani surat", "Mengarsipkan surat")
    assert lanes[1:] == ["Sekretaris", "Camat", "Staf"]


def test_a_disposition_as_output_is_given_by_the_one_it_names() -> None:
    steps = (
        step(1, "Menelaah surat", ("", "", ""), output="Disposisi Camat"),
        step(2, "Menelaah surat", ("", "", ""), kelengkapan="Disposisi Camat", output="Disposisi Sekcam"),
        step(3, "Mengarsipkan surat", ("", "", ""), kelengkapan="Disposisi Sekcam", output="Disposisi Sekcam diterima"),
    )
    inferred = inference.infer(Sop("", "", "", {}, ("Camat", "Sekretaris", "Staf"), steps))
    assert [each.performer.lane for each in inferred.steps] == ["Camat", "Sekretaris", "Staf"]


def test_the_one_who_hands_the_work_to_a_jabatan_is_another_one() -> None:
    lanes = lanes_of(
        "Memerintahkan Kasubbag Umum menyiapkan bahan",
        "Mengumpulkan bahan dan menyampaikan kepada Kasubbag Umum",
        "Memeriksa bahan",
    )
    assert lanes[1:] == ["Staf", "Kasubbag Umum"]


def test_requests_are_brought_by_people_from_outside() -> None:
    lanes = ("Petugas Pelayanan", "Pemohon", "Lurah")
    assert lanes_of("Mengajukan permohonan dengan membawa berkas", "Mencatat", lanes=lanes)[0] == "Pemohon"


def test_staff_types_and_brings_the_result_to_people_outside() -> None:
    lanes = ("Pemohon", "Petugas Pelayanan", "Sekretaris Lurah", "Lurah")
    found = lanes_of(
        "Mengajukan permohonan",
        "Mengetik konsep surat",
        "Memaraf konsep surat",
        "Menandatangani surat",
        "Menyerahkan surat kepada pemohon",
        "Menerima surat",
        lanes=lanes,
    )
    assert found == ["Pemohon", "Petugas Pelayanan", "Sekretaris Lurah", "Lurah", "Petugas Pelayanan", "Pemohon"]


def test_an_examination_goes_up_one_rank_at_a_time() -> None:
    lanes = ("Kepala Dinas", "Sekretaris", "Kepala Bidang", "Kepala Seksi", "Staf")
    found = lanes_of(
        "Memerintahkan Staf mengetik konsep",
        "Staf mengetik konsep",
        "Memeriksa konsep",
        "Memeriksa dan memaraf konsep",
        "Memeriksa dan memaraf konsep",
        "Menandatangani",
        lanes=lanes,
    )
    assert found[2:] == ["Kepala Seksi", "Kepala Bidang", "Sekretaris", "Kepala Dinas"]


def test_who_acts_elsewhere_in_the_sop_does_more_of_what_nobody_is_named_for() -> None:
    texts = ("Camat memerintahkan", "Kasubbag Umum menyusun konsep", "Menghitung", "Kasubbag Umum menulis")
    steps = tuple(step(no, text, ("",) * 4) for no, text in enumerate(texts, start=1))
    (vote,) = active.votes(view.of(Sop("", "", "", {}, LANES, steps)))
    assert vote.at == 2
    assert vote.strengths[2] > vote.strengths[0] > 0


def test_a_performer_not_clearly_ahead_of_the_next_is_for_review() -> None:
    (_, each) = infer("Menulis", "Mendiskusikan")
    assert each.performer.review


def test_partners_are_named_beside_the_performer() -> None:
    (_, each, _) = infer("Menulis", "Rapat Sekretaris dengan Kasubbag Umum untuk membahas konsep", "Mencatat")
    assert set(each.performer.lanes) == {"Sekretaris", "Kasubbag Umum"}
    assert each.performer.lane == each.performer.lanes[0]


def test_with_one_lane_all_is_certain() -> None:
    (each,) = infer("Menulis", lanes=("Staf",))
    assert (each.performer.lanes, each.performer.confidence, each.performer.review) == (("Staf",), 1.0, False)


@pytest.mark.parametrize(
    ("text", "worded"),
    [
        ("Memeriksa konsep, jika tidak setuju dikembalikan kepada Staf untuk diperbaiki", True),
        ("Memeriksa konsep. Jika setuju, diparaf dan diteruskan , jika tidak di kembalikan untuk di perbaiki", True),
        ("Memeriksa konsep. Apabila terdapat perbaikan diserahkan kembali untuk diperbaiki", True),
        ("Memeriksa rapat, jika belum lengkap, memerintahkan Staf untuk melengkapi", True),
        (
            "Memeriksa. Jika setuju, menandatangani. Jika tidak setuju, menyerahkan kepada Staf untuk diperbaiki.",
            True,
        ),
        ("Mengembalikan berkas kepada Staf untuk dilengkapi", True),
        ("Jika ada yang harus diperbaiki dikembalikan ke Staf", True),
        ("Meneliti berkas, yang tidak lengkap dikembalikan kepada Staf", True),
        ("Tidak lengkap dikembalikan, lengkap diproses", True),
        ("Memeriksa konsep, Ya: paraf, Tidak: kembali ke langkah 1", True),
        ("Memverifikasi draft, bila masih terdapat kekeliruan diperbaiki oleh Staf", True),
        ("Menelaah usulan, jika ditolak dikembalikan ke Staf", True),
        ("Menyerahkan kembali berkas yang telah diperbaiki", False),
        ("Apabila surat penting diteruskan kepada Camat, apabila biasa diteruskan ke Kasubbag Umum", False),
        ("Mengembalikan surat kepada Sekretaris setelah didisposisi", False),
        ("Membuat surat tugas, jika diperlukan melampirkan undangan", False),
        ("Menyiapkan kendaraan jika dalam kota, jika tidak memesan tiket", False),
        ("Melakukan revisi dokumen anggaran", False),
        ("Melakukan perbaikan / edit atas naskah apabila masih perlu perbaikan", False),
        ("Menerima surat yang telah ditandatangani Camat", False),
        ("Memerintahkan Staf untuk memeriksa berkas", False),
        ("Menerima surat, menandatangani Buku Tanda Terima", False),
        ("Jika SOP tidak dilaksanakan maka pekerjaan terhambat", False),
    ],
)
def test_a_return_is_found_where_it_is_worded_and_nowhere_else(text: str, worded: bool) -> None:
    decision = infer("Menulis", text)[1].decision
    assert (decision is not None) == worded
    if decision:
        assert not decision.review
        assert decision.return_to == "1"


def test_only_the_yes_branch_worded_is_a_return_less_sure_than_a_worded_one() -> None:
    decision = infer("Menulis", "Memeriksa konsep. Jika Ya Memberi Paraf dan Meneruskan Ke Camat")[1].decision
    assert decision is not None
    assert returns.SURE <= decision.confidence < 0.9


@pytest.mark.parametrize("text", ["Menyetujui SPP", "Memaraf konsep", "Memverifikasi data", "Mengesahkan rencana"])
def test_a_step_that_approves_without_a_word_of_return_is_proposed_for_review(text: str) -> None:
    decision = infer("Menulis", text)[1].decision
    assert decision is not None
    assert decision.review
    assert decision.confidence < returns.SURE


def test_a_first_step_returns_nowhere() -> None:
    assert infer("Memeriksa surat, jika tidak lengkap dikembalikan", "Menulis")[0].decision is None


def test_a_return_leads_to_the_latest_step_of_the_jabatan_named() -> None:
    texts = (
        "Menulis",
        "Staf menyusun konsep",
        "Kasubbag Umum menyampaikan konsep",
        "Sekretaris memeriksa, jika tidak setuju dikembalikan ke Staf",
    )
    decision = infer(*texts)[3].decision
    assert decision is not None
    assert decision.return_to == "2"


def test_a_return_leads_to_the_step_named() -> None:
    decision = infer("a b", "c d", "e f", "Memeriksa, jika tidak sesuai kembali ke langkah 2")[3].decision
    assert decision is not None
    assert decision.return_to == "2"


def test_a_return_of_one_step_may_be_told_in_the_risk_block() -> None:
    risk = "Pada prosedur 3 (tiga) apabila ada kesalahan maka akan diperbaiki di langkah sebelumnya."
    decisions = [each.decision for each in infer("a b", "c d", "e f", "g h", identifikasi_risiko=risk)]
    assert [decision and decision.return_to for decision in decisions] == [None, None, "2", None]


def test_a_return_of_all_examining_steps_may_be_told_in_the_risk_block() -> None:
    risk = "Apabila terdapat kesalahan maka akan dikembalikan untuk diperbaiki"
    decisions = [each.decision for each in infer("a b", "c d", "Memeriksa konsep", identifikasi_risiko=risk)]
    assert [decision is not None and not decision.review for decision in decisions] == [False, False, True]


def test_a_warning_is_no_return() -> None:
    warning = "Apabila terjadi kesalahan data kinerja akan menghambat proses penilaian kinerja"
    assert infer("a b", "c d", peringatan=warning)[1].decision is None


def library(office: str, place: int) -> InferredSop:
    return inference.infer(readers.read(content(office)).sops[place])


@pytest.mark.parametrize(
    ("office", "place", "lanes"),
    [
        (
            "gambut",
            0,
            {1: "Kasubbag Renkeua", 2: "Pelaksana", 4: "Camat", 5: "Pelaksana", 6: "Kasi/ Kasubbag", 7: "Pelaksana"},
        ),
        (
            "kebasen",
            0,
            {1: "CAMAT", 2: "SEKCAM", 3: "KASI/KASUBAG", 5: "PENGELOLA", 6: "SEKCAM", 7: "CAMAT", 9: "PENGELOLA"},
        ),
        ("kebasen", 1, {1: "CAMAT", 2: "SEKCAM", 3: "KASUBAG PERENCANAAN", 6: "SEKCAM", 7: "CAMAT"}),
        ("martapura_barat", 0, {1: "CAMAT", 2: "KASUBAG PROGRAM", 3: "CAMAT"}),
        (
            "martapura_barat",
            1,
            {1: "CAMAT", 2: "SEKRETARIS", 5: "KASUBBAG PERENCANAAN", 8: "CAMAT", 11: "KASUBBAG PERENCANAAN"},
        ),
        (
            "masama",
            0,
            {1: "Camat", 2: "Sekretaris", 4: "Pelaksana", 5: "Kepala Seksi/Lurah", 7: "Kasubag Evlap", 9: "Camat"},
        ),
        ("masama", 2, {1: "Camat", 2: "Sekretaris", 3: "Kasubag", 4: "Kepala Seksi/ Lurah", 9: "Kasubag"}),
        ("muara_papalik", 0, {1: "Camat", 2: "Sekretaris Camat", 8: "Sekretaris Camat", 9: "Camat"}),
        (
            "muara_papalik",
            1,
            {1: "Kasubbag Perencanaan, dan Keuangan", 2: "Analisis Perencanaan", 3: "Kasubbag Umum dan Kepegawaian"},
        ),
    ],
)
def test_the_plain_lanes_of_the_library_are_found(office: str, place: int, lanes: dict[int, str]) -> None:
    steps = library(office, place).steps
    assert {no: steps[no - 1].performer.lane for no in lanes} == lanes


@pytest.mark.parametrize(
    ("office", "place", "sure", "proposed"),
    [
        ("martapura_barat", 0, {"3": "2"}, {}),
        ("martapura_barat", 1, {"6": "5", "7": "6", "8": "7"}, {}),
        ("martapura_barat", 2, {"3": "2", "4": "3"}, {"5": "4"}),
        ("kebasen", 0, {"6": "5", "7": "6"}, {}),
        ("kebasen", 1, {"6": "5", "7": "6"}, {}),
        ("masama", 0, {}, {"5": "4", "8": "7", "9": "8"}),
        ("masama", 1, {}, {"9": "8"}),
        ("masama", 2, {}, {"7": "6"}),
        ("gambut", 0, {"4": "3"}, {"3": "2"}),
        ("muara_papalik", 0, {}, {"7": "6", "8": "7", "9": "8"}),
        ("muara_papalik", 1, {}, {}),
    ],
)
def test_the_returns_of_the_library_are_found(
    office: str, place: int, sure: dict[str, str], proposed: dict[str, str]
) -> None:
    found = {each.step.no: each.decision for each in library(office, place).steps if each.decision}
    assert {no: decision.return_to for no, decision in found.items() if not decision.review} == sure
    assert {no: decision.return_to for no, decision in found.items() if decision.review} == proposed


@pytest.mark.parametrize("office", OFFICES)
def test_everything_inferred_says_why_and_is_for_review_where_unsure(office: str) -> None:
    for sop in readers.read(content(office)).sops:
        for each in inference.infer(sop).steps:
            performer = each.performer
            assert performer.evidence
            assert performer.lane in sop.lanes
            assert performer.lanes[0] == performer.lane
            assert 0 <= performer.confidence <= 1
            assert performer.review or performer.confidence >= performers.SURE


def test_the_same_sop_gives_the_same_result() -> None:
    assert library("masama", 1) == library("masama", 1)


def test_an_sop_of_ten_steps_is_read_and_inferred_in_milliseconds() -> None:
    data = content("muara_papalik")
    spent = []
    for _ in range(5):
        start = time.process_time()
        inference.infer(readers.read(data).sops[0])
        spent.append(time.process_time() - start)
    assert min(spent) < 0.03


WEIGHTS = st.floats(-3, 3, allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 4), st.integers(1, 4), st.data())
def test_the_sequence_found_is_the_best_of_all(lanes: int, steps: int, data: st.DataObject) -> None:
    scores = [[data.draw(WEIGHTS) for _ in range(lanes)] for _ in range(steps)]
    pairs = [[[data.draw(WEIGHTS) for _ in range(lanes)] for _ in range(lanes)] for _ in range(steps)]
    found, chances = sequence.best(scores, pairs)
    weights = {path: sequence.weight(path, scores, pairs) for path in _paths(lanes, steps)}
    assert weights[found] == pytest.approx(max(weights.values()))
    for row in chances:
        assert sum(row) == pytest.approx(1)


def _paths(lanes: int, steps: int) -> list[tuple[int, ...]]:
    paths: list[tuple[int, ...]] = [()]
    for _ in range(steps):
        paths = [(*path, lane) for path in paths for lane in range(lanes)]
    return paths


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_any_sentences_are_inferred_without_failing(texts: list[str]) -> None:
    assert len(infer(*texts)) == len(texts)
