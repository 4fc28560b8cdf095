"""What `deploy/` has for systemd and for containers goes with the command and the settings that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from web import cli, health, logs, places, serving

DEPLOY = Path(__file__).parents[2] / "deploy"

UNITS = sorted(DEPLOY.glob("*.service"))

SETTINGS = {
    logs.VARIABLE,
    places.VARIABLE,
    places.OLDER_VARIABLE,
    serving.SECRET_KEY,
    serving.SMTP_URL,
    serving.PROXIES,
    serving.HOSTS,
    "LAJUR_MAIL_FROM",
    "LAJUR_URL",
    "LAJUR_X",  # in texts: any of them
}

pytestmark = pytest.mark.skipif(not DEPLOY.exists(), reason="an sdist has no deploy folder")


def parsed(words: list[str]) -> click.Context:
    """The words of a `lajur` command, as it would read them. Raises a click exception where it would refuse them."""
    command = cli.main.commands[words[0]]
    return command.make_context(words[0], [word.replace("%i", "8001") for word in words[1:]])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_calls_the_command_by_options_that_it_has(unit: Path) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    program, *words = shlex.split(line)
    assert program.endswith("/lajur")
    context = parsed(words)
    assert str(context.params["data"]) == "/var/lib/lajur"
    assert context.params.get("host", "127.0.0.1") == "127.0.0.1", "a proxy stands before it"
    assert not context.params.get("http", False)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_one_that_systemd_understands_and_locked_up(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "User=lajur", "UMask=0077"):
        assert line in text.splitlines()
    if shutil.which("systemd-analyze") is None:
        return
    copy = tmp_path / unit.name.replace("@", "@8001")
    copy.write_text(text.replace("/opt/lajur/bin/lajur", shutil.which("true") or "/bin/true"))
    said = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert unit.name.split(".")[0].split("@")[0] not in said.stderr, said.stderr


def test_the_settings_that_are_named_are_read() -> None:
    for file in DEPLOY.iterdir():
        named = set(re.findall(r"LAJUR_[A-Z_]+[A-Z]", file.read_text()))
        assert {name.removesuffix("_FILE") for name in named} <= SETTINGS, file.name


def test_the_container_is_nobody_s_root_and_starts_and_looks_after_what_there_is() -> None:
    lines = (DEPLOY / "Containerfile").read_text()
    last = lines.split("\nFROM ")[-1]
    assert re.search(r"^USER 10001$", last, re.MULTILINE)
    (entry,), (words,) = (re.findall(rf"^{name} (.*)$", last, re.MULTILINE) for name in ("ENTRYPOINT", "CMD"))
    assert json.loads(entry) == ["lajur"]
    assert str(parsed(json.loads(words)).params["data"]) == "/data"
    assert "/healthz" in last
    assert set(re.findall(r"127\.0\.0\.1:8000(/\w+)", last)) <= health.PATHS
