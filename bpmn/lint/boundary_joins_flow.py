"""What an event starts beside the work it sits on ends by itself: joined to the rest, that would run twice."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.flow import Flow
from bpmn.lint.finding import Found, called
from bpmn.lint.scopes import followed, scopes
from bpmn.wording import sentence


def check(flow: Flow) -> Iterator[Found]:
    """Events that do not break work off and whose way comes to what other work comes to as well."""
    for scope, _ in scopes(flow):
        reached = followed(scope)
        for event, own in reached.items():
            others = set().union(*(nodes for other, nodes in reached.items() if other != event))
            joined = next((node for node in scope.nodes if node.id in own & others), None)
            if event is not None and joined is not None:
                yield (
                    event,
                    sentence(
                        "Jalan dari %(element)s, yang tidak memutus pekerjaan, bertemu alur lain di %(meeting)s "
                        "sehingga langkah di sana dikerjakan dua kali; akhiri jalan itu dengan “Selesai” sendiri, atau "
                        "jadikan kejadian itu memutus pekerjaan.",
                        element=called(scope.node(event)),
                        meeting=called(joined),
                    ),
                )
