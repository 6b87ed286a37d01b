"""What can go wrong with backups."""

from __future__ import annotations

from clcplus.errors import PlatformError


class BackupError(PlatformError):
    """A backup that cannot be made or restored."""


class PlaceInUse(BackupError):
    """A place that has to be empty, and is not."""


class UnusableBackup(BackupError):
    """A folder that is no whole backup: interrupted, damaged, or of another form."""


class WrongVersion(BackupError):
    """A server, a tool or code of a version that does not fit."""


class ToolFailed(BackupError):
    """A program of PostgreSQL that is missing or has failed."""


class FiguresDiffer(BackupError):
    """A database that does not hold after the restore what it held at the backup."""


class NoRoom(BackupError):
    """A disk that is full, or a folder that cannot be written or read."""
