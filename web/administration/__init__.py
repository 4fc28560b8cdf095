"""Kelola: an administrator's office, its jabatan and people, who holds what, and what was changed."""

from __future__ import annotations

from web.administration import importing, jabatan, office, overview, people, words
from web.administration.base import blueprint

__all__ = ["blueprint", "importing", "jabatan", "office", "overview", "people", "words"]
