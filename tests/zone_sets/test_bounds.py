"""No body fills the disk: files are read up to the largest upload, before any view is asked."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory, override_settings


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def sent(megabytes: float) -> HttpRequest:
    content = SimpleUploadedFile("zones.zip", b"x" * int(megabytes * 1_000_000))
    return RequestFactory().post("/", {"token": "first", "file": content})


@override_settings(UPLOAD_MEGABYTES=1)
def test_a_file_over_the_limit_is_not_read_to_its_end(temporary: Path) -> None:
    request = sent(8)
    assert request.POST["token"] == "first"
    assert "file" not in request.FILES
    assert not list(temporary.iterdir())


@override_settings(UPLOAD_MEGABYTES=1)
def test_a_file_within_it_is_and_goes_with_the_request(temporary: Path) -> None:
    request = sent(0.9)
    file = request.FILES["file"]
    assert file.size == 900_000
    assert len(list(temporary.iterdir())) == 1
    file.close()
    assert not list(temporary.iterdir())
