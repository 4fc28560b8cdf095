"""Random secrets that are given out and come back: of log-ins, mailed links and access tokens. Only a hash is kept."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe


def new_secret() -> str:
    """A secret of 32 random bytes."""
    return token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What is kept of a secret. It cannot be guessed, so a hash that is quick to make keeps it."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
