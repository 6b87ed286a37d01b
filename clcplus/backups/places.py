"""What the platform keeps outside the database, by the settings."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from clcplus.environment import Environment
from clcplus.settings import variables


def folders() -> dict[str, Path]:
    """The folders beside the store, by the name that they have in a backup."""
    return {
        "checkpoints": Path(settings.CLCPLUS_CHECKPOINTS),
        "imagery": Path(settings.CLCPLUS_IMAGERY),
        "predictions": Path(settings.CLCPLUS_PREDICTIONS),
        "inbox": Path(settings.CLCPLUS_INBOX),
    }


def secret_files() -> dict[str, Path]:
    """Files with keys and passwords that the settings name."""
    names = [name for name in Environment.model_fields if name.endswith("_FILE")]
    found = {name: getattr(variables, name) for name in names}
    found["PGPASSFILE"] = os.environ.get("PGPASSFILE") or None
    return {name: Path(file) for name, file in found.items() if file is not None}


def secrets_elsewhere() -> list[str]:
    """Secrets that the environment holds itself: never in a backup."""
    return ["what the environment holds (SECRET_KEY, passwords in addresses, AWS_…)"]
