"""ensure_admin: the administrator of a demonstration, with a password that nobody chose."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser

from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Make an administrator, once, with a generated password that is written to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument("--password-file", required=True, type=Path)

    def handle(self, *, username: str, password_file: Path, **_: Any) -> None:
        user, created = get_user_model().objects.get_or_create(
            username=username, defaults={"is_staff": True, "is_superuser": True}
        )
        # If the file was lost there is a new password: the old one is stored nowhere else.
        if created or not password_file.exists():
            password = secrets.token_urlsafe(18)
            handle = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(password + "\n")
            user.set_password(password)
            user.save(update_fields=("password",))
        self.stdout.write(f"administrator {username}, password in {password_file}")
