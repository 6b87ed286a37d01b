"""What a fixture has stored, kept so that the next test has it again without the work."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction


@dataclass
class StoredState:
    """Rows of the platform's tables and files of its store, as they were once.

    Ids are those of the first time; the tables' sequences go on from test to test and are beyond.
    """

    folder: Path
    rows: dict[str, bytes] = field(default_factory=dict)

    def keep(self, store: Path) -> None:
        """Remember what there is."""
        shutil.copytree(store, self.folder)
        with connection.cursor() as cursor:
            for table in _tables():
                with _copy(cursor, f"COPY {table} TO STDOUT") as copy:
                    if content := b"".join(bytes(some) for some in copy):
                        self.rows[table] = content

    def restore(self, store: Path) -> None:
        """Store it again, where there is nothing."""
        shutil.copytree(self.folder, store)
        with transaction.atomic(), connection.cursor() as cursor:
            # In any order: what refers to other tables is checked when the transaction ends.
            for table, content in self.rows.items():
                with _copy(cursor, f"COPY {table} FROM STDIN") as copy:
                    copy.write(content)


def _tables() -> list[str]:
    models = apps.get_app_config("clcplus").get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if model._meta.managed})


def _copy(cursor: Any, statement: str) -> Any:
    return cursor.cursor.copy(statement)
