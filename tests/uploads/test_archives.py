"""ZIP archives: odd names, lies about sizes, bombs, and what stands in them by mistake."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from analytics.uploads.errors import HostileArchive, LimitMet
from analytics.uploads.limits import Limits
from analytics.uploads.records import Question
from tests.uploads import files
from tests.uploads.upload_results import features, refusal, refused, upload


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    """The members of a zipped Shapefile by their endings."""
    with zipfile.ZipFile(io.BytesIO(files.shapefile(tmp_path / "made"))) as archive:
        return {name[-4:].lower(): archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes], inside: str) -> bytes:
    return files.zipped({inside + ending: content for ending, content in parts.items()})


@pytest.mark.parametrize(
    "name",
    [
        "../a.shp", "a/../../b.shp", "..\\a.shp", "a\\..\\..\\b.shp", "/a.shp", "\\\\host\\a.shp",
        "C:/a.shp", "C:a.shp", "//a.shp", "/vsicurl/http://127.0.0.1/a.shp", "http://host/a.shp",
        "..", "zones/..\0.shp",
    ],
)  # fmt: skip
def test_names_that_leave_the_archive(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, _raw({name: b"x"}))
    assert error.code == "archive-path"
    assert isinstance(error, HostileArchive)


@pytest.mark.parametrize("name", ["a b/ż ó/zones", "./zones", "...zones", "-rf", "%2e%2e/zones"])
def test_odd_names_that_stay_inside(tmp_path: Path, parts: dict[str, bytes], name: str) -> None:
    assert [zone.code for zone in features(upload(tmp_path, packed(parts, name)))] == ["A1"]


def test_a_name_that_is_cut_by_a_zero(tmp_path: Path, parts: dict[str, bytes]) -> None:
    """What lies behind a zero is not part of the name, so that this is no Shapefile."""
    content = _raw({f"zones{ending}\0.txt": part for ending, part in parts.items()})
    assert len(features(upload(tmp_path, content))) == 1
    hidden = _raw({f"zones.txt\0{ending}": part for ending, part in parts.items()})
    assert refused(tmp_path, hidden) == "archive-duplicate"


def test_what_systems_add_is_passed_over(tmp_path: Path, parts: dict[str, bytes]) -> None:
    content = files.zipped(
        {f"zones{ending}": part for ending, part in parts.items()}
        | {"__MACOSX/._zones.shp": b"x", ".DS_Store": b"x", "._zones.shp": b"x", "readme.txt": b"x"}
    )
    read = upload(tmp_path, content)
    assert [layer.name for layer in read.reading.layers] == ["zones"]


def test_two_shapefiles_are_asked_for(tmp_path: Path, parts: dict[str, bytes]) -> None:
    content = files.zipped(
        {
            f"{folder}/zones{ending}": part
            for folder in ("north", "south")
            for ending, part in parts.items()
        }
    )
    asked = upload(tmp_path, content).reading
    assert asked.question == Question.LAYER
    assert [layer.name for layer in asked.layers] == ["north/zones", "south/zones"]


def test_a_member_that_says_less_than_it_holds(tmp_path: Path) -> None:
    """Sizes in the archive are what its maker wrote: unpacking counts what really comes."""
    for declared in (10, 0, 2**31):
        lying = _lying(files.zipped({"a.shp": bytes(3_000_000)}), size=declared)
        assert refused(tmp_path, lying) in {"broken-archive", "compression-ratio"}
    with zipfile.ZipFile(io.BytesIO(_lying(files.zipped({"a.shp": b"abc"}), size=77))) as archive:
        assert archive.infolist()[0].file_size == 77


def test_a_bomb_of_many_small_charges(tmp_path: Path) -> None:
    """Each member below the ratio, all together more than may be unpacked."""
    charge = random.Random(1).randbytes(10_000) * 100
    bomb = files.zipped({f"{n}/a.shp": charge for n in range(50)})
    assert len(bomb) < 1_000_000
    error = refusal(tmp_path, bomb, limits=Limits(unpacked_bytes=20_000_000))
    assert (error.code, type(error)) == ("unpacked-size", LimitMet)
    assert error.found == "an archive that unpacks to more than 20 MB"


def test_members_that_lie_on_each_other(tmp_path: Path) -> None:
    """One compressed body named many times, as bombs without archives in archives are made."""
    single = files.zipped({"000.shp": bytes(range(256)) * 3_000})
    entry = single.index(b"PK\1\2")
    end = single.index(b"PK\5\6")
    directory = b"".join(
        single[entry:end].replace(b"000.shp", b"%03d.shp" % number) for number in range(150)
    )
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 150, 150, len(directory), entry, 0)
    bomb = single[:entry] + directory + tail
    code = refused(tmp_path, bomb, limits=Limits(unpacked_bytes=20_000_000))
    assert code in {"broken-archive", "unpacked-size"}


def test_an_archive_that_breaks_off(tmp_path: Path, parts: dict[str, bytes]) -> None:
    whole = packed(parts, "zones")
    for length in (30, len(whole) // 2, len(whole) - 5):
        assert refused(tmp_path, whole[:length]) == "broken-archive"


def test_other_ways_to_pack(tmp_path: Path, parts: dict[str, bytes]) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", method) as archive:
            for ending, part in parts.items():
                archive.writestr(f"zones{ending}", part)
        assert len(features(upload(tmp_path, target.getvalue()))) == 1
    unusual = bytearray(packed(parts, "zones"))
    for at in (unusual.index(b"PK\1\2") + 10, unusual.index(b"PK\3\4") + 8):
        unusual[at : at + 2] = struct.pack("<H", 97)
    assert refused(tmp_path, bytes(unusual)) == "archive-method"


@pytest.mark.parametrize("content", [b"", b"<OGRVRTDataSource/>", b"SQLite format 3\0", b"{}"])
def test_a_shp_that_is_none(tmp_path: Path, parts: dict[str, bytes], content: bytes) -> None:
    assert refused(tmp_path, packed(parts | {".shp": content}, "a")) == "unreadable-layer"


def _raw(members: dict[str, bytes]) -> bytes:
    """An archive with names as they are, which zipfile would cut or turn."""
    placeholders = {
        f"{n:02}".ljust(len(name.encode()), "_"): name for n, name in enumerate(members)
    }
    content = files.zipped(dict(zip(placeholders, members.values(), strict=True)))
    for placeholder, name in placeholders.items():
        content = content.replace(placeholder.encode(), name.encode())
    return content


def _lying(content: bytes, *, size: int) -> bytes:
    """The archive, whose first member is said to have another size unpacked."""
    changed = bytearray(content)
    local, central = changed.index(b"PK\3\4"), changed.index(b"PK\1\2")
    struct.pack_into("<I", changed, local + 22, size)
    struct.pack_into("<I", changed, central + 24, size)
    return bytes(changed)
