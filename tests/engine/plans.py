"""How SQLite answers what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine.database import Database


class Plans:
    """How SQLite answers the statements of a block."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.by_statement: dict[str, list[str]] = {}

    @property
    def steps(self) -> list[str]:
        return [step for steps in self.by_statement.values() for step in steps]

    def of(self, part: str) -> list[str]:
        return [step for statement, steps in self.by_statement.items() if part in statement for step in steps]

    @contextmanager
    def kept(self) -> Iterator[None]:
        def explain(_connection: object, cursor: Any, statement: str, facts: Any, *_more: object) -> None:
            if statement.startswith("SELECT"):
                found = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", facts)
                self.by_statement[" ".join(statement.split())] = [row[3] for row in found]

        event.listen(self.database.engine, "before_cursor_execute", explain)
        try:
            yield
        finally:
            event.remove(self.database.engine, "before_cursor_execute", explain)
