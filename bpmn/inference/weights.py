"""How much each rule weighs (log odds): the one place for the numbers of who performs a step.

A cue tells the strength of its rule for each lane, mostly 1; the weight here is the factor. They are fitted by
`python -m tests.fit_weights`, see the README, "Evaluation".
"""

from __future__ import annotations

from collections.abc import Mapping

WEIGHTS: Mapping[str, float] = {
    # cues for one step
    "symbol": 5.03,
    "symbol.highest": 3.00,
    "first": 1.47,
    "active": 0.35,
    "applicant": 1.25,
    "subject": 7.00,
    "handover.next": 3.56,
    "handover.not_last": 0.80,
    "handover.several": 0.45,
    "handover.self_not_last": -1.20,
    "handover.self": -2.41,
    "order.next": 2.57,
    "order.self": -2.50,
    "order.superior": 0.92,
    "order.nearest": 1.10,
    "order.not_superior": -1.52,
    "order.unnamed": 1.79,
    "received.source": -2.21,
    "received.before": 1.03,
    "returned.self": -2.07,
    "returned.before": 2.42,
    "disposition": 2.20,
    "duty.sign": 1.02,
    "duty.initial": 1.19,
    "duty.type": 1.55,
    "duty.clerical": 1.68,
    "duty.deliver": 1.67,
    "duty.completeness": 0.96,
    "duty.check": 0.63,
    "duty.repair": 1.09,
    "duty.study": 1.21,
    "duty.prepare": 1.34,
    "duty.not_group": -1.30,
    "partner.with": -0.90,
    "partner.meeting": 3.10,
    "partner.next": 0.88,
    "spoken_of": -0.91,
    "responsible.one": 0.73,
    "responsible.several": 0.51,
    # from one step to the next
    "nothing.like": 1.14,
    "nothing.stay": 0.77,
    "handed_on.stay": -1.41,
    "examined.stay": -1.04,
    "examined.up": 0.53,
    "examined.down": -0.76,
    "examined.leap": -0.80,
    "examined.across": -0.24,
    "examined_again.stay": -1.09,
    "examined_again.up": 1.25,
    "examined_again.down": -1.02,
    "examined_again.across": -0.94,
    "examined_again.leap": -1.01,
    "ordered.stay": -1.22,
    "ordered.up": -1.22,
    "ordered.down": 0.89,
    "ordered.across": -0.44,
    "ordered.leap": -0.51,
    # the order of the columns
    "column.skipped": -1.55,
    "column.unused": -0.79,
}
