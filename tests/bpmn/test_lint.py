from __future__ import annotations

import pkgutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bpmn import errors, graph, lint, parser
from bpmn.flow import Edge, Event, Flow, Node
from bpmn.lint import scopes, tokens
from tests.bpmn.flows import KINDS, all_flows, flows, simple, sop_flows
from tests.bpmn.flows import flow as flow_of

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = ["too_large", *(rule.__name__.rpartition(".")[2] for rule, _ in lint.RULES)]
COMPARING = ["ids_changed"]
"""Rules that look at two versions: `valid_before.bpmn` and `valid_after.bpmn`, and the same of `invalid`."""

FILES = [(name, path) for name in NAMES for path in sorted((FIXTURES / name).glob("*.bpmn"))]
GATEWAYS = ("exclusiveGateway", "parallelGateway")
SOP = simple(
    "mulai -> langkah_1",
    "langkah_1 -> gerbang_1",
    "gerbang_1 -> selesai : Setuju : ${keputusan_1 == 'setuju'}",
    "gerbang_1 -> langkah_1 : Dikembalikan : ${keputusan_1 == 'kembali'}",
)


def test_every_rule_is_listed() -> None:
    modules = {module.name for module in pkgutil.iter_modules(lint.__path__)} - {"finding", "scopes", "tokens"}
    assert modules == {*NAMES, *COMPARING}


@pytest.mark.parametrize("name", NAMES + COMPARING)
def test_every_rule_has_a_valid_and_an_invalid_fixture(name: str) -> None:
    stems = {path.stem.split("_")[0] for path in (FIXTURES / name).glob("*.bpmn")}
    assert stems == {"valid", "invalid"}


def test_every_folder_of_fixtures_is_that_of_a_rule_or_of_the_elements() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {*NAMES, *COMPARING, "elements"}


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


@pytest.mark.parametrize("name", COMPARING)
def test_a_rule_about_two_versions_finds_what_is_wrong_in_the_invalid_pair_only(name: str) -> None:
    for stem, expected in (("valid", set()), ("invalid", {(name, lint.Severity.WARNING)})):
        before, after = (
            parser.parse((FIXTURES / name / f"{stem}_{time}.bpmn").read_bytes()) for time in ("before", "after")
        )
        findings = lint.compare(before, after)
        assert {(finding.rule, finding.severity) for finding in findings} == expected
        assert all(str(finding.message).endswith(".") and "%(" not in str(finding.message) for finding in findings)


def test_a_step_that_kept_its_text_but_not_its_id_and_one_that_vanished_are_told() -> None:
    old = [Node(f"langkah_{no}", "userTask", f"Langkah {no}", properties={"langkah": str(no)}) for no in (1, 2, 3)]
    new = [replace(old[0], name="Memeriksa"), replace(old[1], id="Activity_0k1")]
    before, after = (Flow("p", "", "", (), tuple(nodes), ()) for nodes in (old, new))
    findings = lint.compare(before, after)
    assert [finding.element for finding in findings] == ["Activity_0k1", "langkah_3"]
    assert "dahulu ber-id langkah_2; kembalikan id itu" in str(findings[0].message)
    assert lint.compare(before, before) == ()


def test_steps_that_changed_places_under_their_ids_are_told() -> None:
    old = [Node(f"langkah_{no}", "userTask", "", documentation=f"Baris {no}") for no in (1, 2)]
    new = [replace(old[0], documentation="Baris 2"), replace(old[1], documentation="Baris 1")]
    before, after = (Flow("p", "", "", (), tuple(nodes), ()) for nodes in (old, new))
    assert {finding.element for finding in lint.compare(before, after)} == {"langkah_1", "langkah_2"}


def test_messages_name_the_element_and_say_what_to_do() -> None:
    flow = parser.parse((FIXTURES / "element_not_run" / "invalid_script.bpmn").read_bytes())
    assert str(lint.lint(flow)[0].message) == (
        "“Langkah 1” (langkah_1) adalah tugas skrip, padahal Lajur tidak pernah menjalankan kode dari diagram; "
        "ganti dengan “Langkah pegawai” (user task)."
    )


def found_by(rule: str, flow: Flow) -> list[str]:
    return [finding.element for finding in lint.lint(flow) if finding.rule == rule]


LONG = simple(
    "mulai -> langkah_1", *(f"langkah_{at} -> langkah_{at + 1}" for at in range(1, 9)), "langkah_9 -> selesai"
)


def without(flow: Flow, *gone: str) -> Flow:
    """The flow as one who deletes these nodes leaves it."""
    edges = tuple(edge for edge in flow.edges if not {edge.source, edge.target} & set(gone))
    return replace(flow, nodes=tuple(node for node in flow.nodes if node.id not in gone), edges=edges)


def test_a_gap_is_told_once_on_either_side_and_not_of_every_step_before_and_after() -> None:
    assert lint.lint(LONG) == ()
    found = [(finding.rule, finding.element) for finding in lint.lint(without(LONG, "langkah_5"))]
    assert found == [("end_missing", "langkah_4"), ("unreachable", "langkah_6")]


def test_every_gap_is_told() -> None:
    flow = without(LONG, "langkah_3", "langkah_6")
    assert found_by("end_missing", flow) == ["langkah_2", "langkah_5"]
    assert found_by("unreachable", flow) == ["langkah_4", "langkah_7"]


def test_a_circle_that_is_never_left_is_told_at_its_end_and_one_never_entered_at_its_beginning() -> None:
    flow = simple(
        "mulai -> langkah_1",
        "langkah_1 -> langkah_2",
        "langkah_2 -> gerbang_2",
        "gerbang_2 -> langkah_1",
        "langkah_3 -> langkah_4",
        "langkah_4 -> gerbang_4",
        "gerbang_4 -> langkah_3 : Dikembalikan : ${keputusan_4 == 'kembali'}",
        "gerbang_4 -> selesai : Setuju : ${keputusan_4 == 'setuju'}",
    )
    assert found_by("end_missing", flow) == ["gerbang_2"]
    assert found_by("unreachable", flow) == ["langkah_3"]


def test_the_condition_on_the_only_way_out_of_a_gateway_is_one_mistake() -> None:
    flow = simple(
        "mulai -> langkah_1", "langkah_1 -> gerbang_1", "gerbang_1 -> selesai : Setuju : ${keputusan_1 == 'setuju'}"
    )
    assert [finding.rule for finding in lint.lint(flow)] == ["gateway_condition"]


@settings(deadline=None)
@given(flows(max_nodes=20))
def test_no_gap_stays_untold(flow: Flow) -> None:
    """What no end can be reached from leads to a place that is told; what no start leads to comes from one."""
    for scope, _ in scopes.scopes(flow):
        targets = scopes.next_to(scope)
        kinds = {kind: [node.id for node in scope.nodes if node.kind == kind] for kind in ("startEvent", "endEvent")}
        if not all(kinds.values()):
            continue
        sources = graph.reversed_graph(targets)
        ending, begun = graph.reachable(sources, kinds["endEvent"]), graph.reachable(targets, kinds["startEvent"])
        stuck, stray = set(targets) - ending, set(targets) - begun
        last = [one for one in found_by("end_missing", flow) if one in stuck]
        first = [one for one in found_by("unreachable", flow) if one in stray]
        leading_there, led_from_there = graph.reachable(sources, last), graph.reachable(targets, first)
        assert stuck <= leading_there
        assert stray <= led_from_there


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


def test_work_in_progress_is_refused_only_for_what_is_never_run() -> None:
    lint.refuse_elements(Flow("p", "", "", (), (Node("a", "userTask"),), ()))
    with pytest.raises(errors.DiagramRefused, match="tugas skrip"):
        lint.refuse_elements(Flow("p", "", "", (), (Node("a", "scriptTask"),), ()))
    with pytest.raises(errors.DiagramRefused, match="lebih dari 300"):
        lint.refuse_elements(Flow("p", "", "", (), tuple(Node(f"n_{place}", "task") for place in range(301)), ()))


def test_of_an_oversized_diagram_only_its_size_is_told() -> None:
    flow = Flow("p", "", "", (), tuple(Node(f"n_{place}", "scriptTask") for place in range(20_000)), ())
    assert [finding.rule for finding in lint.lint(flow)] == ["too_large"]


@settings(deadline=None)
@given(flows(max_nodes=20) | all_flows(max_nodes=20, odd=True))
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


@st.composite
def entered_and_left(draw: st.DrawFn) -> Flow:
    """Small flows of choices and parallel gateways, each node on a way from the start to an end."""
    kinds = draw(st.lists(st.sampled_from([*KINDS, *GATEWAYS, *GATEWAYS]), min_size=2, max_size=9))
    inner = [Node(f"simpul_{place}", kind, "x") for place, kind in enumerate(kinds)]
    nodes = [Node("mulai", "startEvent"), *inner, Node("selesai", "endEvent"), Node("selesai_2", "endEvent")]
    ways = [(0, 1)]
    # A chain keeps every node reachable and lets it end; what else there is may go anywhere.
    ways += [(place, place + 1) for place in range(1, len(inner) + 1)]
    for place in range(1, len(inner) + 1):
        if nodes[place].kind in GATEWAYS:
            ahead = st.integers(place + 1, min(place + 4, len(nodes) - 1))
            anywhere = st.integers(1, len(nodes) - 1)
            more = draw(st.lists(ahead | ahead | ahead | anywhere, max_size=2))
            ways += [(place, target) for target in more]
    edges = [Edge(f"alir_{at}", nodes[source].id, nodes[target].id) for at, (source, target) in enumerate(ways)]
    used = {end for edge in edges for end in (edge.source, edge.target)}
    return flow_of([node for node in nodes if node.id in used], edges, [])


@settings(deadline=None, max_examples=500)
@given(entered_and_left())
def test_every_way_a_run_can_fail_is_found_by_a_rule(flow: Flow) -> None:
    plain, smaller = tokens.Net(flow), tokens.Net(flow)
    smaller.reduce()
    ends_well = tokens.played(plain) == tokens.Outcome()
    assert ends_well == (tokens.played(smaller) == tokens.Outcome())
    found = {finding.rule for finding in lint.lint(flow)}
    assert ends_well or found & {"deadlock", "fake_join", "parallel_unbalanced", "return_from_parallel"}
    assert not ends_well or "deadlock" not in found


SPLITS = ("parallelGateway", "inclusiveGateway")


class Blocks:
    """A well-made flow of nested sections of every kind, events and subprocesses."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.add("endEvent", self.sequence(self.add("startEvent"), 0, None))

    def add(self, kind: str, *sources: str, **more: Any) -> str:
        self.nodes.append(Node(f"simpul_{len(self.nodes)}", kind, "x", **more))
        for source in sources:
            self.edges.append(Edge(f"alir_{len(self.edges)}", source, self.nodes[-1].id))
        return self.nodes[-1].id

    def sequence(self, last: str, depth: int, parent: str | None) -> str:
        for _ in range(self.draw(st.integers(1, 2))):
            last = self.block(last, depth, parent)
        return last

    def block(self, last: str, depth: int, parent: str | None) -> str:
        deep = (*SPLITS, "exclusiveGateway", "subProcess") if depth < 2 else ()
        shape = self.draw(st.sampled_from(["task", "event", *deep]))
        if shape == "task":
            return self.add("userTask", last, parent=parent)
        if shape == "event":
            return self.with_event(self.add("userTask", last, parent=parent), depth, parent)
        if shape == "subProcess":
            box = self.add("subProcess", last, parent=parent)
            self.add("endEvent", self.sequence(self.add("startEvent", parent=box), depth + 1, box), parent=box)
            return box
        split = self.add(shape, last, parent=parent)
        ways = [self.sequence(split, depth + 1, parent) for _ in range(self.draw(st.integers(2, 3)))]
        return self.add(shape, *ways, parent=parent)

    def with_event(self, task: str, depth: int, parent: str | None) -> str:
        """An event on the border of a task: what it starts beside it ends by itself, what breaks it off comes back."""
        timer, off = Event("timer", "P3D", "timeDuration"), self.draw(st.booleans())
        event = self.add("boundaryEvent", attached_to=task, parent=parent, event=timer, interrupting=off)
        other = self.sequence(event, depth + 1, parent)
        if off and (depth or self.draw(st.booleans())):
            return self.add("exclusiveGateway", task, other, parent=parent)
        self.add("endEvent", other, parent=parent)
        return task

    def break_something(self) -> None:
        """Lead an edge elsewhere, or make a gateway one of another kind."""
        at = self.draw(st.integers(0, len(self.edges) - 1))
        scope = {node.id: node.parent for node in self.nodes}
        inside = scope[self.edges[at].source]
        others = [one.id for one in self.nodes if one.parent == inside and one.attached_to is None]
        gateways = [place for place, one in enumerate(self.nodes) if one.kind.endswith("Gateway")]
        turned = self.draw(st.booleans())
        if gateways and turned:
            place = self.draw(st.sampled_from(gateways))
            kind = self.draw(st.sampled_from((*SPLITS, "exclusiveGateway")))
            self.nodes[place] = replace(self.nodes[place], kind=kind)
        else:
            self.edges[at] = replace(self.edges[at], target=self.draw(st.sampled_from(others)))


@st.composite
def of_blocks(draw: st.DrawFn, *, faults: int = 2) -> Flow:
    blocks = Blocks(draw)
    for _ in range(draw(st.integers(min_value=0, max_value=faults))):
        blocks.break_something()
    return flow_of(blocks.nodes, blocks.edges, [])


def chosen(part: Flow, split: str, ways: set[str]) -> Flow:
    """The part as it runs where an inclusive gateway takes only these ways."""
    edges = tuple(edge for edge in part.edges if edge.source != split or edge.id in ways)
    part = replace(part, edges=edges)
    reached = graph.reachable(scopes.next_to(part), [node.id for node in part.nodes if node.kind == "startEvent"])
    return replace(
        part,
        nodes=tuple(node for node in part.nodes if node.id in reached),
        edges=tuple(edge for edge in part.edges if edge.source in reached),
    )


STRUCTURE = {"start_missing", "end_missing", "unreachable", "boundary_misplaced", "boundary_joins_flow", "deadlock"}
STRUCTURE |= {"parallel_unbalanced", "inclusive_unbalanced", "return_from_parallel", "fake_join", "loop_without_task"}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(of_blocks(), st.data())
def test_what_passes_ends_well_whichever_ways_inclusive_gateways_take(flow: Flow, data: st.DataObject) -> None:
    found = {finding.rule for finding in lint.lint(flow)}
    assume(not found & (STRUCTURE | {"too_large"}))
    for whole in scopes.parts(flow):
        part = whole
        for split in [node.id for node in part.nodes if node.kind == "inclusiveGateway"]:
            ways = [edge.id for edge in part.outgoing(split)]
            if len(ways) > 1:
                some: set[str] = data.draw(st.sets(st.sampled_from(ways), min_size=1))
                part = chosen(part, split, some)
        assert tokens.played(tokens.Net(part)) == tokens.Outcome()


@settings(deadline=None, max_examples=50)
@given(of_blocks(faults=0))
def test_well_made_sections_are_never_refused(flow: Flow) -> None:
    assert not STRUCTURE & {finding.rule for finding in lint.lint(flow)}


def test_many_long_branches_are_examined_without_going_through_all_their_states() -> None:
    branches = [f"langkah_{branch}" for branch in range(12)]
    edges = [f"cabang_1 -> {branch}_0" for branch in branches]
    edges += [f"{branch}_{at} -> {branch}_{at + 1}" for branch in branches for at in range(6)]
    edges += [f"{branch}_6 -> cabang_2" for branch in branches]
    net = tokens.Net(simple("mulai -> cabang_1", *edges, "cabang_2 -> selesai"))
    net.reduce()
    assert len(net.source) <= 2
    assert tokens.played(net) == tokens.Outcome()
