"""Log lines of gunicorn in the form of all others (``--logger-class``)."""

from __future__ import annotations

import logging.config
from typing import Any

from gunicorn.glogging import Logger

from clcplus import environment
from clcplus.monitoring import log_lines


class WebServerLogger(Logger):
    """gunicorn's, whose lines go where the platform's go."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        variables = environment.read()
        logging.config.dictConfig(
            log_lines.configuration(format=variables.LOG_FORMAT, level=variables.LOG_LEVEL)
        )
        for handler in list(self.error_log.handlers):
            self.error_log.removeHandler(handler)
        self.error_log.propagate = True
