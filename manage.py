#!/usr/bin/env python
"""Django's command line."""

import os
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parent
SUPERVISORS = [CLONE / local / "run" / "supervisor.json" for local in (".local", ".local-real")]
"""Written by `make demo` and `make real` in this clone, and by nothing else."""


def main() -> None:
    """Run the command named on the command line: where no servers are named, on the site that runs
    in this clone."""
    if any(record.exists() for record in SUPERVISORS):
        from ops import running_demonstration

        running_demonstration.join(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
