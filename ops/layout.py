"""Where things lie in a clone."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCAL = ROOT / ".local"  # everything that runs here keeps its state below this folder
LOGS = LOCAL / "log"
RUN = LOCAL / "run"
TESTS = LOCAL / "test"
REQUIREMENTS = ROOT / "requirements"
DATABASE_SQL = ROOT / "ops" / "database.sql"


def make_local(folder: Path = LOCAL) -> Path:
    """Create a folder of ours that the servers' account may walk through, but not list."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    return folder
