"""The environment: each variable that the platform reads, with its type and default.

:mod:`clcplus.settings` reads them once; docs/operations.md describes each.
"""

from __future__ import annotations

import datetime
import importlib
import re
from collections.abc import Mapping
from html import escape
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, BeforeValidator, NonNegativeInt, PositiveInt, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"

_NEVER = "never"
_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def _words(text: object) -> object:
    if not isinstance(text, str):
        return text
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _whole(text: object) -> object:
    if isinstance(text, str) and not (text.isascii() and text.isdecimal()):
        raise ValueError("a whole number, nought or more")
    return text


def _database(url: str) -> str:
    if url and urlsplit(url).scheme not in {"postgresql", "postgres", "postgis"}:
        raise ValueError("postgresql://user@host/name")
    return url


def _site_url(text: str) -> str:
    if text and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?/?", text):
        raise ValueError("scheme and host, such as https://sealing.example")
    return text.rstrip("/").lower()


def _contact(text: str) -> str:
    # A bare address of mail gets the scheme that RFC 9116 wants.
    if re.fullmatch(r"[^@\s:]+@[^@\s]+", text):
        return f"mailto:{text}"
    if text and not re.fullmatch(r"(?:https://|mailto:|tel:)\S+", text):
        raise ValueError("mailto:security@example.org or https://example.org/report")
    return text


def _country(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("two letters of ISO 3166, such as FR")
    return text.upper()


def _basemap_tiles(text: str) -> str:
    parts = urlsplit(text)
    # The host goes into the pages' policy as it stands.
    host = re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
    known = (parts.scheme in {"http", "https"} and host) or (not parts.netloc and text[:1] == "/")
    if text and not (known and all(part in parts.path for part in ("{z}", "{x}", "{y}"))):
        raise ValueError("https://host/{z}/{x}/{y}.png")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False)) if text else ""
    except ValueError:
        raise ValueError("an address or a network, such as 10.0.0.0/8") from None


def _day_of_year(text: str) -> str:
    if text == _NEVER:
        return text
    try:
        # A year without a leap day: the day must come every year.
        datetime.date.fromisoformat(f"2001-{text}")
    except ValueError:
        raise ValueError(f"month and day, such as 03-01, or {_NEVER}") from None
    return text


def _webhook(url: str) -> str:
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise ValueError("https://host/path")
    return url


def _email(url: str) -> str:
    expected = "smtp://, smtp+tls:// or smtps://, such as smtp+tls://user@mail.example.org:587"
    try:
        parts = urlsplit(url)
        known = parts.scheme in _MAIL_PORTS and parts.hostname and parts.path in {"", "/"}
        known = known and parts.port != 0
    except ValueError:
        known = False
    if url and not known:
        raise ValueError(expected)
    return url


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Whole = Annotated[NonNegativeInt, BeforeValidator(_whole)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]


class Environment(BaseSettings):
    """The variables. One that is set to nothing counts as not set."""

    model_config = SettingsConfigDict(
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,
    )

    DEBUG: bool = False
    SECRET_KEY: str = ""
    SECRET_KEY_FILE: Path | None = None
    ALLOWED_HOSTS: Words = ("127.0.0.1", "localhost", "[::1]")
    CSRF_TRUSTED_ORIGINS: Words = ()
    HTTPS: bool = False
    SITE_URL: Annotated[str, AfterValidator(_site_url)] = ""
    SECURITY_CONTACT: Annotated[str, AfterValidator(_contact)] = ""
    TRUSTED_PROXIES: Whole = 0
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    LOG_FORMAT: Literal["line", "json"] = "line"
    # Who may read /metrics, beside this machine.
    METRICS_TOKEN_FILE: Path | None = None
    METRICS_NETWORK: Annotated[str, AfterValidator(_network)] = ""

    DATABASE_URL: DatabaseUrl = "postgresql://clcplus@127.0.0.1/clcplus"
    DATABASE_READ_URL: DatabaseUrl = ""
    REDIS_URL: str = "redis://127.0.0.1:6379/0"
    REDIS_PASSWORD_FILE: Path | None = None
    RASTER_STORE: str = str(LOCAL / "rasters")
    STATIC_ROOT: Path = LOCAL / "static"
    CLCPLUS_DATA: Path = LOCAL / "demonstration"
    CLCPLUS_INBOX: Path = LOCAL / "inbox"
    CLCPLUS_CHECKPOINTS: Path = LOCAL / "checkpoints"
    # composite-YEAR*.tif, with their samples (sample-YEAR.csv)
    CLCPLUS_IMAGERY: Path = LOCAL / "imagery"
    CLCPLUS_PREDICTIONS: Path = LOCAL / "predictions"
    CLCPLUS_STAC: str = ""
    CLCPLUS_STAC_COLLECTION: str = "sentinel-2-l2a"
    # First and last day, in each year.
    CLCPLUS_SEASON: str = "06-01/08-31"
    # Of the loaded territories: they may borrow the accuracy that is published for it.
    CLCPLUS_COUNTRY: Annotated[str, AfterValidator(_country)] = ""

    DEMONSTRATION: bool = False
    BASEMAP_TILES: Annotated[str, AfterValidator(_basemap_tiles)] = ""
    BASEMAP_ATTRIBUTION: str = ""
    # Of the two dates that interpreters of reference samples compare.
    SAMPLE_TILES_EARLIER: Annotated[str, AfterValidator(_basemap_tiles)] = ""
    SAMPLE_ATTRIBUTION_EARLIER: str = ""
    SAMPLE_TILES_LATER: Annotated[str, AfterValidator(_basemap_tiles)] = ""
    SAMPLE_ATTRIBUTION_LATER: str = ""
    PAGES_KEPT_MB: Whole = 32

    JOBS_LOOK_SECONDS: PositiveInt = 30
    # The longest statement for which a reader waits.
    STATEMENT_SECONDS: PositiveInt = 60

    # Services from which editions are fetched, and the most that one fetch may bring.
    IMAGE_SERVER_URL: str = "https://copernicus.discomap.eea.europa.eu/arcgis/rest/services"
    DOWNLOAD_API_URL: str = "https://land.copernicus.eu/api"
    CLMS_KEY_FILE: Path | None = None
    SOURCE_HOSTS: Words = ()
    SOURCE_CONNECTIONS: PositiveInt = 2
    FETCH_GIGABYTES: PositiveInt = 100
    # A folder, or s3://bucket/prefix, into which editions are copied; and how long they lie still
    # before they are taken.
    CLCPLUS_WATCH: str = ""
    WATCH_STILL_SECONDS: Whole = 300

    # Day of the year on which new editions are looked for, and the territories to fetch them over:
    # level:code or level:*; all of the highest level where none is named.
    REFRESH_ON: Annotated[str, AfterValidator(_day_of_year)] = "03-01"
    REFRESH_AREA: Words = ()

    # Notices to the operators.
    NOTIFY_MAIL: Words = ()
    NOTIFY_WEBHOOK: Annotated[str, AfterValidator(_webhook)] = ""
    NOTIFY_SECRET_FILE: Path | None = None
    EMAIL_URL: Annotated[str, AfterValidator(_email)] = ""
    EMAIL_PASSWORD_FILE: Path | None = None
    EMAIL_FROM: str = ""

    DOWNLOADS_PER_MINUTE: Whole = 60
    POSTED_ZONES_PER_MINUTE: Whole = 20
    POSTED_ZONES_PER_MINUTE_SIGNED_IN: Whole = 120
    POSTED_ZONE_KM2: Whole = 100_000
    POSTED_ZONE_BORDER_KM: Whole = 5_000  # a second and a half of work in three editions
    POSTED_ZONE_VERTICES: Whole = 50_000
    POSTED_ZONE_PARTS: Whole = 2_000
    POSTED_ZONE_KILOBYTES: Whole = 4_000
    ZONE_SETS_PER_ACCOUNT: Whole = 100
    ZONES_PER_ACCOUNT: Whole = 100_000
    UPLOADS_PER_HOUR: Whole = 60
    UPLOADS_WITHOUT_SANDBOX: bool = False
    UPLOAD_MEGABYTES: Whole = 100
    UPLOAD_ZONES: Whole = 10_000
    UPLOAD_VERTICES: Whole = 1_000_000
    UPLOAD_KM2: Whole = 100_000
    PASTED_MEGABYTES: Whole = 10

    @property
    def secret_key(self) -> str:
        """Django's key, from the variable or the file."""
        if self.SECRET_KEY:
            return self.SECRET_KEY
        if self.SECRET_KEY_FILE is not None:
            return self.SECRET_KEY_FILE.read_text(encoding="utf-8").strip()
        if self.DEBUG:
            return "only-for-development-" + "x" * 40
        raise ImproperlyConfigured(
            "SECRET_KEY: found nothing; set it, or SECRET_KEY_FILE, or DEBUG=1"
        )

    @property
    def redis(self) -> str:
        """Address of Redis, with the password from the file, if any."""
        if self.REDIS_PASSWORD_FILE is None:
            return self.REDIS_URL
        parts = urlsplit(self.REDIS_URL)
        if parts.password:
            raise ImproperlyConfigured(
                "REDIS_PASSWORD_FILE: found a password in REDIS_URL as well; expected one of them"
            )
        password = quote(self.REDIS_PASSWORD_FILE.read_text(encoding="utf-8").strip(), safe="")
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{parts.username or ''}:{password}@{host}").geturl()

    @property
    def refresh_on(self) -> tuple[int, int] | None:
        """Month and day of the yearly refresh, or None for never."""
        if self.REFRESH_ON == _NEVER:
            return None
        month, day = self.REFRESH_ON.split("-")
        return int(month), int(day)

    @property
    def notify_webhook(self) -> str:
        """The address that notices are posted to, signed with the secret of a file."""
        if self.NOTIFY_WEBHOOK and self.NOTIFY_SECRET_FILE is None:
            raise ImproperlyConfigured(
                "NOTIFY_SECRET_FILE: found nothing; expected the file of the secret that signs "
                "what is sent to NOTIFY_WEBHOOK"
            )
        return self.NOTIFY_WEBHOOK

    @property
    def email(self) -> dict[str, Any]:
        """Django's settings of the mail server."""
        if self.NOTIFY_MAIL and not self.EMAIL_URL:
            raise ImproperlyConfigured(
                "EMAIL_URL: found nothing; expected the mail server that sends to NOTIFY_MAIL"
            )
        parts = urlsplit(self.EMAIL_URL)
        password = unquote(parts.password or "")
        if self.EMAIL_PASSWORD_FILE is not None:
            password = self.EMAIL_PASSWORD_FILE.read_text(encoding="utf-8").strip()
        host = urlsplit(self.SITE_URL).hostname or "localhost"
        return {
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or _MAIL_PORTS.get(parts.scheme, 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": password,
            "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "DEFAULT_FROM_EMAIL": self.EMAIL_FROM or f"clcplus@{host}",
        }

    @property
    def basemap(self) -> dict[str, Any] | None:
        """Tiles below the map of the pages, as MapLibre takes them, or None."""
        if not self.BASEMAP_TILES:
            return None
        if not self.BASEMAP_ATTRIBUTION:
            raise ImproperlyConfigured(
                "BASEMAP_ATTRIBUTION: found nothing; expected how the basemap wants to be named"
            )
        # MapLibre takes an attribution for markup.
        attribution = escape(self.BASEMAP_ATTRIBUTION)
        return {"tiles": self.BASEMAP_TILES, "attribution": attribution, "maxzoom": 19}

    @property
    def sample_imagery(self) -> dict[str, dict[str, str] | None]:
        """Tiles of imagery beside the points of reference samples, by date, or None for a date."""
        found: dict[str, dict[str, str] | None] = {}
        for date in ("earlier", "later"):
            tiles: str = getattr(self, f"SAMPLE_TILES_{date.upper()}")
            attribution: str = getattr(self, f"SAMPLE_ATTRIBUTION_{date.upper()}")
            if tiles and not attribution:
                raise ImproperlyConfigured(
                    f"SAMPLE_ATTRIBUTION_{date.upper()}: found nothing; expected how the imagery "
                    "wants to be named"
                )
            found[date] = {"tiles": tiles, "attribution": attribution} if tiles else None
        return found


def read() -> Environment:
    """What the environment says now. Raises ImproperlyConfigured with a line for each value that
    cannot be used."""
    try:
        return Environment()
    except ValidationError as error:
        raise ImproperlyConfigured("\n".join(map(_line, error.errors()))) from None


def _line(error: ErrorDetails) -> str:
    """What was found, and what was expected. An address may hold a password: it is not shown."""
    name, found = str(error["loc"][0]), error["input"]
    expected = str(error.get("ctx", {}).get("error") or error.get("ctx", {}).get("expected") or "")
    if error["type"] == "bool_parsing":
        expected = "1 or 0"
    shown = repr(found)
    if name.startswith("DATABASE"):
        shown = "another scheme"
    elif name in {"EMAIL_URL", "NOTIFY_WEBHOOK"}:
        shown = "another address"
    return f"{name}: found {shown}; expected {expected or error['msg']}"


def database(url: str) -> dict[str, Any]:
    """Django's settings of a database from ``postgresql://user:password@host/name?host=/dir``."""
    address = make_url(url)
    options = dict(address.query)
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(address.database or ""),
        "USER": address.username or "",
        "PASSWORD": address.password or "",
        "HOST": options.pop("host", address.host or ""),
        "PORT": options.pop("port", str(address.port or "")),
        "OPTIONS": options,
    }


def hosts_of(tiles: Mapping[str, Any] | None) -> list[str]:
    """The origin that pages must be allowed to fetch tiles from; none for our own."""
    parts = urlsplit(tiles["tiles"] if tiles else "")
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def celery_broker(redis_url: str) -> str:
    """The broker's address for Celery, which writes a Unix socket otherwise than redis-py."""
    if redis_url.startswith("unix://"):
        parts = urlsplit(redis_url)
        number = parse_qs(parts.query).get("db", ["0"])[-1]
        signed = parts.netloc.rpartition("@")[0]
        return f"redis+socket://{signed + '@' if signed else ''}{parts.path}?virtual_host={number}"
    return redis_url


def bundled_library(package: str, pattern: str) -> str:
    """Path of a library that the wheel of a package brings: GeoDjango uses the GDAL of rasterio and
    the GEOS of shapely, so that the process has one modern GDAL and needs nothing of the system."""
    # Importing loads the library with its neighbours, which it cannot find by itself; opening it
    # once more by its path then gives that same copy.
    module = importlib.import_module(package)
    folder = Path(str(module.__file__)).parent.parent / f"{package}.libs"
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise ImproperlyConfigured(
            f"{folder}: found {len(found)} files {pattern}; expected the one that the wheel of "
            f"{package} brings. Install {package} from its wheel"
        )
    return str(found[0])
