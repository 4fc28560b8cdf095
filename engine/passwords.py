"""Passwords: how they are kept, and which ones people may choose.

Kept as argon2id. What is asked of a new one follows NIST SP 800-63B: long enough, not among those that are guessed
first, nothing about which characters it has to have.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bpmn.wording import sentence
from engine import errors

SHORTEST, LONGEST = 12, 128
"""Characters of a password that somebody chooses."""

LEFT = 4
"""So many characters have to be left of it without what everybody guesses first."""

DIFFERENT = 5
"""So many different characters it has to have."""

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody")
"""Verified against where there is no such person, so that a wrong name takes as long as a wrong password."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")
"""Characters that lie beside each other, in the alphabet or on the keyboard."""

WORDS = (
    *("administrator", "admin", "password", "passw", "katasandi", "sandi", "rahasia", "masuk", "login", "welcome"),
    *("kecamatan", "kelurahan", "kabupaten", "kantor", "pemerintah", "pemda", "pemkab", "pemkot", "provinsi", "desa"),
    *("camat", "sekretaris", "lurah", "pegawai", "kasubag", "kasi", "staf", "pns", "asn", "lajur"),
    *("indonesia", "merdeka", "garuda", "pancasila", "jakarta", "bismillah", "sayang", "cinta", "iloveyou", "user"),
    *(
        "januari",
        "februari",
        "maret",
        "april",
        "juni",
        "juli",
        "agustus",
        "september",
        "oktober",
        "november",
        "desember",
    ),
    *("test", "coba", "demo", "default", "ganti", "changeme", "letmein", "dragon", "monkey", "football", "secret"),
)
"""Words that passwords of offices are made of, and that are guessed first."""

_INSTEAD = str.maketrans("@4310$57!", "aaeiosstl")
"""Signs that stand for letters."""

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters that nobody takes for each other when a one-time password is told or written down."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher.hash(_normal(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password of which `kept` was made; never where that is None, which takes as long."""
    try:
        _hasher.verify(_NOBODY if kept is None else kept, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether it was made with less work than is asked now, or by another algorithm."""
    return _hasher.check_needs_rehash(kept)


def one_time() -> str:
    """A password to be told once and changed at once: three groups of four characters."""
    return "-".join("".join(secrets.choice(READABLE) for _ in range(4)) for _ in range(3))


def require_good(password: str, about: Iterable[str] = ()) -> None:
    """Raise WeakPassword for one that is too short, too long, or guessed first.

    `about` is what others know of the person: user name, name, office.
    """
    password = _normal(password)
    if len(password) < SHORTEST:
        raise errors.WeakPassword(
            sentence("Kata sandi terlalu pendek: pakai paling sedikit %(least)d karakter.", least=SHORTEST)
        )
    if len(password) > LONGEST:
        raise errors.WeakPassword(
            sentence("Kata sandi terlalu panjang: pakai paling banyak %(most)d karakter.", most=LONGEST)
        )
    if _is_common(password, about):
        raise errors.WeakPassword(
            sentence(
                "Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berkaitan,"
                " tanpa nama Anda, nama kantor, atau urutan seperti 12345."
            )
        )


def _is_common(password: str, about: Iterable[str]) -> bool:
    if len(set(password)) < DIFFERENT:
        return True
    known = {word for text in about for word in _words(text) if len(word) > 2}
    return any(len(_rest(text, known)) < LEFT for text in _spellings(password))


def _spellings(password: str) -> Iterable[str]:
    """The password as it is typed, and with letters for the signs that stand for them."""
    lower = password.casefold()
    return lower, lower.translate(_INSTEAD)


def _rest(text: str, known: set[str]) -> str:
    """What is left of a password without the words that are guessed first, and without runs of neighbours."""
    text = "".join(_words(text))
    for word in sorted({*WORDS, *known}, key=len, reverse=True):
        text = text.replace(word, " ")
    text = re.sub(r"\d{1,4}", " ", _without_runs(text))
    return re.sub(r"(.)\1+", r"\1", text.replace(" ", ""))


def _without_runs(text: str) -> str:
    """The text without three or more characters that lie beside each other in a row."""
    for row in ROWS:
        for way in (row, row[::-1]):
            for length in range(len(way), 2, -1):
                for start in range(len(way) - length + 1):
                    text = text.replace(way[start : start + length], " ")
    return text


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _normal(password: str) -> str:
    """The same characters, however a keyboard composes them."""
    return unicodedata.normalize("NFC", password)
