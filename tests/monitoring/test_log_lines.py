"""Log lines: one line each whatever stands in it, JSON where it is asked for, and the id."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clcplus.monitoring import log_lines, request_ids

HOSTILE = "GET /a\r\n2026-01-01 00:00:00 CRITICAL root all is lost\x1b[2J\x85\u2028\u202e\ud800"


@contextmanager
def logger(form: str) -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger whose lines have a form, and what it has written."""
    formatters = log_lines.configuration(format=form, level="INFO")["formatters"]
    made = logging.config.DictConfigurator({"version": 1}).configure_formatter(formatters["chosen"])
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(made)
    found = logging.Logger("clcplus.tests")
    found.addHandler(handler)
    try:
        yield found, written
    finally:
        request_ids.end()


@pytest.mark.parametrize("form", log_lines.FORMATS)
def test_no_message_can_pretend_to_be_another_line(form: str) -> None:
    with logger(form) as (log, written):
        log.error("%s is not there", HOSTILE)
    text = written.getvalue()
    assert text.count("\n") == 1
    assert text.encode()
    assert "all is lost" in text
    assert not any(ord(sign) < 32 for sign in text.removesuffix("\n"))


@pytest.mark.parametrize("form", log_lines.FORMATS)
def test_the_text_of_an_error_cannot_either(form: str) -> None:
    with logger(form) as (log, written):
        try:
            raise ValueError("bad\nCRITICAL root all is lost")
        except ValueError:
            log.exception("it failed")
    lines = written.getvalue().splitlines()
    assert not [line for line in lines if line.startswith("CRITICAL")]
    assert "Traceback" in written.getvalue()
    if form == "json":
        assert len(lines) == 1
        assert "all is lost" in json.loads(lines[0])["exception"]


def test_json_has_the_id_and_what_is_bound() -> None:
    with logger("json") as (log, written):
        request_ids.begin("abc-1")
        log.warning("%s of %s", 1, 2)
        request_ids.end()
        log.info("later")
    first, second = map(json.loads, written.getvalue().splitlines())
    assert first["request_id"] == "abc-1"
    assert (first["message"], first["level"], first["logger"]) == (
        "1 of 2",
        "warning",
        "clcplus.tests",
    )
    assert first["time"].endswith("Z")
    assert "request_id" not in second


def test_the_readable_line_has_the_id_too() -> None:
    with logger("line") as (log, written):
        request_ids.begin("abc-1")
        log.info("done")
    assert written.getvalue().endswith(" INFO clcplus.tests done [request_id=abc-1]\n")


@pytest.mark.parametrize(
    "given",
    ["", " ", "a b", "x" * 65, "x" * 10_000, "a\r\nSet-Cookie: x", "é", "-x", "a,b", None, 7, b"a"],
)
def test_an_unsafe_id_is_replaced(given: object) -> None:
    made = request_ids.accepted(given)
    assert made != given
    assert len(made) == 32
    assert request_ids.accepted(made) == made
