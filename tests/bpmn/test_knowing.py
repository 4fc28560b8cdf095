"""What the gateways before a run ask is known, or will be."""

from __future__ import annotations

import pytest

from bpmn import knowing
from tests.bpmn.flows import simple


@pytest.mark.parametrize(
    ("known", "gateway"), [({}, "gerbang_9"), ({"keputusan_2": "setuju"}, None), ({"keputusan_2": "x"}, "gerbang_9")]
)
def test_what_a_later_gateway_asks_must_be_known(known: dict[str, object], gateway: str | None) -> None:
    flow = simple(
        "mulai -> dua",
        "dua -> tiga",
        "tiga -> gerbang_8",
        "gerbang_8 -> gerbang_9",
        "gerbang_9 -> empat : Ya : ${keputusan_2 == 'setuju'}",
        "gerbang_9 -> selesai : Tidak : ${keputusan_2 == 'kembali'}",
        "empat -> selesai",
    )
    assert knowing.undecided(flow, {}, ["tiga"], known) == gateway
    assert knowing.undecided(flow, {}, ["empat"], known) is None
