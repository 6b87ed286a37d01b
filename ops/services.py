"""The private PostgreSQL and Redis of a place, together."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ops import account
from ops.places import Place
from ops.postgresql import READER, Cluster
from ops.processes import Child
from ops.redis_server import Redis


@dataclass
class Services:
    """Starts what is wanted of the two, and stops what it started."""

    home: Path
    durable: bool = True
    children: list[Child] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place = Place(self.home, account.of_servers())
        self.cluster = Cluster(self.place, self.durable)
        self.redis = Redis(self.place, self.durable)

    def database_settings(self) -> dict[str, str]:
        """The settings that lead to PostgreSQL."""
        return {
            "DATABASE_URL": self.cluster.url(),
            "DATABASE_READ_URL": self.cluster.url(READER),
        }

    def redis_settings(self) -> dict[str, str]:
        """The settings that lead to Redis."""
        return {"REDIS_URL": self.redis.url()}

    def start(self) -> dict[str, str]:
        """Start both; the settings that lead to them."""
        self.children.append(self.cluster.start())
        self.children.append(self.redis.start())
        return self.database_settings() | self.redis_settings()

    def stop(self) -> None:
        """Stop what was started, the last first."""
        while self.children:
            self.children.pop().stop()
        self.place.release()
