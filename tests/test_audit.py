"""What the auditors say is read rightly: a hole fails, and silence is not taken for safety."""

from __future__ import annotations

import sys
from pathlib import Path

from tests import audit

CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
HOLED = {"name": "lxml", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "lajur", "skip_reason": "Dependency not found on PyPI"}


def test_a_hole_in_a_python_package_is_named_with_what_mends_it() -> None:
    assert audit.of_python({"dependencies": [CLEAN, HOLED]}).holes == ("lxml 1.0: PYSEC-1, mended in 1.1",)
    assert audit.of_python({"dependencies": [CLEAN]}) == audit.Told(())


def test_packages_of_which_nothing_is_known_are_no_clean_ones() -> None:
    assert audit.of_python({"dependencies": [CLEAN, UNKNOWN]}).unasked == "nothing is known of 1 of 2 packages"


def test_a_hole_in_what_the_front_end_is_made_of_is_named() -> None:
    report = {"vulnerabilities": {"x": {"name": "x", "range": "<2", "severity": "high"}}}
    assert audit.of_node(report).holes == ("x <2: high",)
    assert audit.of_node({"message": "405 Method Not Allowed"}) == audit.Told((), "405 Method Not Allowed")


def test_what_cannot_be_asked_is_told(tmp_path: Path) -> None:
    assert "FileNotFoundError" in audit.ask((str(tmp_path / "none"),), audit.of_node, tmp_path).unasked
    assert "JSONDecodeError" in audit.ask((sys.executable, "-c", "print('?')"), audit.of_node, tmp_path).unasked
