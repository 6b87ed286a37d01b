"""Encodings of text in a .dbf: by the names that people and programs write, and by number.

An encoding has one label here, such as "Windows-1252". ISO-8859-1 is read as Windows-1252, which
has printable characters in place of its control characters: programs name the one and mean the
other.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

UTF_8 = "UTF-8"
WINDOWS_1252 = "Windows-1252"

CODECS: Mapping[str, str] = {
    UTF_8: "utf-8",
    WINDOWS_1252: "cp1252",
    **{f"Windows-{n}": f"cp{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"ISO-8859-{n}": f"iso8859_{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{
        f"CP{n}": f"cp{n}"
        for n in (437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869)
    },
    "CP874": "cp874", "KOI8-R": "koi8_r", "KOI8-U": "koi8_u",
    "Mac Roman": "mac_roman", "Mac Central Europe": "mac_latin2", "Mac Cyrillic": "mac_cyrillic",
    "Mac Greek": "mac_greek",
    "Shift JIS": "cp932", "GB18030": "gb18030", "EUC-KR": "cp949", "Big5": "cp950",
    "EUC-JP": "euc_jp",
}  # fmt: skip
"""Python's codecs by label."""

WINDOWS_OF_ISO: Mapping[str, str] = {
    "ISO-8859-2": "Windows-1250",
    "ISO-8859-5": "Windows-1251",
    "ISO-8859-6": "Windows-1256",
    "ISO-8859-7": "Windows-1253",
    "ISO-8859-8": "Windows-1255",
    "ISO-8859-13": "Windows-1257",
    "ISO-8859-15": WINDOWS_1252,
}
"""What is meant where a text of an ISO encoding has control characters."""

_NUMBERS: Mapping[int, str] = {
    **{int(label[8:]): label for label in CODECS if label.startswith("Windows-")},
    **{int(label[2:]): label for label in CODECS if label.startswith("CP")},
    **{28590 + int(label[9:]): label for label in CODECS if label.startswith("ISO-8859-")},
    28591: WINDOWS_1252, 28599: "Windows-1254", 65001: UTF_8,
    932: "Shift JIS", 936: "GB18030", 949: "EUC-KR", 950: "Big5",
    10000: "Mac Roman", 10006: "Mac Greek", 10007: "Mac Cyrillic", 10029: "Mac Central Europe",
    20866: "KOI8-R", 21866: "KOI8-U", 20932: "EUC-JP",
    51932: "EUC-JP", 51949: "EUC-KR", 54936: "GB18030",
}  # fmt: skip
"""Labels by the number of a code page."""

_WORDS: Mapping[str, str] = {
    "UTF8": UTF_8, "UTF8BOM": UTF_8, "UTF8SIG": UTF_8, "UTF8MB4": UTF_8,
    "LATIN1": WINDOWS_1252, "LATIN2": "ISO-8859-2", "LATIN5": "Windows-1254",
    "LATIN7": "ISO-8859-13", "LATIN9": "ISO-8859-15", "LATIN10": "ISO-8859-16",
    "KOI8R": "KOI8-R", "KOI8U": "KOI8-U",
    "MACINTOSH": "Mac Roman", "MACROMAN": "Mac Roman", "MACCENTRALEUROPE": "Mac Central Europe",
    "MACCYRILLIC": "Mac Cyrillic", "MACGREEK": "Mac Greek",
    "SJIS": "Shift JIS", "SHIFTJIS": "Shift JIS", "EUCJP": "EUC-JP",
    "GBK": "GB18030", "GB2312": "GB18030", "GB18030": "GB18030", "EUCCN": "GB18030",
    "EUCKR": "EUC-KR", "KSC5601": "EUC-KR", "BIG5": "Big5", "TIS620": "CP874",
}  # fmt: skip
"""Labels by names in capitals, without what is neither a letter nor a digit."""

_NUMBERED = re.compile(
    r"(?:ANSI|OEM|CP|XCP|WINDOWS|WIN|IBM|MS|MSDOS|DOS|CODEPAGE|CSWINDOWS|CSIBM)?(\d{3,5})"
)
_ISO = re.compile(r"(?:CS)?(?:ISO)?(?:IEC)?8859(\d{1,2})(?:19\d\d|20\d\d)?")
_LANGUAGE = re.compile(r"LDID(\d{1,3})")

_LANGUAGES: Mapping[int, int] = {
    **dict.fromkeys(
        (0x01, 0x09, 0x0B, 0x0D, 0x0F, 0x11, 0x15, 0x18, 0x19, 0x1B), 437
    ),
    **dict.fromkeys(
        (0x02, 0x0A, 0x0E, 0x10, 0x12, 0x14, 0x16, 0x1A, 0x1D, 0x25, 0x37), 850
    ),
    **dict.fromkeys((0x1F, 0x22, 0x23, 0x40, 0x64, 0x87), 852),
    **dict.fromkeys((0x03, 0x58, 0x59), 1252),
    **dict.fromkeys((0x08, 0x17, 0x66), 865),
    **dict.fromkeys((0x1C, 0x6C), 863),
    **dict.fromkeys((0x26, 0x65), 866),
    **dict.fromkeys((0x13, 0x7B), 932),
    **dict.fromkeys((0x4D, 0x7A), 936),
    **dict.fromkeys((0x4E, 0x79), 949),
    **dict.fromkeys((0x4F, 0x78), 950),
    **dict.fromkeys((0x50, 0x7C), 874),
    **dict.fromkeys((0x6A, 0x86), 737),
    **dict.fromkeys((0x6B, 0x88), 857),
    0x04: 10000, 0x24: 860, 0x67: 861, 0x7D: 1255, 0x7E: 1256, 0x96: 10007, 0x97: 10029,
    0x98: 10006, 0xC8: 1250, 0xC9: 1251, 0xCA: 1254, 0xCB: 1253, 0xCC: 1257,
}  # fmt: skip
"""Code pages by the language driver of a .dbf. 0x57, "ANSI", may be any of Windows."""


def named(name: str) -> str | None:
    """The label of an encoding that a person, a program or a .cpg names; None for none known."""
    plain = re.sub(r"[^A-Z0-9]", "", name.upper())
    if plain in _WORDS:
        return _WORDS[plain]
    if found := _ISO.fullmatch(plain):
        return _NUMBERS.get(28590 + int(found[1]))
    if found := _LANGUAGE.fullmatch(plain):
        return of_language(int(found[1]))
    if found := _NUMBERED.fullmatch(plain):
        return _NUMBERS.get(int(found[1]))
    return _LABELS.get(plain)


def of_language(driver: int) -> str | None:
    """The label of the encoding that a .dbf's language driver means; None for none known."""
    page = _LANGUAGES.get(driver)
    return None if page is None else _NUMBERS[page]


def declared_in(content: bytes) -> str:
    """What a .cpg says, as it is written: its first line, without a byte order mark; or blank."""
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content[:200].decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")
    lines = text.replace("\0", "").strip().splitlines()
    line = lines[0].strip("\"' \t") if lines else ""
    return "".join(c if c.isprintable() else "?" for c in line)[:40]


def decoded(value: bytes, label: str) -> str:
    """A text; U+FFFD for bytes without a meaning. A character that is cut off at the end is no
    part of it."""
    return codecs.getincrementaldecoder(CODECS[label])(errors="replace").decode(value)


_LABELS = {re.sub(r"[^A-Z0-9]", "", label.upper()): label for label in CODECS}
