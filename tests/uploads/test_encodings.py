"""In which encoding the texts of a Shapefile are read: by its records, then by what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.uploads.confinement.process import Upload
from analytics.uploads.formats.code_pages import declared_in, named, of_language
from analytics.uploads.records import Choice
from tests.uploads import shapefile_parts as parts
from tests.uploads.upload_results import features, upload

FRENCH = ("Été", "L’Haÿ", "Cœur")
POLISH = ("Łódź", "Żary", "Świdnica")


def names(read: Upload) -> list[str]:
    return [feature.name for feature in features(read)]


def said(read: Upload) -> list[str]:
    """Codes of what was found at the file as a whole."""
    assert read.reading.report is not None
    return [finding.code for finding in read.reading.report.findings]


def of(texts: tuple[str, ...], encoding: str, **options: object) -> bytes:
    return parts.of_names(*(text.encode(encoding) for text in texts), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [20, 127, 128, 200, 254])
@pytest.mark.parametrize("cpg", [b"UTF-8", None])
def test_the_width_of_a_field_is_no_letter(tmp_path: Path, width: int, cpg: bytes | None) -> None:
    """A width of 128 or more is a byte beyond ASCII in the description of the field."""
    read = upload(tmp_path, of(FRENCH, "utf-8", width=width, cpg=cpg))
    assert names(read) == list(FRENCH)
    assert (read.reading.encoding, said(read)) == ("UTF-8", [])


@pytest.mark.parametrize(
    "cpg", [b"UTF-8", b"UTF8", b"utf-8", b"65001", b"ANSI 65001", b"\xef\xbb\xbfUTF-8\r\n",
            b"utf_8\0", b"System", b"", b" \r\n", b"Klingon", b"\xff\xfeU\0T\0F\0-\0008\0"],
)  # fmt: skip
def test_utf_8_in_many_spellings_or_none_that_is_known(tmp_path: Path, cpg: bytes) -> None:
    read = upload(tmp_path, of(FRENCH + POLISH, "utf-8", cpg=cpg))
    assert names(read) == [*FRENCH, *POLISH]
    assert (read.reading.encoding, said(read)) == ("UTF-8", [])


@pytest.mark.parametrize(
    ("cpg", "encoding", "texts", "label"),
    [
        (b"ANSI 1252", "cp1252", FRENCH, "Windows-1252"),
        (b"1252", "cp1252", FRENCH, "Windows-1252"),
        (b"windows-1252", "cp1252", FRENCH, "Windows-1252"),
        (b"ISO-8859-1", "cp1252", FRENCH, "Windows-1252"),
        (b"88591", "cp1252", FRENCH, "Windows-1252"),
        (b"ISO 8859-1", "cp1252", FRENCH, "Windows-1252"),
        (b"latin1", "cp1252", FRENCH, "Windows-1252"),
        (b"28591", "cp1252", FRENCH, "Windows-1252"),
        (b"ISO 8859-15", "iso8859_15", ("Cœur", "Été", "5 €"), "ISO-8859-15"),
        (b"885915", "iso8859_15", ("Cœur", "Été", "5 €"), "ISO-8859-15"),
        (b"OEM 850", "cp850", ("Été", "Haÿ"), "CP850"),
        (b"850", "cp850", ("Été", "Haÿ"), "CP850"),
        (b"1250", "cp1250", POLISH, "Windows-1250"),
        (b"ANSI1250", "cp1250", POLISH, "Windows-1250"),
        (b"ISO-8859-2", "iso8859_2", POLISH, "ISO-8859-2"),
        (b"88592", "iso8859_2", POLISH, "ISO-8859-2"),
        (b"Big5", "big5", ("臺北", "新竹"), "Big5"),
    ],
)
def test_a_declaration_is_believed_where_the_records_agree(
    tmp_path: Path, cpg: bytes, encoding: str, texts: tuple[str, ...], label: str
) -> None:
    read = upload(tmp_path, of(texts, encoding, cpg=cpg))
    assert names(read) == list(texts)
    assert (read.reading.encoding, said(read)) == (label, [])


@pytest.mark.parametrize(
    ("language", "encoding", "texts"),
    [
        (0x03, "cp1252", FRENCH),
        (0x02, "cp850", ("Été", "Haÿ")),
        (0xC8, "cp1250", POLISH),
        (0x64, "cp852", POLISH),
        (0x03, "utf-8", ()),
    ],
)
def test_the_language_driver_without_a_cpg(
    tmp_path: Path, language: int, encoding: str, texts: tuple[str, ...]
) -> None:
    read = upload(tmp_path, of(texts or ("A",), encoding, language=language))
    assert names(read) == list(texts or ("A",))
    assert said(read) == []


@pytest.mark.parametrize(
    ("cpg", "language"), [(b"1252", 0), (b"ISO-8859-1", 0), (None, 0x03), (b"OEM 850", 0x57)]
)
def test_texts_that_are_utf_8_and_said_to_be_another(
    tmp_path: Path, cpg: bytes | None, language: int
) -> None:
    read = upload(tmp_path, of(FRENCH, "utf-8", cpg=cpg, language=language))
    assert names(read) == list(FRENCH)
    assert said(read) == ["encoding-contradicted"]
    readings = {one.encoding: one.sample for one in read.reading.encodings}
    assert next(iter(readings)) == "UTF-8"
    assert readings["UTF-8"] == FRENCH
    other = "CP850" if cpg == b"OEM 850" else "Windows-1252"
    assert readings[other] == tuple(
        name.encode().decode("cp850" if other == "CP850" else "cp1252") for name in FRENCH
    )


def test_texts_said_to_be_utf_8_that_are_not(tmp_path: Path) -> None:
    read = upload(tmp_path, of(FRENCH, "cp1252", cpg=b"UTF-8"))
    assert names(read) == list(FRENCH)
    assert (read.reading.encoding, said(read)) == ("Windows-1252", ["encoding-contradicted"])


def test_texts_of_a_windows_encoding_that_is_called_by_its_iso_kin(tmp_path: Path) -> None:
    """ISO-8859-2 has control characters where Windows-1250 has Ś and ź."""
    read = upload(tmp_path, of(POLISH, "cp1250", cpg=b"ISO-8859-2"))
    assert names(read) == list(POLISH)
    assert (read.reading.encoding, said(read)) == ("Windows-1250", ["encoding-contradicted"])


@pytest.mark.parametrize("cpg", [None, b"System", b"ANSI", b"Klingon"])
def test_a_guess_is_called_one(tmp_path: Path, cpg: bytes | None) -> None:
    read = upload(tmp_path, of(FRENCH, "cp1252", cpg=cpg))
    assert names(read) == list(FRENCH)
    assert (read.reading.encoding, said(read)) == ("Windows-1252", ["encoding-guessed"])


@pytest.mark.parametrize("cpg", [b"UTF-8", None])
def test_a_value_that_is_cut_inside_a_character(tmp_path: Path, cpg: bytes | None) -> None:
    texts = [name.encode() for name in FRENCH]
    texts.append(("x" * 19 + "é").encode()[:20])
    read = upload(tmp_path, parts.of_names(*texts, cpg=cpg))
    assert names(read) == [*FRENCH, "x" * 19]
    assert (read.reading.encoding, said(read)) == ("UTF-8", [])


def test_values_cut_inside_a_character_alone(tmp_path: Path) -> None:
    """No whole character beyond ASCII is there: then what is declared decides."""
    cut = ("x" * 19 + "é").encode()[:20]
    assert names(upload(tmp_path, parts.of_names(cut, cpg=b"UTF-8"))) == ["x" * 19]
    latin = ("x" * 19 + "Ã").encode("cp1252")
    assert names(upload(tmp_path, parts.of_names(latin, cpg=b"1252"))) == ["x" * 19 + "Ã"]


def test_one_damaged_value_does_not_decide(tmp_path: Path) -> None:
    texts = [name.encode() for name in FRENCH * 4] + [b"Caf\xe9 du Port"]
    read = upload(tmp_path, parts.of_names(*texts, cpg=b"UTF-8"))
    assert names(read) == [*FRENCH * 4, "Caf\ufffd du Port"]
    assert said(read) == ["encoding-unreadable"]


def test_a_choice_holds_whatever_the_file_says(tmp_path: Path) -> None:
    content = of(POLISH, "cp1250", cpg=b"1252")
    assert names(upload(tmp_path, content)) != list(POLISH)
    read = upload(tmp_path, content, choice=Choice(encoding="Windows-1250"))
    assert names(read) == list(POLISH)
    assert (read.reading.encoding, said(read)) == ("Windows-1250", [])
    assert POLISH in [one.sample for one in read.reading.encodings]


def test_texts_of_ascii_leave_nothing_to_choose(tmp_path: Path) -> None:
    read = upload(tmp_path, parts.of_names(b"Paris", b"Lyon", cpg=b"1252"))
    assert (read.reading.encodings, said(read)) == ((), [])


def test_names_of_files_in_capitals(tmp_path: Path) -> None:
    capitals = {s: s.upper() for s in (".shp", ".shx", ".dbf", ".prj", ".cpg")}
    table = parts.dbf([(b"1", "Été".encode("cp850"))] * 3)
    read = upload(tmp_path, parts.packed(table=table, cpg=b"850", suffixes=capitals))
    assert names(read) == ["Été"] * 3
    assert read.reading.encoding == "CP850"


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("UTF-8", "UTF-8"), ("utf8", "UTF-8"), ("CP65001", "UTF-8"),
        ("ISO_8859-1:1987", "Windows-1252"), ("ISO8859_15", "ISO-8859-15"),
        ("8859-9", "Windows-1254"), ("LDID/87", None), ("LDID/200", "Windows-1250"),
        ("KOI8-R", "KOI8-R"), ("GBK", "GB18030"), ("sjis", "Shift JIS"),
        ("x-cp1250", "Windows-1250"),
        ("Windows 1251", "Windows-1251"), ("Mac Roman", "Mac Roman"), ("IBM437", "CP437"),
        ("utf-16", None), ("rot13", None), ("unicode_escape", None), ("idna", None), ("", None),
        ("99999", None), ("8859-99", None), ("ANSI", None), ("OEM", None),
    ],
)  # fmt: skip
def test_names_of_encodings(name: str, label: str | None) -> None:
    assert named(name) == label


def test_what_a_cpg_says_is_one_short_line() -> None:
    assert declared_in(b"\xef\xbb\xbf 1252\r\nsecond\n") == "1252"
    assert declared_in(b"\x07" + b"x" * 300) == "?" + "x" * 39
    assert of_language(0x57) is None
