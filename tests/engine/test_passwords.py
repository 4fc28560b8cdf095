"""Which passwords people may choose, and how they are kept."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from engine import passwords
from engine.errors import WeakPassword

RINA = ("rina.sukamaju", "Rina Wulandari", "Kecamatan Sukamaju")


@pytest.mark.parametrize(
    "password",
    [
        *("pendek", "elevenchars", "x" * 129, "aaaaaaaaaaaaaaa", "abababababababab", "123456789012", "0987654321098"),
        *("qwertyuiopasdf", "abcdefghijklmn", "1qaz2wsx3edc4rfv", "password12345", "P@ssw0rd2026!!", "Admin@123456"),
        *("kecamatan2026", "Sukamaju12345", "rina.sukamaju", "RinaWulandari26", "wulandari-rina", "bismillah123"),
        *("katasandi2026!", "rahasia rahasia", "RAHASIA_KANTOR", "            ", "indonesia merdeka"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.require_good(password, RINA)


@pytest.mark.parametrize(
    "password",
    [
        *("tujuh gajah menari", "kuda-lumping/hijau", "Xk9$mPq2vLw7", "sepeda biru di pasar", "kopi susu 3 gelas"),
        *("пароль для кошки", "日本語のパスワードは長い", "a" * 60 + " bcdxyz kambing", "Rina suka durian montong"),
    ],
)
def test_long_ones_of_any_characters_are_taken(password: str) -> None:
    passwords.require_good(password, RINA)


@given(st.text(max_size=140), st.lists(st.text(max_size=20), max_size=3))
def test_every_text_is_taken_or_refused(password: str, about: list[str]) -> None:
    try:
        passwords.require_good(password, about)
    except WeakPassword:
        pass
    else:
        assert 12 <= len(password) <= 2 * 128


def test_one_time_passwords_differ_and_are_long_enough() -> None:
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert {len(password) for password in made} == {14}


def test_a_password_matches_however_the_keyboard_composed_it() -> None:
    kept = passwords.hashed("cafe\u0301 dan teh tarik")
    assert kept.startswith("$argon2id$")
    assert passwords.matches(kept, "caf\u00e9 dan teh tarik")
    assert not passwords.matches(kept, "cafe dan teh tarik")


@pytest.mark.parametrize("kept", [None, "", "bukan hash"])
def test_nothing_matches_where_there_is_no_password(kept: str | None) -> None:
    assert not passwords.matches(kept, "nobody")


def test_one_that_was_kept_with_less_work_is_outdated() -> None:
    weaker = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    assert passwords.outdated(weaker.hash("apa saja"))
    assert not passwords.outdated(passwords.hashed("apa saja"))
