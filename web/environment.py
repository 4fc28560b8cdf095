"""What an installation is told by its environment: values, or the files that hold them.

A secret need not stand in the environment, where every program of the same user can read it: `LAJUR_X_FILE` names a
file that holds it, and systemd's `LoadCredential=LAJUR_X:/path` puts one into `$CREDENTIALS_DIRECTORY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bpmn.errors import Refusal
from bpmn.wording import sentence

CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The variable in which systemd names the folder of a service's credentials."""

LARGEST = 64 * 1024
"""Bytes of such a file: more is some other file, given by mistake."""


class BadSetting(Refusal):
    """A setting is given twice, cannot be read, or is none."""


def value(name: str, environment: Mapping[str, str]) -> str:
    """The value of a setting, stripped; empty where it is not set. Raises BadSetting.

    From the variable of that name, else from the file that `name_FILE` names, else from the credential of that name.
    """
    given, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if given and file:
        raise BadSetting(sentence("%(name)s dan %(name)s_FILE diisi keduanya; pakai salah satu saja.", name=name))
    if given:
        return given
    if file:
        return _content(Path(file), f"{name}_FILE")
    folder = environment.get(CREDENTIALS, "").strip()
    credential = Path(folder, name)
    return _content(credential, name) if folder and credential.exists() else ""


def number(name: str, most: int, environment: Mapping[str, str]) -> int:
    """A whole number from 0 to `most`; 0 where it is not set. Raises BadSetting."""
    given = value(name, environment)
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) <= most):
        raise BadSetting(
            sentence(
                "%(name)s harus bilangan dari 0 sampai %(most)d, bukan “%(given)s”.", name=name, most=most, given=given
            )
        )
    return int(given)


def names(name: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """A list of names, with commas or spaces between them; empty where it is not set. Raises BadSetting."""
    return tuple(value(name, environment).replace(",", " ").split())


def _content(file: Path, name: str) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
        text = content.decode().strip()
    except OSError as denied:
        raise BadSetting(
            sentence(
                "Berkas %(file)s untuk %(name)s tidak dapat dibaca: %(why)s.",
                file=file,
                name=name,
                why=denied.strerror or type(denied).__name__,
            )
        ) from denied
    except UnicodeDecodeError as binary:
        raise BadSetting(sentence("Berkas %(file)s untuk %(name)s bukan teks.", file=file, name=name)) from binary
    if len(content) > LARGEST:
        raise BadSetting(sentence("Berkas %(file)s untuk %(name)s terlalu besar.", file=file, name=name))
    if not text:
        raise BadSetting(sentence("Berkas %(file)s untuk %(name)s kosong.", file=file, name=name))
    return text
