"""An uploaded file of zones and what is said with it: read from a request, never held whole."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from analytics.uploads import MEGABYTE, Choice, code_pages, reference_of
from clcplus.http.errors import (
    BadDocument,
    BadParameter,
    BodyTooLarge,
    ForeignReferenceSystem,
    LengthRequired,
    UnknownParameter,
    WrongMediaType,
)
from clcplus.models import ZoneSet
from clcplus.request_text import drop_unfinished

GEOJSON_TYPES = ("application/geo+json", "application/json")
MULTIPART = "multipart/form-data"
MEDIA_TYPES = (MULTIPART, *GEOJSON_TYPES)
CHOICES = ("layer", "crs", "swap_axes", "insist", "code_field", "name_field", "encoding")
PARAMETERS = ("name", *CHOICES, "skip_bad")
LOOKED_AT = 1_000_000
"""Bytes of GeoJSON, at most, that are looked into before a worker does: some 20 ms."""

_FORM = 64_000
"""Bytes of a form beside its file."""
_LONGEST = {"name": 80}
_LONG = 200
_CRS = re.compile(r"[A-Za-z]{2,10}:[A-Za-z0-9_.]{1,20}")


class GeoJsonStream(BaseParser):
    """Leaves the body in the connection, from where it is written to a file piece by piece."""

    media_type = GEOJSON_TYPES[0]

    def parse(self, stream: IO[bytes], *args: Any, **options: Any) -> Any:
        return stream


class JsonStream(GeoJsonStream):
    """The same for GeoJSON that is called JSON."""

    media_type = GEOJSON_TYPES[1]


class Form(MultiPartParser):
    """The framework's, without what is left of a form that cannot be read."""

    def parse(self, stream: IO[bytes], *args: Any, **options: Any) -> Any:
        try:
            return super().parse(stream, *args, **options)
        except Exception:
            drop_unfinished((options.get("parser_context") or args[-1])["request"]._request)
            raise


PARSERS = (Form, GeoJsonStream, JsonStream)


@dataclass(frozen=True, slots=True)
class Upload:
    """What is uploaded, and what its sender says of it."""

    source: BinaryIO
    file_name: str
    name: str
    choice: Choice
    acceptance: ZoneSet.Acceptance


def check_length(request: HttpRequest) -> None:
    """Refuse by its length what would not be kept, before any of it is read.

    Raises LengthRequired or BodyTooLarge.
    """
    text = request.headers.get("Content-Length", "")
    if not (text.isascii() and text.isdigit()):
        raise LengthRequired(
            "Content-Length: found none; expected the number of bytes of the body. Send the file "
            "whole, not in chunks"
        )
    most = settings.UPLOAD_MEGABYTES * MEGABYTE
    # Compared as text first: a number of thousands of digits is not worth reading.
    if len(text) > len(str(most)) + 1 or int(text) > most + _FORM:
        raise too_large(found=f"{text[:20]} bytes")


def too_large(*, found: str) -> BodyTooLarge:
    """The error for a file above the limit."""
    return BodyTooLarge(
        f"body: found {found}; expected a file of at most {settings.UPLOAD_MEGABYTES} MB. "
        "Simplify the outlines, or split the file",
        largest_bytes=settings.UPLOAD_MEGABYTES * MEGABYTE,
    )


def check_type(request: HttpRequest) -> None:
    """Raises WrongMediaType for a body that is neither a form nor GeoJSON."""
    media_type = request.content_type or ""
    if media_type not in MEDIA_TYPES:
        raise WrongMediaType(
            f"Content-Type: found {media_type[:60] or 'none'}; expected {', '.join(MEDIA_TYPES)}. "
            "Other formats than GeoJSON go into the field file of a form (multipart/form-data)",
            allowed=list(MEDIA_TYPES),
        )
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise WrongMediaType(
            f"Content-Encoding: found {encoding[:60]}; expected none. Send the file as it is"
        )


def received(request: Request) -> Upload:
    """What a request uploads.

    Raises BadParameter, BadDocument, or ForeignReferenceSystem where a short file shows at once
    that its sender has to name the reference system.
    """
    if (request._request.content_type or "") == MULTIPART:
        said: Mapping[str, Any] = request.POST
        _only(said, allowed=(*PARAMETERS, "csrfmiddlewaretoken"))
        _only(request.GET, allowed=())
        source, file_name = _file(request)
    else:
        said = request.GET
        _only(said, allowed=(*PARAMETERS, "format"))
        source, file_name = _body(request), "zones.geojson"
    choice = choice_of(said)
    if choice.crs is None:
        source = _looked_at(source, length=_length(request, source))
    skip_bad = flag(said, "skip_bad")
    return Upload(
        source=source,
        file_name=file_name,
        name=text_of(said, "name") or "",
        choice=choice,
        acceptance=ZoneSet.Acceptance.USABLE if skip_bad else ZoneSet.Acceptance.WHOLE,
    )


def choice_of(said: Mapping[str, Any]) -> Choice:
    """What is said of layer, reference system, fields and encoding. Raises BadParameter."""
    crs = text_of(said, "crs") or None
    if crs is not None and not _CRS.fullmatch(crs):
        raise BadParameter("crs", found=crs[:60], allowed="a code such as EPSG:2154")
    return Choice(
        layer=text_of(said, "layer") or None,
        crs=crs,
        swap_axes=flag(said, "swap_axes"),
        insist=flag(said, "insist"),
        code_field=text_of(said, "code_field"),
        name_field=text_of(said, "name_field"),
        encoding=_encoding(said),
    )


def _encoding(said: Mapping[str, Any]) -> str | None:
    """The label of an encoding, in whichever spelling it is given."""
    text = text_of(said, "encoding")
    if not text:
        return None
    label = code_pages.named(text)
    if label is None:
        raise BadParameter("encoding", found=text[:60], allowed=tuple(code_pages.CODECS))
    return label


def text_of(said: Mapping[str, Any], name: str) -> str | None:
    """A text of one line; None where it is not given."""
    value = said.get(name)
    if value is None:
        return None
    most = _LONGEST.get(name, _LONG)
    if not isinstance(value, str) or len(value) > most or not value.isprintable():
        raise BadParameter(
            name, found=str(value)[:60], allowed=f"a text of one line, of at most {most} characters"
        )
    return value.strip()


def flag(said: Mapping[str, Any], name: str) -> bool:
    """``true`` or ``false``; false where it is not given."""
    value = said.get(name, "false")
    text = str(value).lower() if isinstance(value, str | bool) else ""
    if text not in {"true", "false"}:
        raise BadParameter(name, found=str(value)[:60], allowed=("true", "false"))
    return text == "true"


def _only(said: Collection[str], *, allowed: Collection[str]) -> None:
    for name in said:
        if name not in allowed:
            raise UnknownParameter(name[:60], allowed=allowed, none="no parameter in the address")


def _file(request: Request) -> tuple[BinaryIO, str]:
    files = [one for name in request.FILES for one in request.FILES.getlist(name)]
    if len(files) != 1 or "file" not in request.FILES:
        raise BadDocument(
            f"body: found {len(files)} files ({', '.join(request.FILES)[:60] or 'no field'}); "
            "expected one, in the field file"
        )
    found: UploadedFile = files[0]
    return cast(BinaryIO, found), found.name or ""


def _body(request: Request) -> BinaryIO:
    if not hasattr(request.data, "read"):
        raise BadDocument("body: found nothing; expected GeoJSON")
    return cast(BinaryIO, request.data)


def _length(request: Request, source: BinaryIO) -> int:
    if isinstance(source, UploadedFile):
        return int(source.size or 0)
    return int(request._request.headers["Content-Length"])


def _looked_at(source: BinaryIO, *, length: int) -> BinaryIO:
    """The same source; a short one that is GeoJSON in another reference system is refused."""
    if length > LOOKED_AT:
        return source
    content = source.read()
    try:
        text = content.decode("utf-8-sig").lstrip()
        document = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        # What is wrong with it is told by the check, place by place.
        document = None
    if isinstance(document, dict) and document.get("crs") is not None:
        name, status = reference_of(document["crs"])
        if status == "foreign":
            raise ForeignReferenceSystem(
                f"/crs: found {name}; expected no such member: GeoJSON is in WGS 84 (RFC 7946). "
                "If the coordinates are in that system, send the file again with the parameter "
                "crs, such as crs=EPSG:2154",
                parameter="crs",
                action="Transform the zones to WGS 84, or name their system: crs=EPSG:2154.",
                errors=[
                    {
                        "index": 0,
                        "at": "/crs",
                        "found": name,
                        "expected": "no such member: GeoJSON is in WGS 84",
                        "hint": "Transform the zones to WGS 84, or name the system: crs=EPSG:2154",
                    }
                ],
            )
    return io.BytesIO(content)
