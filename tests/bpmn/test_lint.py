from __future__ import annotations

import pkgutil
from pathlib import Path

import pytest
from hypothesis import given, settings

from bpmn import errors, lint, parser
from bpmn.flow import Edge, Flow, Node
from tests.bpmn.flows import flows, simple, sop_flows

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = ["too_large", *(rule.__name__.rpartition(".")[2] for rule, _ in lint.RULES)]
FILES = [(name, path) for name in NAMES for path in sorted((FIXTURES / name).glob("*.bpmn"))]
SOP = simple(
    "mulai -> langkah_1",
    "langkah_1 -> gerbang_1",
    "gerbang_1 -> selesai : Setuju : ${keputusan_1 == 'setuju'}",
    "gerbang_1 -> langkah_1 : Dikembalikan : ${keputusan_1 == 'kembali'}",
)


def test_every_rule_is_listed() -> None:
    modules = {module.name for module in pkgutil.iter_modules(lint.__path__)} - {"finding"}
    assert modules == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_has_a_valid_and_an_invalid_fixture(name: str) -> None:
    stems = {path.stem.split("_")[0] for path in (FIXTURES / name).glob("*.bpmn")}
    assert stems == {"valid", "invalid"}


def test_every_folder_of_fixtures_is_that_of_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == set(NAMES)


@pytest.mark.parametrize(("name", "path"), FILES, ids=[f"{name}/{path.stem}" for name, path in FILES])
def test_a_rule_finds_what_is_wrong_in_its_invalid_fixtures_and_nothing_in_valid_ones(name: str, path: Path) -> None:
    findings = lint.lint(parser.parse(path.read_bytes()))
    if path.stem.startswith("valid"):
        assert findings == ()
    else:
        assert name in {finding.rule for finding in findings}
    for finding in findings:
        assert "%(" not in str(finding.message)
        assert str(finding.message).endswith((".", ".)"))


def test_messages_name_the_element_and_say_what_to_do() -> None:
    flow = parser.parse((FIXTURES / "element_not_run" / "invalid_script.bpmn").read_bytes())
    assert str(lint.lint(flow)[0].message) == (
        "“Langkah 1” (langkah_1) adalah tugas skrip, padahal Lajur tidak pernah menjalankan kode dari diagram; "
        "ganti dengan tugas biasa (user task)."
    )


def test_a_diagram_without_errors_is_not_refused() -> None:
    lint.refuse_errors(SOP)


def test_a_warning_does_not_refuse_a_diagram() -> None:
    flow = parser.parse((FIXTURES / "waktu_unreadable" / "invalid.bpmn").read_bytes())
    assert [finding.severity for finding in lint.lint(flow)] == [lint.Severity.WARNING]
    lint.refuse_errors(flow)


def test_a_refusal_tells_the_first_error_and_counts_the_others() -> None:
    nodes = (*SOP.nodes, Node("a", "scriptTask", "Hitung"))
    flow = Flow("p", "", "", SOP.lanes, nodes, (*SOP.edges, Edge("b", "a", "langkah_1")))
    with pytest.raises(errors.DiagramRefused) as refused:
        lint.refuse_errors(flow)
    assert str(refused.value).startswith("“Hitung” (a) adalah tugas skrip")
    assert str(refused.value).endswith("(Masih ada 1 kesalahan lain.)")


def test_of_an_oversized_diagram_only_its_size_is_told() -> None:
    flow = Flow("p", "", "", (), tuple(Node(f"n_{place}", "scriptTask") for place in range(20_000)), ())
    assert [finding.rule for finding in lint.lint(flow)] == ["too_large"]


@settings(deadline=None)
@given(flows(max_nodes=20))
def test_any_flow_is_examined_with_the_same_result_each_time(flow: Flow) -> None:
    findings = lint.lint(flow)
    assert findings == lint.lint(flow)
    known = {flow.process_id, *(node.id for node in flow.nodes), *(lane.id for lane in flow.lanes)}
    known |= {edge.id for edge in flow.edges}
    assert {finding.element for finding in findings} <= known


@settings(deadline=None)
@given(sop_flows(max_steps=8))
def test_parallel_sections_without_returns_are_in_balance(flow: Flow) -> None:
    rules = {finding.rule for finding in lint.lint(flow)}
    assert "parallel_unbalanced" not in rules
    assert "unreachable" not in rules
