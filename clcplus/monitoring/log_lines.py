"""Log lines on stderr: a readable line, or JSON. Both have the id of the request and the job.

What others have sent (addresses, names, headers) stands in messages: control characters are
escaped in both, so that no message can pretend to be a line of its own.
"""

from __future__ import annotations

import os
import re
from typing import Any

from structlog import contextvars
from structlog.processors import EventRenamer, JSONRenderer, TimeStamper, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict

FORMATS = ("line", "json")
# C0 and C1, what some viewers take for the end of a line or for another direction, and half
# characters, which no file takes.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_OWN = frozenset({"time", "level", "logger", "process", "event", "exception"})


def _process(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event["process"] = os.getpid()
    return event


def _escaped(text: object) -> str:
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], str(text))


def _readable(_logger: Any, _method: str, event: EventDict) -> str:
    bound = " ".join(f"{name}={_escaped(event[name])}" for name in sorted(event.keys() - _OWN))
    line = (
        f"{event['time']} {event['level'].upper()} {event['logger']} {_escaped(event['event'])}"
        + (f" [{bound}]" if bound else "")
    )
    # The text of an error may be a stranger's too: an indented line is part of the one above it.
    traceback = str(event.get("exception", "")).split("\n")
    return "\n".join([line, *(f"  {_escaped(one)}" for one in traceback if one)])


_BEFORE = [contextvars.merge_contextvars, add_log_level, add_logger_name]
_FORMATTERS: dict[str, dict[str, Any]] = {
    "line": {
        "()": ProcessorFormatter,
        "foreign_pre_chain": [*_BEFORE, TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True, key="time")],
        "processors": [ProcessorFormatter.remove_processors_meta, format_exc_info, _readable],
    },
    "json": {
        "()": ProcessorFormatter,
        "foreign_pre_chain": [*_BEFORE, TimeStamper(fmt="iso", utc=True, key="time"), _process],
        "processors": [
            ProcessorFormatter.remove_processors_meta,
            format_exc_info,
            EventRenamer("message"),
            JSONRenderer(default=str),
        ],
    },
}


def configuration(*, format: str, level: str) -> dict[str, Any]:
    """The configuration of :mod:`logging` for web, workers and commands alike."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": dict(_FORMATTERS[format])},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "chosen"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "pyogrio": {"level": "WARNING"},
            "rasterio": {"level": "WARNING"},
            "numba": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            # Its handler writes lines of its own form.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
