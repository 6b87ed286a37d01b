"""Reading an upload in a test, and looking at what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.uploads.confinement.process import Upload, read_upload
from analytics.uploads.errors import UploadError
from analytics.uploads.records import FeatureReport, Finding, Reference


def upload(tmp_path: Path, content: bytes, **options: Any) -> Upload:
    """Read the content of a file."""
    path = tmp_path / "input"
    path.write_bytes(content)
    return read_upload(path, **options)


def refusal(tmp_path: Path, content: bytes, **options: Any) -> UploadError:
    """Why a content is refused."""
    with pytest.raises(UploadError) as caught:
        upload(tmp_path, content, **options)
    return caught.value


def refused(tmp_path: Path, content: bytes, **options: Any) -> str:
    """The code with which a content is refused."""
    return refusal(tmp_path, content, **options).code


def features(read: Upload) -> tuple[FeatureReport, ...]:
    """The features of a report."""
    assert read.reading.report is not None
    return read.reading.report.features


def found(read: Upload, index: int) -> set[str]:
    """The codes of what was found at a feature."""
    return {finding.code for finding in features(read)[index].findings}


def finding(read: Upload, index: int, code: str) -> Finding:
    """One finding at a feature."""
    (one,) = (f for f in features(read)[index].findings if f.code == code)
    return one


def reference(read: Upload) -> Reference:
    """What is known of the reference system."""
    assert read.reading.reference is not None
    return read.reading.reference
