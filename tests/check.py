"""The one check command, `python -m tests.check`: format, rules, types, architecture. Tests are pytest's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy", "--no-error-summary"),
    ("lint-imports", "--no-logo"),
)


def main() -> int:
    """Run every check, whether or not one before it failed; 1 if one did."""
    tools = Path(sys.executable).parent
    failed = [check for check in CHECKS if subprocess.run([tools / check[0], *check[1:]], check=False).returncode]
    for check in failed:
        print("failed:", *check)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
