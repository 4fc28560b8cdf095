"""What administrators do: their office, its jabatan and people, who holds what, and what was changed.

Every act wants the right of an administrator, is about the own office only, and locks the office's row first: so the
acts of several administrators of an office come one after the other, and none of them decides by what is past.
"""

from __future__ import annotations
