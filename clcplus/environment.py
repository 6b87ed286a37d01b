"""What the environment says: the variables that point the platform at its servers and folders."""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, *, default: bool) -> bool:
    """A switch: 1, true, yes, on or their opposites."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}: found {text!r}; expected 1 or 0")


def whole(name: str, *, default: int) -> int:
    """A whole number, nought or more."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if text.isascii() and text.isdecimal():
        return int(text)
    raise ImproperlyConfigured(
        f"{name}: found {text!r}; expected a whole number, such as {default}"
    )


def contact(name: str) -> str:
    """An address to write to, or blank; a bare one gets the scheme that RFC 9116 wants."""
    text = os.environ.get(name, "").strip()
    if re.fullmatch(r"[^@\s:]+@[^@\s]+", text):
        return f"mailto:{text}"
    if not text or re.fullmatch(r"(?:https://|mailto:|tel:)\S+", text):
        return text
    raise ImproperlyConfigured(
        f"{name}: found {text!r}; expected mailto:security@example.org or https://example.org/report"
    )


def names(name: str, *, default: str) -> list[str]:
    """A list of words, parted by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret_key(*, debug: bool) -> str:
    """SECRET_KEY, or the content of the file that SECRET_KEY_FILE names."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if path := os.environ.get("SECRET_KEY_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if debug:
        return "only-for-development-" + "x" * 40
    raise ImproperlyConfigured("SECRET_KEY: found nothing; set it, or SECRET_KEY_FILE, or DEBUG=1")


def site_url() -> str:
    """SITE_URL: scheme, host and port, without a slash at its end; empty where it is not set."""
    text = os.environ.get("SITE_URL", "").strip()
    if text and not re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?/?", text):
        raise ImproperlyConfigured(
            f"SITE_URL: found {text!r}; expected scheme and host, such as https://sealing.example"
        )
    return text.rstrip("/").lower()


def database(url: str) -> dict[str, Any]:
    """Django's settings of a database from ``postgresql://user:password@host/name?host=/dir``."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres", "postgis"}:
        raise ImproperlyConfigured(
            f"DATABASE_URL: found scheme {parts.scheme!r}; expected postgresql://user@host/name"
        )
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
    }


def basemap() -> dict[str, Any] | None:
    """Tiles below the map of the pages, as MapLibre takes them, or None."""
    tiles = os.environ.get("BASEMAP_TILES", "").strip()
    if not tiles:
        return None
    parts = urlsplit(tiles)
    # The host goes into the pages' policy as it stands.
    host = re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
    known = (parts.scheme in {"http", "https"} and host) or (not parts.netloc and tiles[0] == "/")
    if not known or not all(part in parts.path for part in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured(
            f"BASEMAP_TILES: found {tiles!r}; expected https://host/{{z}}/{{x}}/{{y}}.png"
        )
    attribution = os.environ.get("BASEMAP_ATTRIBUTION", "").strip()
    if not attribution:
        raise ImproperlyConfigured(
            "BASEMAP_ATTRIBUTION: found nothing; expected how the basemap wants to be named"
        )
    return {"tiles": tiles, "attribution": escape(attribution), "maxzoom": 19}


def hosts_of(basemap: dict[str, Any] | None) -> list[str]:
    """The origin that pages must be allowed to fetch the basemap from; none for our own."""
    parts = urlsplit(basemap["tiles"] if basemap else "")
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []


def redis() -> str:
    """REDIS_URL, with the password from the file that REDIS_PASSWORD_FILE names, if any."""
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    path = os.environ.get("REDIS_PASSWORD_FILE")
    if not path:
        return url
    parts = urlsplit(url)
    if parts.password:
        raise ImproperlyConfigured(
            "REDIS_PASSWORD_FILE: found a password in REDIS_URL as well; expected one of them"
        )
    password = quote(Path(path).read_text(encoding="utf-8").strip(), safe="")
    return parts._replace(netloc=f"{parts.username or ''}:{password}@{_host(parts)}").geturl()


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def celery_broker(redis_url: str) -> str:
    """The broker's address for Celery, which writes a Unix socket otherwise than redis-py."""
    if redis_url.startswith("unix://"):
        parts = urlsplit(redis_url)
        number = parse_qs(parts.query).get("db", ["0"])[-1]
        signed = parts.netloc.rpartition("@")[0]
        return f"redis+socket://{signed + '@' if signed else ''}{parts.path}?virtual_host={number}"
    return redis_url
