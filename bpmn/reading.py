"""A document as read and inferred, for `lajur read`: as JSON with stable keys, and as text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from bpmn import inference, waktu
from bpmn.sop import Decision, Document, InferredSop, InferredStep, Problem, Waktu
from bpmn.wording import Sentence, sentence


def as_json(document: Document) -> dict[str, Any]:
    """The document as JSON values: `sops` and `problems`.

    A step's `lane` is the column heading as printed, `confidence` has three digits, `amount` is an int where it is
    whole. Evidence and messages are Indonesian sentences.
    """
    return {
        "sops": [_sop_json(inference.infer(sop)) for sop in document.sops],
        "problems": [
            {"row": each.row, "column": each.column, "message": str(each.message)} for each in document.problems
        ],
    }


def _sop_json(inferred: InferredSop) -> dict[str, Any]:
    sop = inferred.sop
    return {
        "title": sop.title,
        "number": sop.number,
        "office": sop.office,
        "identity": {key: value if isinstance(value, str) else list(value) for key, value in sop.identity.items()},
        "lanes": list(sop.lanes),
        "steps": [_step_json(step) for step in inferred.steps],
    }


def _step_json(inferred: InferredStep) -> dict[str, Any]:
    step, performer = inferred.step, inferred.performer
    return {
        "no": step.no,
        "text": step.text,
        "label": inferred.label,
        "lane": performer.lane,
        "lanes": list(performer.lanes),
        "confidence": round(performer.confidence, 3),
        "review": performer.review,
        "evidence": _told(performer.evidence),
        "decision": _decision_json(inferred.decision),
        "kelengkapan": step.kelengkapan,
        "waktu": _waktu_json(step.waktu),
        "output": step.output,
        "keterangan": step.keterangan,
        "penanggung_jawab": step.penanggung_jawab,
    }


def _decision_json(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {
        "return_to": decision.return_to,
        "confidence": round(decision.confidence, 3),
        "review": decision.review,
        "evidence": _told(decision.evidence),
    }


def _waktu_json(length: Waktu | None) -> dict[str, Any] | None:
    if length is None:
        return None
    unit = length.unit.value if length.unit else None
    return {"text": length.text, "amount": _number(length.amount), "unit": unit}


def _number(amount: Decimal | None) -> int | float | None:
    if amount is None:
        return None
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _told(sentences: Iterable[Sentence]) -> list[str]:
    return [str(each) for each in sentences]


def as_text(document: Document) -> str:
    """The document for reading: each SOP with its lanes and steps, then the problems.

    A step shows its lanes, label and waktu, "↩ 5" if it can return to step 5, and "?" where the analyst should look.
    """
    parts = ["\n".join(_sop_text(inference.infer(sop))) for sop in document.sops]
    if document.problems:
        parts.append("\n".join([str(sentence("Yang perlu diperiksa:")), *map(_problem_text, document.problems)]))
    return "\n\n".join(parts) + "\n"


def _sop_text(inferred: InferredSop) -> Iterator[str]:
    sop = inferred.sop
    yield sop.title or str(sentence("(tanpa nama)"))
    yield str(sentence("Nomor     : %(number)s", number=sop.number or "-"))
    yield str(sentence("Kantor    : %(office)s", office=sop.office or "-"))
    yield str(sentence("Pelaksana : %(lanes)s", lanes=" | ".join(sop.lanes)))
    yield ""
    rows = [_step_cells(step) for step in inferred.steps]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        no, *cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join([f"  {no.strip().rjust(widths[0])}", *cells]).rstrip()
    review = [step.step.no for step in inferred.steps if _needs_review(step)]
    if review:
        yield ""
        yield str(sentence("  ? = periksa: langkah %(steps)s.", steps=", ".join(review)))


def _step_cells(inferred: InferredStep) -> tuple[str, ...]:
    step, decision = inferred.step, inferred.decision
    return (
        step.no,
        " + ".join(inferred.performer.lanes) + (" ?" if inferred.performer.review else ""),
        inferred.label,
        _length(step.waktu),
        f"↩ {decision.return_to}{' ?' if decision.review else ''}" if decision else "",
    )


def _length(length: Waktu | None) -> str:
    """A waktu with its unit, which a column "Waktu (menit)" leaves to its heading; as printed if it cannot be read."""
    if length is None:
        return "-"
    if length.amount is None or length.unit is None:
        return f"{length.text} ?"
    return waktu.show(length.amount, length.unit)


def _needs_review(inferred: InferredStep) -> bool:
    return inferred.performer.review or (inferred.decision is not None and inferred.decision.review)


def _problem_text(problem: Problem) -> str:
    place = ", ".join(
        filter(
            None,
            (
                str(sentence("baris %(row)s", row=problem.row)) if problem.row else "",
                str(sentence("kolom %(column)s", column=problem.column)) if problem.column else "",
            ),
        )
    )
    return f"  - {place}: {problem.message}" if place else f"  - {problem.message}"
