"""The CLMS download API in small: tokens, catalogue, orders, an archive."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from clcplus.sources.download_api import ServiceKey
from tests.sources.image_service import as_json
from tests.sources.misbehaviour import Reply, Request

PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_for(url: str) -> ServiceKey:
    private = PRIVATE.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return ServiceKey(
        client_id="client",
        user_id="user",
        token_uri=f"{url}/@@oauth2-token",
        private_key=private.decode(),
    )


def dataset(uid: str, title: str, *parts: str) -> dict[str, Any]:
    items = [{"@id": f"{uid}-{part}", "name": part} for part in parts]
    return {"UID": uid, "title": title, "dataset_download_information": {"items": items}}


@dataclass
class DownloadService:
    """Answers like the service: paged catalogue, one order, an archive after some polls."""

    archive: bytes = b""
    datasets: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 2
    """Polls that find the order waiting."""
    last_state: str = "Finished_ok"
    valid: set[str] = field(default_factory=set)
    orders: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def __call__(self, request: Request) -> Reply:
        name = request.path.rpartition("/")[2]
        if name == "@search":
            return self.catalogue(request)
        if name == "@@oauth2-token":
            return self.token(request)
        if name == "archive.zip":
            return self.file(request)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.valid:
            return as_json({"message": "You are not authorized"}, status=401)
        if name == "@datarequest_post":
            self.orders.append(json.loads(request.body))
            return as_json({"TaskIds": [{"TaskID": "77"}], "ErrorTaskIds": []}, status=201)
        self.polls -= 1
        if self.polls >= 0:
            return as_json({"Status": "In_progress"})
        return as_json({"Status": self.last_state, "DownloadURL": f"{self.url}/archive.zip"})

    def token(self, request: Request) -> Reply:
        sent = parse_qs(request.body.decode())
        (grant,), (assertion,) = sent["grant_type"], sent["assertion"]
        assert grant == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        claims = jwt.decode(
            assertion,
            PRIVATE.public_key(),
            algorithms=["RS256"],
            audience=f"{self.url}/@@oauth2-token",
            # Tests have a clock of their own.
            options={"verify_exp": False, "verify_iat": False},
        )
        assert (claims["iss"], claims["sub"]) == ("client", "user")
        assert claims["exp"] <= claims["iat"] + 3600
        token = f"token-{claims['iat']}-{len(self.valid)}"
        self.valid.add(token)
        return as_json({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def catalogue(self, request: Request) -> Reply:
        start, size = int(request.query["b_start"]), int(request.query["b_size"])
        page = self.datasets[start : start + size]
        return as_json({"items": page, "items_total": len(self.datasets)})

    def file(self, request: Request) -> Reply:
        whole, tag = self.archive, f'"{hash(self.archive)}"'
        headers = {"ETag": tag, "Accept-Ranges": "bytes"}
        wanted = request.headers.get("range")
        if wanted and request.headers.get("if-range") == tag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(whole):
                return Reply(status=416, headers={"Content-Range": f"bytes */{len(whole)}"})
            place = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
            return Reply(whole[start:], status=206, headers={**headers, "Content-Range": place})
        return Reply(whole, headers=headers)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()
