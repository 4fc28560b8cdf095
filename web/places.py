"""Where an installation keeps its data: what the commands take from `--data` and the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import reaching
from engine.database import Database
from engine.store import Store
from web import environment as settings

VARIABLE = "LAJUR_DATABASE_URL"
"""The setting with the URL of the database, where that is not the file in the data folder."""

OLDER_VARIABLE = "LAJUR_DATABASE"
"""The name of the same in release 0.2; the newer one goes before it."""

DATABASE, DOCUMENTS = "lajur.sqlite3", "documents"
"""What the data folder holds."""


class NoFolder(Refusal):
    """The data folder cannot be made or written to, or has no data yet that an act needs."""


@dataclass(frozen=True)
class Place:
    """The folder of an installation's documents, and the address of its database, which may lie in that folder."""

    folder: Path
    database_url: str

    def database(self) -> Database:
        """The database, which answered: its tables may still have to be made. Raises NoFolder, CannotReach."""
        self._make()
        return reaching.reach(self.database_url)

    def store(self) -> Store:
        """The store of documents. Raises NoFolder."""
        self._make()
        return Store(self.folder / DOCUMENTS)

    def require(self) -> None:
        """Raise NoFolder where nothing was ever kept, rather than make an empty place of it."""
        file = self.folder / DATABASE
        if self.database_url == _address(file) and not file.is_file():
            raise NoFolder(
                sentence("Belum ada data Lajur di %(folder)s; sebutkan foldernya dengan --data.", folder=self.folder)
            )

    def _make(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            writable = os.access(self.folder, os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            raise NoFolder(
                sentence(
                    "Folder data %(folder)s tidak dapat ditulisi; pilih folder lain dengan --data.", folder=self.folder
                )
            )


def place(data: Path | None, environment: Mapping[str, str] = os.environ) -> Place:
    """The place named by `--data` and LAJUR_DATABASE_URL, each with its default. Raises BadSetting."""
    folder = data or platformdirs.user_data_path("lajur", appauthor=False)
    url = settings.value(VARIABLE, environment) or settings.value(OLDER_VARIABLE, environment)
    return Place(folder, url or _address(folder / DATABASE))


def _address(file: Path) -> str:
    return f"sqlite:///{file}"
