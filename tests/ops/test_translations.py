"""Translations are checked and compiled: what readers would miss is named."""

from __future__ import annotations

import ast
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import catalogues, translations
from ops.layout import ROOT
from ops.problems import Problem

HEADER = """msgid ""
msgstr ""
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"
"""
GOOD = """
#: templates/a.html
msgid "Map"
msgstr "Carte"

#, python-format
msgctxt "rank"
msgid "%(n)s place"
msgid_plural "%(n)s places"
msgstr[0] "%(n)s lieu"
msgstr[1] ""
"%(n)s "
"lieux"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    return tmp_path


def write(folder: Path, content: str) -> Path:
    path = folder / "fr" / "LC_MESSAGES" / "django.po"
    path.write_text(HEADER + content, encoding="utf-8")
    return path


def test_a_catalogue_is_read(folder: Path) -> None:
    found = catalogues.messages(write(folder, GOOD))
    assert [(message.context, message.id) for message in found] == [
        (None, "Map"),
        ("rank", ("%(n)s place", "%(n)s places")),
    ]
    assert catalogues.forms(found[1].string) == ("%(n)s lieu", "%(n)s lieux")
    assert translations.faults(folder) == []


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('\nmsgid "Area"\nmsgstr ""\n', "fr: untranslated: 'Area'"),
        ('\n#, fuzzy\nmsgid "Area"\nmsgstr "Aire"\n', "fr: fuzzy: 'Area'"),
        (
            '\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] ""\n',
            "fr: untranslated: 'a'",
        ),
    ],
)
def test_what_readers_would_miss_is_named(folder: Path, content: str, fault: str) -> None:
    write(folder, GOOD + content)
    assert fault in translations.faults(folder)


def test_a_placeholder_that_is_lost_is_named(folder: Path) -> None:
    write(folder, '\n#, python-format\nmsgid "of %(n)s"\nmsgstr "de %(m)s"\n')
    assert any("%(m)s" in fault or "'m'" in fault for fault in translations.faults(folder))


def test_what_is_not_a_catalogue_is_refused(folder: Path) -> None:
    path = write(folder, "\nmessage Map\n")
    with pytest.raises(Problem, match=r"django\.po:9"):
        catalogues.messages(path)


def test_compiled_once_and_replaced_only_where_it_differs(folder: Path) -> None:
    write(folder, GOOD)
    translations.compile_all(folder)
    built = folder / "fr" / "LC_MESSAGES" / "django.mo"
    assert struct.unpack("<I", built.read_bytes()[:4]) == (0x950412DE,)
    first = built.stat().st_ino
    translations.compile_all(folder)
    assert built.stat().st_ino == first
    write(folder, GOOD.replace("Carte", "Plan"))
    translations.compile_all(folder)
    assert b"Plan" in built.read_bytes()
    assert [path.name for path in sorted(built.parent.iterdir())] == ["django.mo", "django.po"]
    translations.clean(folder)
    assert [path.name for path in built.parent.iterdir()] == ["django.po"]


def test_a_message_that_sources_lack_or_have_anew_is_named(folder: Path) -> None:
    shutil.copytree(translations.LOCALE / "fr", folder / "fr", dirs_exist_ok=True)
    path = folder / "fr" / "LC_MESSAGES" / "django.po"
    text = path.read_text(encoding="utf-8")
    known = 'msgid "Skip to the content"\n'
    assert known in text
    path.write_text(text.replace(known, 'msgid "No page says this"\n'), encoding="utf-8")
    found = translations.out_of_step(folder)
    assert "fr: missing: 'Skip to the content'" in found
    assert "fr: not used: 'No page says this'" in found


def _names(tree: ast.Module) -> dict[str, str]:
    """What the functions that mark messages are called in a module, and what they are."""
    return {
        alias.asname or alias.name: alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }


def _marks(node: ast.AST, names: dict[str, str]) -> Iterator[ast.Call]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in names:
            yield part


@pytest.mark.parametrize("path", sorted((ROOT / "clcplus").rglob("*.py")), ids=lambda p: p.stem)
def test_messages_are_marked_where_they_are_found_and_in_time(path: Path) -> None:
    """Extraction does not look into f-strings; a module is read before any language is chosen."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = _names(tree)
    hidden = [
        call.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for call in _marks(node, names)
    ]
    assert hidden == []
    inside = {
        call
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for call in _marks(node, names)
    }
    early = [
        call.lineno
        for call in _marks(tree, names)
        if call not in inside and not names[call.func.id].endswith(("_lazy", "_noop"))  # type: ignore[attr-defined]
    ]
    assert early == []
