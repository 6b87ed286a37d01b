"""Notices as a signed request to another server."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

from django.conf import settings

from clcplus.models import Notice
from clcplus.sources.client import Client, Pace
from clcplus.sources.errors import SourceError

SIGNATURE = "Clcplus-Signature"
EVENT = "Clcplus-Event"
_PACE = Pace(connect_seconds=10.0, silence_seconds=15.0, body_seconds=30.0)
_MOST_BYTES = 100_000


def send(notice: Notice) -> None:
    """Post a notice. Raises SourceError, also where no secret can be read."""
    body = json.dumps(notice.content, sort_keys=True).encode()
    stamp = int(time.time())
    signature = sign(body, stamp=stamp, secret=_secret())
    client = Client(trusted=frozenset(settings.SOURCE_HOSTS), pace=_PACE)
    client.post(
        settings.NOTIFY_WEBHOOK,
        body=body,
        content_type="application/json",
        headers={
            SIGNATURE: f"t={stamp},v1={signature}",
            EVENT: notice.event,
            "Clcplus-Event-Id": str(notice.event_id),
        },
        most_bytes=_MOST_BYTES,
        tries=1,
    )


def sign(body: bytes, *, stamp: int, secret: bytes) -> str:
    """HMAC-SHA256 over the time in seconds, a full stop and the body, in hexadecimal.

    The time is signed too, so that a request that somebody has recorded cannot be sent again later.
    """
    return hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def _secret() -> bytes:
    path = settings.NOTIFY_SECRET_FILE
    if path is None:
        raise SourceError("NOTIFY_SECRET_FILE", found="nothing", expected="a file of a secret")
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise SourceError(
            "NOTIFY_SECRET_FILE", found=error.strerror or "nothing", expected="a file of a secret"
        ) from None
    if not secret:
        raise SourceError("NOTIFY_SECRET_FILE", found="an empty file", expected="a secret")
    return secret
