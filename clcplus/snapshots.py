"""A snapshot is what an answer is made of; views, API, tiles and reports get it as an argument."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from analytics import queries
from analytics.queries import ShownLayer
from clcplus import reading
from clcplus.release import release


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of the published data, and the name of the code that makes answers of it."""

    connection: Connection
    """Read-only; all that is read from it is of one state."""
    data: queries.DataVersion
    release: str
    showing: ShownLayer | None
    """A layer that is not published and that this reader may see."""
    _opening: ExitStack = field(repr=False, compare=False)

    @property
    def identity(self) -> str:
        """A text that is the same as long as data and code are the same."""
        return f"{self.data}\n{self.release}"

    def digest(self, *parts: str) -> str:
        """A hash (128 bits, hexadecimal) of the identity and of what else an answer depends on."""
        text = "\n".join((self.identity, *parts))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def taken_along(self) -> ExitStack:
        """The open transaction, for a response that reads on; whoever calls this must close it.

        Otherwise it ends with :func:`opened`.
        """
        return self._opening.pop_all()


@contextmanager
def opened(*, showing: ShownLayer | None = None) -> Iterator[Snapshot]:
    """A snapshot of what is published now, and of the layer that this reader may see besides."""
    with ExitStack() as opening:
        connection = opening.enter_context(reading.snapshot(showing=showing))
        yield Snapshot(
            connection=connection,
            data=queries.data_version(connection),
            release=release(),
            showing=showing,
            _opening=opening,
        )
