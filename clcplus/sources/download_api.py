"""The download API of the Copernicus Land Monitoring Service: order, wait, download.

Access needs a service key, which a person creates in the profile of an account of the service. The
key signs a token; the token is exchanged for another one, which lasts an hour.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
from pydantic import BaseModel, ValidationError

from clcplus.sources.client import Answer, Client
from clcplus.sources.errors import AccessRefused, OrderFailed, SourceError

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_TOKEN_SECONDS = 3600
_EARLY_SECONDS = 60
"""A token is renewed so much before its end."""
_PAGE = 25
_MOST_PAGES = 400
_TITLE = re.compile(
    r"CLC\+?\s?(?:plus)?\s*Backbone\s+((?:19|20)[0-9]{2})\b.*\braster\b", re.IGNORECASE
)
_COMPANION = re.compile(r"confidence|score|post.?processing|RASCL|RASDL|RASPL", re.IGNORECASE)
"""Names of the layers that come beside the classes."""
_FORMAT = "Geotiff"
_SYSTEM = "EPSG:3035"
WAITING = frozenset({"Queued", "In_progress"})
"""States of an order that is not finished."""
FINISHED = "Finished_ok"


class ServiceKey(BaseModel):
    """The key file, as the service hands it out."""

    client_id: str
    user_id: str
    token_uri: str
    private_key: str

    @classmethod
    def from_file(cls, path: Path) -> ServiceKey:
        """Read a key. Raises AccessRefused, without a word of what the file holds."""
        expected = "the JSON of a service key: client_id, user_id, token_uri, private_key"
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise AccessRefused(
                str(path), found=error.strerror or "nothing", expected=expected
            ) from None
        except ValidationError as error:
            wrong = ", ".join(sorted({str(e["loc"][0]) for e in error.errors() if e["loc"]}))
            raise AccessRefused(
                str(path), found=f"no usable {wrong or 'JSON'}", expected=expected
            ) from None

    def __repr__(self) -> str:
        return f"ServiceKey(client_id={self.client_id!r})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Dataset:
    """A raster of a dataset of the catalogue, which may be ordered by area."""

    uid: str
    title: str
    part: str
    """Which raster of the dataset it is, where there are several."""
    download_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """The state of an order, and where its archive lies once it is finished."""

    state: str
    url: str


@dataclass(slots=True)
class DownloadApi:
    """The API with the access of one key. Raises SourceError throughout."""

    client: Client
    key: ServiceKey = field(repr=False)
    root: str
    clock: Callable[[], float] = time.time
    _token: str = field(default="", repr=False)
    _ends: float = 0.0

    def headers(self) -> dict[str, str]:
        """Headers with a token that is valid now."""
        if self.clock() >= self._ends - _EARLY_SECONDS:
            self._renew()
        return {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}

    def dataset_of(self, year: int) -> Dataset:
        """The dataset of CLC+ Backbone of a reference year."""
        found = [item for item in self._catalogue() if _year_of(item) == year]
        if len(found) != 1:
            titles = "; ".join(f"{item.title} {item.part}" for item in found[:4]) or "none"
            raise SourceError(
                f"{self.root}/@search",
                found=f"for {year}: {titles}",
                expected="one raster of CLC+ Backbone that may be ordered",
            )
        return found[0]

    def years(self) -> list[int]:
        """Reference years of CLC+ Backbone that may be ordered."""
        return sorted({year for item in self._catalogue() if (year := _year_of(item)) is not None})

    def order(self, dataset: Dataset, *, bounds: tuple[float, float, float, float]) -> str:
        """Order the part of a dataset within bounds (west, south, east, north in degrees); the
        number of the task.

        The request is sent once: one that was received twice would be two orders.
        """
        wanted = {
            "DatasetID": dataset.uid,
            "DatasetDownloadInformationID": dataset.download_id,
            "OutputFormat": _FORMAT,
            "OutputGCS": _SYSTEM,
            "BoundingBox": list(bounds),
        }
        url = f"{self.root}/@datarequest_post"

        def once() -> Answer:
            return self.client.post(
                url,
                body=json.dumps({"Datasets": [wanted]}).encode(),
                content_type="application/json",
                headers=self.headers(),
                tries=1,
            )

        answer = self._with_access(once)
        document = answer.json()
        tasks = document.get("TaskIds") if isinstance(document, dict) else None
        if not tasks or document.get("ErrorTaskIds"):
            raise SourceError(url, found=str(document)[:200], expected="the number of a task")
        return str(tasks[0]["TaskID"])

    def state_of(self, task: str) -> Order:
        """How far an order is."""
        url = f"{self.root}/@datarequest_status_get"
        document = self._get(url, TaskID=task)
        if not isinstance(document, dict) or not isinstance(document.get("Status"), str):
            raise SourceError(url, found=str(document)[:200], expected="the state of an order")
        state, place = document["Status"], str(document.get("DownloadURL") or "")
        if state == FINISHED and not place:
            raise OrderFailed(url, found=f"{state} without an address", expected="a DownloadURL")
        if state != FINISHED and state not in WAITING:
            message = str(document.get("Message") or "")[:200]
            raise OrderFailed(
                url,
                found=f"order {task}: {state} {message}".rstrip(),
                expected=FINISHED,
                hint="Order again",
            )
        return Order(state, place)

    def _catalogue(self) -> Iterator[Dataset]:
        url = f"{self.root}/@search"
        start = 0
        for _ in range(_MOST_PAGES):
            query = [
                ("portal_type", "DataSet"),
                ("metadata_fields", "UID"),
                ("metadata_fields", "dataset_full_format"),
                ("metadata_fields", "dataset_download_information"),
                ("b_size", str(_PAGE)),
                ("b_start", str(start)),
            ]
            page = self.client.get(
                f"{url}?{urlencode(query)}", headers={"Accept": "application/json"}
            ).json()
            try:
                items, total = page["items"], int(page["items_total"])
                for item in items:
                    information = (item.get("dataset_download_information") or {}).get("items", [])
                    for part in information:
                        yield Dataset(
                            uid=str(item["UID"]),
                            title=str(item["title"]),
                            part=str(part.get("name") or ""),
                            download_id=str(part["@id"]),
                        )
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise SourceError(
                    url, found=f"a page without {error}", expected="datasets"
                ) from error
            start += len(items)
            if not items or start >= total:
                return
        raise SourceError(url, found="a catalogue without end", expected="a last page")

    def _get(self, url: str, **query: str) -> Any:
        return self._with_access(
            lambda: self.client.get(url, query=query, headers=self.headers())
        ).json()

    def _with_access(self, once: Callable[[], Answer]) -> Answer:
        """Ask once more with a new token where the service does not know the old one any more."""
        try:
            return once()
        except AccessRefused:
            self._ends = 0.0
            return once()

    def _renew(self) -> None:
        now = int(self.clock())
        claims = {
            "iss": self.key.client_id,
            "sub": self.key.user_id,
            "aud": self.key.token_uri,
            "iat": now,
            "exp": now + _TOKEN_SECONDS,
        }
        try:
            assertion = jwt.encode(claims, self.key.private_key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise AccessRefused(
                "service key",
                found="no private key of RSA",
                expected="the key as it was handed out",
            ) from None
        answer = self.client.post(
            self.key.token_uri,
            body=urlencode({"grant_type": _GRANT, "assertion": assertion}).encode(),
            content_type="application/x-www-form-urlencoded",
            headers={"Accept": "application/json"},
        )
        document = answer.json()
        token = document.get("access_token") if isinstance(document, dict) else None
        if answer.status != HTTPStatus.OK or not isinstance(token, str) or not token:
            raise AccessRefused(self.key.token_uri, found="no token", expected="access_token")
        seconds = document.get("expires_in")
        lasts = seconds if isinstance(seconds, int) and seconds > 0 else _TOKEN_SECONDS
        self._token, self._ends = token, now + min(lasts, _TOKEN_SECONDS)


def _year_of(dataset: Dataset) -> int | None:
    """The reference year of a raster of CLC+ Backbone; None for any other dataset."""
    match = _TITLE.search(dataset.title)
    return int(match[1]) if match and not _COMPANION.search(dataset.part) else None
