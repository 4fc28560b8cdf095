"""pm4py reads the event log, and what it discovers in it is the SOP.

pm4py is under the AGPL: nothing that is delivered imports it, and only the extra `mining` installs it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bpmn import documents
from bpmn.flow import Flow
from engine.queries import event_log
from engine.queries.event_log import Wanted
from engine.simulation import sops
from tests.engine import event_logs
from tests.mining.nets import as_log, follows, petri_net, walks
from tests.simulated import HalfYear

pytestmark = pytest.mark.filterwarnings("ignore:Install the optional requirement `r4pm`:UserWarning")

OFTEN = sops.PERMIT
"""Two steps at once within a return loop, and so many runs that they went every way: discovery has to find it all."""

SELDOM = ("sop_096_mb_2023_pengumpulan_data_kinerja", "sop_095_mb_2023_monitoring_renstra", sops.COMPLAINT)
"""A return loop; three of them, one of which reaches into another; a timer, a message and a called SOP.

Of these there are so few runs that some ways were never gone, and cannot be discovered.
"""

Discovered = tuple[Any, Any, Any]
"""A Petri net, its first marking and its last."""

WALKS = 200


@pytest.fixture(scope="session")
def pm4py() -> Any:
    return pytest.importorskip("pm4py", reason="needs pm4py: install the extra `mining`")


@pytest.fixture(scope="session")
def logs(pm4py: Any, half_year: HalfYear, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of the finished runs of an SOP."""
    folder, who = tmp_path_factory.mktemp("logs"), half_year.manager

    def written(process_id: str) -> Path:
        file = folder / f"{process_id}.xes"
        if not file.exists():
            wanted = Wanted(definition=half_year.sop(process_id), finished=True)
            pieces = event_log.pieces(half_year.database.reading, who, wanted, event_log.XES)
            file.write_text("".join(pieces), encoding="utf-8")
        return file

    return written


@pytest.fixture(scope="session")
def completed(pm4py: Any, logs: Callable[[str], Path]) -> Callable[[str], Any]:
    """The same as pm4py has it, with the steps at their completion."""

    def read(process_id: str) -> Any:
        whole = pm4py.read_xes(str(logs(process_id)))
        return pm4py.filter_event_attribute_values(whole, "lifecycle:transition", ["complete"], level="event")

    return read


def flow_of(process_id: str) -> Flow:
    return next(flow for flow in map(documents.diagram, sops.diagrams()) if flow.process_id == process_id)


def discovered(pm4py: Any, log: Any) -> Discovered:
    found: Discovered = pm4py.discover_petri_net_inductive(log, activity_key="node")
    return found


def fitting(pm4py: Any, log: Any, net: Discovered) -> float:
    """The share of the log's runs that the net can replay wholly."""
    found = pm4py.fitness_token_based_replay(log, *net, activity_key="node")
    return float(found["percentage_of_fitting_traces"]) / 100


def test_it_is_read_as_it_was_written(pm4py: Any, logs: Callable[[str], Path]) -> None:
    read = pm4py.read_xes(str(logs(sops.PERMIT)))
    cases = event_logs.read([logs(sops.PERMIT).read_text(encoding="utf-8")])
    events = [
        event | {f"case:{key}": value for key, value in case.run.items()} for case in cases for event in case.events
    ]
    assert len(events) == len(read) > 0
    for key in (
        "case:concept:name",
        "case:subject",
        "case:sop_id",
        "concept:name",
        "org:resource",
        "org:role",
        "round",
    ):
        assert list(read[key]) == [event[key] for event in events], key
    for key in ("time:timestamp", "offered", "case:started"):
        assert [moment.to_pydatetime() for moment in read[key]] == [event[key] for event in events], key


def test_the_directly_follows_relation_is_that_of_the_sop(pm4py: Any, completed: Callable[[str], Any]) -> None:
    graph, starts, ends = pm4py.discover_dfg(completed(OFTEN), activity_key="node")
    expected = walks(flow_of(OFTEN), WALKS)
    assert set(graph) == follows(expected)
    assert set(starts) == {walk[0] for walk in expected}
    assert set(ends) == {walk[-1] for walk in expected}


@pytest.mark.parametrize("process_id", SELDOM)
def test_of_few_runs_it_is_part_of_it(pm4py: Any, completed: Callable[[str], Any], process_id: str) -> None:
    graph, _, _ = pm4py.discover_dfg(completed(process_id), activity_key="node")
    assert set() < set(graph) <= follows(walks(flow_of(process_id), WALKS))


@pytest.mark.parametrize("process_id", [OFTEN, *SELDOM])
def test_every_run_can_be_replayed_on_the_sop(pm4py: Any, completed: Callable[[str], Any], process_id: str) -> None:
    assert fitting(pm4py, completed(process_id), petri_net(pm4py, flow_of(process_id))) == 1.0


def test_every_way_through_the_sop_can_be_replayed_on_what_was_discovered(
    pm4py: Any, completed: Callable[[str], Any]
) -> None:
    net = discovered(pm4py, completed(OFTEN))
    assert fitting(pm4py, as_log(pm4py, walks(flow_of(OFTEN), WALKS)), net) == 1.0


def test_and_no_other_way(pm4py: Any, completed: Callable[[str], Any]) -> None:
    net = discovered(pm4py, completed(OFTEN))
    known = set(walks(flow_of(OFTEN), WALKS))
    wrong = {
        (*walk[:place], walk[place + 1], walk[place], *walk[place + 2 :])
        for walk in known
        for place in range(len(walk) - 1)
    }
    wrong |= {walk[:place] + walk[place + 1 :] for walk in known for place in range(len(walk))}
    allowed = petri_net(pm4py, flow_of(OFTEN))
    for walk in sorted(wrong - known)[:50]:
        log = as_log(pm4py, [walk])
        assert fitting(pm4py, log, net) == fitting(pm4py, log, allowed), walk
