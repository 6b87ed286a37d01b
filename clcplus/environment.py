"""What the environment says: the variables that point the platform at its servers and folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

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


def celery_broker(redis_url: str) -> str:
    """The broker's address for Celery, which writes a Unix socket otherwise than redis-py."""
    if redis_url.startswith("unix://"):
        parts = urlsplit(redis_url)
        number = parse_qs(parts.query).get("db", ["0"])[-1]
        return f"redis+socket://{parts.path}?virtual_host={number}"
    return redis_url
