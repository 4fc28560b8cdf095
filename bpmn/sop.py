"""An SOP as it stands in its document, and what was inferred about it: frozen values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from bpmn.wording import Sentence


class Unit(StrEnum):
    """Units of *waktu*. The first five count working time, the last two calendar time."""

    MENIT = "menit"
    JAM = "jam"
    HARI = "hari"
    MINGGU = "minggu"
    BULAN = "bulan"
    JAM_KALENDER = "jam kalender"
    HARI_KALENDER = "hari kalender"


@dataclass(frozen=True, slots=True)
class Waktu:
    """How long a step may take. `amount` and `unit` are None where `text` cannot be read as a length of time."""

    text: str
    amount: Decimal | None
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Step:
    """One row (*langkah*) of the table. `cells` are its PELAKSANA cells as printed, one for each of the SOP's lanes."""

    no: str
    text: str
    cells: tuple[str, ...]
    kelengkapan: str
    waktu: Waktu | None
    output: str
    keterangan: str
    penanggung_jawab: str
    row: int
    """Line of the document, counted from 1."""


@dataclass(frozen=True, slots=True)
class Sop:
    """One SOP: identity block and table of steps. `lanes` are the PELAKSANA headings as printed, left to right.

    `identity` holds the block's own entries under stable keys (`nomor`, `tanggal_pembuatan`, `dasar_hukum`, ...): a
    string, or a tuple of strings where the form has a list.
    """

    title: str
    number: str
    office: str
    identity: Mapping[str, str | tuple[str, ...]]
    lanes: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a document that was not understood or looks wrong, without stopping the reading."""

    row: int | None
    column: str | None
    message: Sentence


@dataclass(frozen=True, slots=True)
class Document:
    """All SOPs of one document, in its order, and what was not understood in it."""

    sops: tuple[Sop, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Performer:
    """Who performs a step: `lane` is the column heading, `lanes` has more than one entry where several do."""

    lane: str
    lanes: tuple[str, ...]
    confidence: float
    review: bool
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A step's verdict can send the work back to the step numbered `return_to`."""

    return_to: str
    confidence: float
    review: bool
    evidence: tuple[Sentence, ...]


class Manner(StrEnum):
    """How several perform one step."""

    EACH = "each"
    """Every holder of its jabatan does it: "masing-masing Kepala Seksi menyusun ..."."""
    TOGETHER = "together"
    """All of them do it once, one leads: a meeting, "bersama", "koordinasi dengan"."""
    CHAIN = "chain"
    """One after another, each an act of his own: "diparaf Sekretaris, kemudian ditandatangani Camat"."""


@dataclass(frozen=True, slots=True)
class Act:
    """What one of several does in a step: a `label` for its box, and the column heading of who does it.

    It is his verdict on the work (`approves`), or what was to be done before anybody could approve it.
    """

    label: str
    lane: str
    approves: bool = True


@dataclass(frozen=True, slots=True)
class Several:
    """A step is performed by several. `acts` are those of a CHAIN in their order, at least two; else there are none."""

    manner: Manner
    acts: tuple[Act, ...]
    review: bool
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A step is done only sometimes: the performer of the step numbered `decided_in`, right before, says whether.

    He is asked `question`; `answer` leads to this step, `otherwise` past it. Where two steps are the two ways of one
    question, both have a condition of the same step, and what is the answer of one is otherwise to the other.
    """

    decided_in: str
    question: str
    answer: str
    otherwise: str
    confidence: float
    review: bool
    evidence: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class InferredStep:
    """A step with what was inferred about it; `label` is the short text for its box.

    `several` is None where one performs it, `condition` where it is always done.
    """

    step: Step
    label: str
    performer: Performer
    decision: Decision | None
    several: Several | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class InferredSop:
    """An SOP with every step inferred, in its order."""

    sop: Sop
    steps: tuple[InferredStep, ...]
