"""What the pages of samples refuse, in the words of each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clcplus.models import PointLabel, ReferenceSample
from tests.samples.world import account, drawn, label_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker", "loaded")]

LABEL = {"point": "1", "earlier": "1", "later": "1", "confidence": "high", "note": ""}
PLAN = {"name": "x", "later": "clcplus-2021", "design": "stratified", "points": "80"}
TROUBLE = re.compile(
    r'(?:data-trouble><p>|label__trouble" role="alert">|<div class="notice notice--bad"'
    r' role="alert"><div><p>|<p class="field__error">)(.*?)</p>',
    re.DOTALL,
)


def refusals(client: Client, sample: ReferenceSample, prefix: str) -> Iterator[tuple[str, Any]]:
    """A name for each refusal, and the answer of its page."""
    address = f"{prefix}{sample.get_absolute_url()}"
    for name, fields in {
        "class": {"later": "12"},
        "confidence": {"confidence": "certain"},
        "note": {"note": "x" * 301},
        "no class": {"later": ""},
    }.items():
        yield name, client.post(f"{address}label/", {**LABEL, **fields})
    for name, fields in {
        "order of editions": {"earlier": "clcplus-2021"},
        "empty name": {"name": "\u200b"},
        "primary units": {"design": "two-stage"},
        "side of a unit": {"design": "two-stage", "units": "4", "unit_km": "0.015"},
        "minimum": {"minimum": "81"},
        "buffer": {"buffer_m": "1e9"},
        "edition": {"later": "clcplus-1999"},
        "territory": {"territory": "region:99"},
    }.items():
        yield name, client.post(f"{prefix}/samples/new/", {**PLAN, **fields})
    plan = "/samples/new/plan/?later=clcplus-2021&earlier=clcplus-2018&design=stratified&points=60"
    for name, query in {"plan: minimum": "&minimum=50", "plan: buffer": "&buffer_m=1e9"}.items():
        yield name, client.get(f"{prefix}{plan}{query}")

    def sent(content: bytes, crosswalk: bytes = b"") -> Any:
        files = {"file": SimpleUploadedFile("labels.csv", content)}
        if crosswalk:
            files["crosswalk"] = SimpleUploadedFile("crosswalk.csv", crosswalk)
        return client.post(f"{address}import/", files)

    head = b"id,x,y,stratum,reference_earlier,reference_later,confidence,interpreter,note\n"
    point = sample.points.select_related("stratum").get(number=1)
    true = f"1,{point.location.x},{point.location.y},{point.stratum.name}".encode()
    yield "empty file", sent(b"")
    yield "no id", sent(b"a,b\n1,2\n")
    yield "no reference", sent(b"id,b\n1,2\n")
    yield "nothing labelled", sent(head + true + b",,,,,\n")
    yield "unknown id", sent(head + b"999,1,1,x,1,1,,,\n")
    yield "outside its cell", sent(head + true.replace(b"1,", b"1,9", 1) + b",1,1,,,\n")
    yield "other stratum", sent(head + true + b"x,1,1,,,\n")
    yield "class in a file", sent(head + true + b",1,99,,,\n")
    yield "confidence in a file", sent(head + true + b",1,1,certain,,\n")
    yield "twice", sent(head + (true + b",1,1,,,\n") * 2)
    yield "one class alone", sent(head + true + b",,1,,,\n")
    yield "note in a file", sent(head + true + b",1,1,,," + b"x" * 301 + b"\n")
    yield "interpreter", sent(head + true + b",1,1,," + b"x" * 81 + b",\n")
    yield "one edition", sent(b"id,reference\n1,1\n")
    yield "not UTF-8", sent(b"\xff\xfe\xff,1\n")
    yield "crosswalk", sent(head + true + b",1,1,,,\n", b"code,class\nA,99\n")
    yield "code of no crosswalk", sent(head + true + b",B,B,,,\n", b"code,class\nA,1\n")
    yield "cut GeoJSON", sent(b'{"type": "FeatureCollection"')
    yield "no GeoPackage", sent(b"SQLite format 3\0" + b"\0" * 200)
    yield "delete", client.post(f"{address}delete/")
    yield "rename", client.post(f"{address}edit/", {"name": " "})
    yield "withdraw", client.post(f"{address}withdraw/")
    yield "publish", client.post(f"{address}publish/")
    label_all(sample)
    PointLabel.objects.filter(point__sample=sample, point__number=9).delete()
    yield "gap", client.post(f"{address}publish/")
    sample.points.filter(stratum__name="gain").exclude(
        pk=sample.points.filter(stratum__name="gain").first().pk
    ).update(stratum=sample.strata.get(name="buffer"))
    label_all(sample)
    yield "one point", client.post(f"{address}publish/")


def said_in(language: str, sample: ReferenceSample) -> dict[str, str]:
    client = Client()
    client.force_login(account())
    prefix = "" if language == "en" else f"/{language}"
    found = {}
    for name, response in refusals(client, sample, prefix):
        texts = TROUBLE.findall(str(response.content.decode()))
        assert texts, name
        found[name] = unescape(" ".join(texts))
    return found


def test_each_refusal_is_said_in_each_language() -> None:
    said = {
        language: said_in(language, drawn(points=60, territory="region:07"))
        for language in ("en", "fr", "pl")
    }
    english = said.pop("en")
    assert len(english) > 35
    for language, texts in said.items():
        for name, text in texts.items():
            assert text != english[name]
            left = {*re.findall(r"[a-z]+", text.lower())} & ENGLISH
            assert not left, f"{language}, {name}: {text}"


ENGLISH = {
    "the", "of", "that", "from", "with", "were", "found", "expected", "each", "both", "least",
    "wrong", "name", "which", "is", "and", "drawn", "choose", "there", "confirm", "enter", "cannot",
    "first", "before", "withdraw", "whole", "number", "columns", "row", "rows", "ids", "within",
}  # fmt: skip
"""Words that neither French nor Polish has, nor the files that are sent."""
