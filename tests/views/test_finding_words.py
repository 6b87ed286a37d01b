"""Each finding of the engine has words of its own on the pages."""

from __future__ import annotations

import re
from pathlib import Path

from analytics import uploads
from analytics.uploads.records import Finding, Severity
from clcplus.views.zones import finding_words

_CODE = re.compile(r'\bFinding\(\s*"([a-z-]+)"')


def test_each_finding_of_the_engine_has_words() -> None:
    folder = Path(uploads.__file__).parent
    codes = {code for f in folder.glob("*.py") for code in _CODE.findall(f.read_text("utf-8"))}
    assert len(codes) > 25
    for code in sorted(codes):
        said = finding_words.said(Finding(code, Severity.NOTE, "", "of the engine", ""))
        assert said.expected != "of the engine", f"{code} has no words"
