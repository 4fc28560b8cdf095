"""Known holes in what Lajur is built from: `python -m tests.audit`, as CI runs it.

Asks `pip-audit` for the pinned Python packages, of the OSV database, and `npm audit` for what the front end is bundled
from. A finding fails. That the advisories cannot be asked, because there is no network or a registry without them, is
told and does not: what was safe to release yesterday is not held up by somebody else's server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent

PIP_AUDIT = "LAJUR_PIP_AUDIT"
"""The environment variable with the path of pip-audit, which lives in an environment of its own."""

TIMEOUT = 60
"""Seconds that either of them is given."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of asking: known holes, and why something could not be asked; empty where all was."""

    holes: tuple[str, ...]
    unasked: str = ""


def of_python(report: Mapping[str, Any]) -> Told:
    """What pip-audit says, as its JSON: also that it knows nothing of some packages."""
    packages = report["dependencies"]
    holes = [
        f"{package['name']} {package['version']}: {hole['id']}, mended in {' '.join(hole['fix_versions']) or 'nothing'}"
        for package in packages
        for hole in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    return Told(tuple(holes), f"nothing is known of {len(skipped)} of {len(packages)} packages" if skipped else "")


def of_node(report: Mapping[str, Any]) -> Told:
    """What npm says, as its JSON: an error where its registry has no advisories."""
    if "vulnerabilities" not in report:
        return Told((), str(report.get("message", "no answer")))
    found = report["vulnerabilities"].values()
    return Told(tuple(f"{hole['name']} {hole['range']}: {hole['severity']}" for hole in found))


def ask(command: Sequence[str], read: Callable[[Mapping[str, Any]], Told], folder: Path) -> Told:
    """Run one of them in a folder and read what it prints."""
    try:
        answered = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        return read(json.loads(answered.stdout))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as failed:
        return Told((), f"{type(failed).__name__}: {failed}")


def main() -> int:
    """Ask both; 1 if there is a known hole."""
    pins = str(HERE / ".ci" / "constraints.txt")
    quiet = ("--no-deps", "--disable-pip", "-s", "osv", "--timeout", "10", "--progress-spinner", "off", "-f", "json")
    told = {
        "pip-audit": ask((os.environ.get(PIP_AUDIT, "pip-audit"), "-r", pins, *quiet), of_python, HERE),
        "npm audit": ask(("npm", "audit", "--json", "--package-lock-only"), of_node, HERE / "web" / "frontend"),
    }
    for name, one in told.items():
        for hole in one.holes:
            print(f"{name}: {hole}")
        if one.unasked:
            print(f"{name}: not all could be asked: {one.unasked}")
        elif not one.holes:
            print(f"{name}: no known holes")
    return 1 if any(one.holes for one in told.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
