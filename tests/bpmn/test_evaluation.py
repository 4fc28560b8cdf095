"""The comparison with labels, on small SOPs of which every number can be counted by hand; the figures to keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bpmn import evaluation, readers
from bpmn.evaluation import BrokenLabels, Score
from bpmn.inference.weights import WEIGHTS
from bpmn.sop import Document
from tests import fit_weights
from tests.bpmn.documents import LIBRARY, document, row

SOPS = Path(__file__).parent / "sops"


def labels(*lanes: list[str], decisions: list[dict[str, Any]] | None = None, **more: Any) -> bytes:
    steps = [{"no": f"{no}.", "lanes": each} for no, each in enumerate(lanes, start=1)]
    return json.dumps(
        {"lane_columns": ["Camat", "Sekretaris", "Staf"], "steps": steps, **more} | {"decisions": decisions or []}
    ).encode()


def read(*texts: str) -> Document:
    return readers.read(document(*(row(no, text) for no, text in enumerate(texts, start=1))))


ORDER = ("Memerintahkan Sekretaris menyusun laporan", "Sekretaris menyusun laporan dan menyerahkan kepada Camat")


def score(texts: tuple[str, ...], gold: bytes) -> Score:
    return evaluation.evaluate(read(*texts), evaluation.labels(gold))


def test_a_document_that_agrees_with_its_labels_has_nothing_wrong() -> None:
    found = score(ORDER, labels(["Camat"], ["Sekretaris"]))
    assert (found.steps_read, found.steps, found.lanes_right, found.lanes_all_right) == (2, 2, 2, 2)
    assert (found.wrong, found.wrong_steps) == (0, ())


def test_a_wrong_lane_is_told_with_what_is_right() -> None:
    found = score(ORDER, labels(["Camat"], ["Staf"]))
    assert (found.lanes_right, found.wrong) == (1, 1)
    assert "pelaksana Sekretaris" in str(found.wrong_steps[0].what)
    assert "seharusnya Staf" in str(found.wrong_steps[0].what)
    assert "langkah 2" in evaluation.as_list(found)


def test_what_the_document_leaves_open_is_right_either_way() -> None:
    gold = json.loads(labels(["Camat"], ["Staf"]))
    gold["steps"][1]["also"] = [["Sekretaris"]]
    assert score(ORDER, json.dumps({"sops": [gold]}).encode()).lanes_right == 2


def test_a_note_may_accept_a_lane_besides_the_one_drawn() -> None:
    notes = ["Langkah 2 digambar di kolom Staf: salah gambar; terima Sekretaris atau Staf."]
    assert score(ORDER, labels(["Camat"], ["Staf"], notes=notes)).lanes_right == 2
    assert score(ORDER, labels(["Camat"], ["Staf"], notes=["Langkah 2: jebakan Sekretaris."])).lanes_right == 1


CHECK = (*ORDER, "Memeriksa laporan, jika tidak sesuai dikembalikan kepada Sekretaris")


@pytest.mark.parametrize(
    ("decisions", "counts"),
    [
        ([{"step": "3.", "no_to": "2.", "kind": "return"}], (1, 1, 1, 0)),
        ([{"step": "3", "no_to": "1", "kind": "return"}], (1, 1, 0, 0)),
        ([{"step": "3", "no_to": "1", "also": ["2"], "kind": "return"}], (1, 1, 1, 0)),
        ([], (0, 0, 0, 1)),
        ([{"step": "3", "no_to": "2", "kind": "branch"}], (0, 0, 0, 1)),
        ([{"step": "3", "no_to": "2"}, {"step": "2", "no_to": "1"}], (2, 1, 1, 0)),
    ],
)
def test_returns_are_found_false_or_lead_elsewhere(
    decisions: list[dict[str, Any]], counts: tuple[int, int, int, int]
) -> None:
    found = score(CHECK, labels(["Camat"], ["Sekretaris"], ["Camat"], decisions=decisions))
    assert (found.worded, found.worded_found, found.target_right, found.false) == counts


def test_a_proposal_is_no_fault_and_counts_as_found_where_nothing_is_worded() -> None:
    texts = (*ORDER, "Menandatangani laporan")
    lanes = (["Camat"], ["Sekretaris"], ["Camat"])
    found = score(texts, labels(*lanes))
    assert (found.proposed, found.marked, found.false, found.wrong) == (1, 1, 0, 0)
    unworded = [{"step": "3", "no_to": "2", "kind": "return", "worded": False}]
    found = score(texts, labels(*lanes, decisions=unworded))
    assert (found.worded, found.unworded, found.unworded_found) == (0, 1, 1)


def test_a_step_that_was_not_read_is_wrong_and_not_marked() -> None:
    decisions = [{"step": "3", "no_to": "2", "kind": "return"}]
    found = score(ORDER, labels(["Camat"], ["Sekretaris"], ["Camat"], decisions=decisions))
    assert (found.steps_read, found.steps, found.worded, found.wrong, found.wrong_marked) == (2, 3, 1, 1, 0)


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff", b"[]", b"{}", b'{"sops": [1]}', b'{"sops": 3}', b"3"])
def test_broken_labels_are_refused(broken: bytes) -> None:
    with pytest.raises(BrokenLabels, match="Berkas label"):
        evaluation.labels(broken)


def test_labels_of_another_number_of_sops_are_refused() -> None:
    gold = json.loads(labels(["Camat"], ["Sekretaris"]))
    with pytest.raises(BrokenLabels, match="2 SOP"):
        score(ORDER, json.dumps({"sops": [gold, gold]}).encode())


def test_the_table_has_a_row_for_each_document_and_one_for_all() -> None:
    found = score(ORDER, labels(["Camat"], ["Staf"]))
    lines = evaluation.as_table([("a.txt", found), ("b.txt", found)]).splitlines()
    assert [line.split()[0] for line in lines] == ["dokumen", "a.txt", "b.txt", "semua"]
    assert "2/4 = 50,0 %" in lines[-1]
    assert "0/0" in evaluation.as_table([("a.txt", Score())])


def test_the_library_keeps_its_figures() -> None:
    found = _all(LIBRARY)
    assert (found.steps_read, found.steps) == (91, 91)
    assert found.lanes_right >= 0.95 * found.steps
    assert found.worded_found == found.target_right == found.worded
    assert found.false == 0
    assert found.wrong_marked == found.wrong


def test_made_up_sops_of_other_agencies_keep_their_figures() -> None:
    found = _all(SOPS)
    assert found.steps_read == found.steps
    assert found.lanes_right >= 0.9 * found.steps
    assert found.worded_found == found.worded
    assert found.target_right >= 0.95 * found.worded
    assert found.false == 0
    assert found.marked <= 0.3 * found.steps


def _all(folder: Path) -> Score:
    return evaluation.total(
        evaluation.evaluate(Document(each.sops, ()), each.labels) for each in fit_weights.read(folder)
    )


def test_every_weight_has_a_prior_and_the_same_sign_as_it() -> None:
    assert WEIGHTS.keys() == fit_weights.PRIOR.keys()
    for rule, prior in fit_weights.PRIOR.items():
        assert WEIGHTS[rule] * prior > 0, rule


def test_weights_stay_near_their_priors_where_the_documents_say_little() -> None:
    (each,) = (each for each in fit_weights.read(SOPS) if each.name.endswith("dinas_kgb"))
    fitted = fit_weights.fit(fit_weights.cases(each), fit_weights.SPREAD)
    assert fitted["symbol"] == pytest.approx(fit_weights.PRIOR["symbol"], abs=0.01)
    assert fitted["handover.next"] > fit_weights.PRIOR["handover.next"]
    assert fitted == fit_weights.fit(fit_weights.cases(each), fit_weights.SPREAD)
