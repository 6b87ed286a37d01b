"""The platform's words in other languages: checked, compiled, brought up to date.

python3 -m ops.translations             # sources and catalogues in step, nothing untranslated
python3 -m ops.translations --compile   # build the .mo files that the server reads
python3 -m ops.translations --update    # take new messages over into the .po files, and report
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ops.layout import PYTHON, ROOT
from ops.problems import Problem, run
from ops.terminal import say

LOCALE = ROOT / "locale"
SOURCES = ("analytics", "clcplus", "templates")
_NOT_SOURCES = shutil.ignore_patterns("static", "__pycache__", "management")
_EXTRACTION = (
    "--no-wrap",
    "--no-obsolete",
    "--add-location=file",
    "--extension=html,py,svg,txt",
)
_MOST_NAMED = 20


def languages(folder: Path = LOCALE) -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in folder.glob("*/LC_MESSAGES/django.po"))


def _catalogue(folder: Path, language: str) -> Path:
    return folder / language / "LC_MESSAGES" / "django.po"


def compile_all(folder: Path = LOCALE) -> None:
    """Build what the server reads. A file is replaced whole, and only where it differs."""
    for language in languages(folder):
        source = _catalogue(folder, language)
        target = source.with_suffix(".mo")
        number, draft = tempfile.mkstemp(prefix=".django.", suffix=".mo", dir=source.parent)
        os.close(number)
        try:
            _gettext("msgfmt", "--check", f"--output-file={draft}", str(source))
            built = Path(draft).read_bytes()
            if not target.exists() or target.read_bytes() != built:
                os.chmod(draft, 0o644)
                os.replace(draft, target)
        finally:
            Path(draft).unlink(missing_ok=True)


def clean(folder: Path = LOCALE) -> None:
    """Remove what :func:`compile_all` has built."""
    for built in folder.glob("*/LC_MESSAGES/*.mo"):
        built.unlink()


def faults(folder: Path = LOCALE) -> list[str]:
    """What is wrong with the catalogues by themselves: a line for each message."""
    from ops import catalogues

    found = []
    for language in languages(folder):
        path = _catalogue(folder, language)
        for message in catalogues.messages(path):
            if fault := catalogues.fault(message):
                found.append(f"{language}: {fault}: {catalogues.forms(message.id)[0]!r}")
        try:
            _gettext("msgfmt", "--check", "--output-file=/dev/null", str(path))
        except Problem as problem:
            found.append(f"{language}: {problem}")
    return found


def out_of_step(folder: Path = LOCALE) -> list[str]:
    """Messages of the sources that a catalogue lacks, and those that nothing asks for any more."""
    found = []
    with _extracted(folder) as fresh:
        for language in languages(folder):
            has, wants = (_asked(_catalogue(place, language)) for place in (folder, fresh))
            found += [f"{language}: missing: {key[1]!r}" for key in sorted(wants - has)]
            found += [f"{language}: not used: {key[1]!r}" for key in sorted(has - wants)]
    return found


def _asked(path: Path) -> set[tuple[str, ...]]:
    """What a program asks a catalogue for: context, message, and its plural where it has one."""
    from ops import catalogues

    return {(m.context or "", *catalogues.forms(m.id)) for m in catalogues.messages(path)}


@contextlib.contextmanager
def _extracted(folder: Path) -> Iterator[Path]:
    """Catalogues brought up to date, in a copy: the extraction writes beside the templates."""
    with tempfile.TemporaryDirectory(prefix="clcplus-messages-") as name:
        work = Path(name)
        for source in SOURCES:
            shutil.copytree(ROOT / source, work / source, ignore=_NOT_SOURCES)
        shutil.copytree(folder, work / "locale", ignore=shutil.ignore_patterns("*.mo", ".*"))
        wanted = [word for language in languages(folder) for word in ("--locale", language)]
        environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        done = subprocess.run(
            [PYTHON, "-m", "django", "makemessages", *wanted, *_EXTRACTION],
            cwd=work,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Problem(f"the messages were not extracted:\n{done.stderr.strip()}")
        yield work / "locale"


def update(folder: Path = LOCALE) -> None:
    """Take new messages over into the catalogues; what nothing asks for any more is left out."""
    with _extracted(folder) as fresh:
        for language in languages(folder):
            shutil.copyfile(_catalogue(fresh, language), _catalogue(folder, language))


def _gettext(program: str, *words: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise Problem(f"{program} is missing: `python3 -m ops.system_packages` brings gettext")
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(done.stderr.strip())


def _report(found: list[str]) -> None:
    for line in found[:_MOST_NAMED]:
        say(f"  {line}")
    if len(found) > _MOST_NAMED:
        say(f"  … and {len(found) - _MOST_NAMED} more")


def main() -> int:
    """Check, or do what the one option says."""
    words = sys.argv[1:]
    if words == ["--compile"]:
        compile_all()
        return 0
    if sys.prefix == sys.base_prefix:  # all else needs the libraries of the virtual environment
        os.execv(PYTHON, [str(PYTHON), "-m", "ops.translations", *words])
    if words == ["--update"]:
        update()
        found = faults()
        _report(found)
        say(f"{len(found)} messages to translate in locale/")
        return 0
    if words:
        print("usage: python3 -m ops.translations [--compile | --update]", file=sys.stderr)
        return 2
    found = out_of_step() + faults()
    if not found:
        return 0
    _report(found)
    raise Problem(
        f"{len(found)} faults in the translations: run `python3 -m ops.translations --update`, "
        "translate what it names in locale/*/LC_MESSAGES/django.po, and run this again"
    )


if __name__ == "__main__":
    run(main)
