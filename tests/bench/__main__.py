"""`python -m tests.bench [--quick] [PART...]`: prints the machine, and a table for each part or those named."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tests.bench import acts, board, document, http, lists, memory, scale, timers
from tests.bench.measure import FULL, QUICK, Row, Size, machine, table

PARTS: dict[str, tuple[str, Callable[[Size], list[Row]]]] = {
    "document": (document.TITLE, document.measure),
    "acts": (acts.TITLE, acts.measure),
    "board": (board.TITLE, board.measure),
    "http": (http.TITLE, http.measure),
    "lists": (lists.TITLE, lists.measure),
    "scale": (scale.TITLE, scale.measure),
    "timers": (timers.TITLE, timers.measure),
    "memory": (memory.TITLE, memory.measure),
}


def main() -> None:
    """Measure and print, part by part."""
    options = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Lajur on this machine.")
    options.add_argument("--quick", action="store_true", help="few samples and small databases: seconds")
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    given = options.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        options.error(f"no such part: {', '.join(sorted(unknown))}")
    print(machine())
    for name in given.parts or PARTS:
        title, measure = PARTS[name]
        print(table(title, measure(QUICK if given.quick else FULL)), flush=True)


if __name__ == "__main__":
    main()
