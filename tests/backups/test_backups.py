"""What was backed up comes back, to the row and to the byte, or not at all."""

from __future__ import annotations

import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from analytics.rasters.store import open_store
from clcplus import environment as platform_environment
from clcplus.actions import unused_files
from clcplus.backups import backup, manifest, places, postgresql_tools, table_sums
from clcplus.backups.errors import (
    BackupError,
    FiguresDiffer,
    NoRoom,
    PlaceInUse,
    ToolFailed,
    UnusableBackup,
    WrongVersion,
)
from clcplus.backups.manifest import Manifest
from clcplus.models import EditionTile, Zone, ZoneStatistics
from ops.layout import ROOT
from tests.backups.conftest import Elsewhere, folder_variables
from tests.region import Region
from tests.workers import environment

pytestmark = pytest.mark.django_db

Whole = tuple[Path, Manifest]

ANSWERS = """
import json, django
django.setup()
from django.test import Client
client, found = Client(), {}
for address in ADDRESSES:
    answer = client.get(address, headers={"Host": "127.0.0.1"})
    found[address] = answer.status_code, b"".join(answer).decode("latin-1")
print(json.dumps(found))
"""


def quiet(_: str) -> None:
    """Progress that nobody looks at."""


def command(*words: str, variables: dict[str, str], prepare: Callable[[], None] | None = None):  # type: ignore[no-untyped-def]
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *words],
        cwd=ROOT,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=prepare,
    )


def rows_of(url: str) -> dict[str, list[bytes]]:
    """All rows of all tables, in an order of their own."""
    found = {}
    with psycopg.connect(url) as connection:
        for name in table_sums.tables(connection):
            with connection.cursor().copy(f'COPY "{name}" TO STDOUT') as copy:  # type: ignore[call-overload]
                found[name] = sorted(b"".join(map(bytes, copy)).splitlines())
    return found


def files_of(home: Path) -> dict[str, bytes]:
    return {
        str(one.relative_to(home)): one.read_bytes() for one in home.rglob("*") if one.is_file()
    }


def answers(variables: dict[str, str], addresses: list[str]) -> dict[str, list[object]]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"ADDRESSES = {addresses!r}\n{ANSWERS}"],
        env={
            **environment(),
            **variables,
            "DJANGO_SETTINGS_MODULE": "clcplus.settings",
            "ALLOWED_HOSTS": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[object]] = json.loads(done.stdout)
    return found


def altered(whole: Whole, folder: Path, **changed: object) -> Path:
    """A copy of a backup whose manifest says something else, with a checksum that fits."""
    source, made = whole
    shutil.copytree(source, folder)
    (folder / manifest.NAME).unlink()
    manifest.write(folder, made.model_copy(update=changed))
    return folder


def test_all_comes_back(home: Path, region: Region, elsewhere: Elsewhere, tmp_path: Path) -> None:
    here = folder_variables(home)
    there = {**folder_variables(elsewhere.home), "DATABASE_URL": elsewhere.url}
    target = tmp_path / "backup"
    with psycopg.connect(environment()["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO django_session VALUES ('a-key-that-signs-in', '', now()) "
            "ON CONFLICT DO NOTHING"
        )
    made = command("backup", str(target), variables=here)
    assert (made.returncode, made.stderr) == (0, ""), made.stderr
    assert "keep besides:" in made.stdout
    done = command("restore", str(target), "--into-empty", variables=there)
    assert done.returncode == 0, done.stderr
    before, after = rows_of(environment()["DATABASE_URL"]), rows_of(elsewhere.url)
    assert before.pop("django_session")
    assert after.pop("django_session") == []
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []
    assert len(before["clcplus_zonestatistics"]) > 30
    assert len(before["clcplus_zonechange"]) > 30
    assert files_of(elsewhere.home) == files_of(home)
    assert sum(name.startswith("store/") for name in files_of(home)) > 10
    addresses = [
        "/api/v1/editions/",
        "/api/v1/territories/?level=commune",
        *(f"/api/v1/territories/commune/{code}/statistics/" for code in region.zones),
        *(f"/api/v1/territories/commune/{code}/change/" for code in region.zones),
        "/api/v1/statistics/?level=commune&format=csv",
        "/api/v1/change/?level=commune&format=csv",
    ]
    told = answers(here, addresses)
    assert {status for status, _ in told.values()} == {200}
    found = answers(there, addresses)
    assert [one for one in told if told[one] != found[one]] == []
    # A role that reads alone may read here too.
    reader = elsewhere.url.replace("clcplus@", "clcplus_reader@")
    with psycopg.connect(reader) as connection:
        assert connection.execute("SELECT count(*) FROM clcplus_zonestatistics").fetchone() != (0,)
    assert oct(target.stat().st_mode & 0o777) == "0o700"
    assert {oct(one.stat().st_mode & 0o777) for one in target.rglob("*") if one.is_file()} == {
        "0o600"
    }


def test_a_backup_is_of_one_moment(
    home: Path, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows change while it is made, and files are to be removed."""
    statistics = ZoneStatistics.objects.order_by("edition_id", "zone_id").first()
    assert statistics is not None
    row = f"edition_id = {statistics.edition_id} AND zone_id = {statistics.zone_id}"
    removed: list[int] = []

    def change(by: int) -> None:
        with psycopg.connect(environment()["DATABASE_URL"]) as connection:
            connection.execute(
                f"UPDATE clcplus_zonestatistics SET cells[1] = cells[1] + {by} WHERE {row}"  # type: ignore[call-overload]
            )

    def meddle(step: str) -> None:
        if step == "checksums of the tables":
            change(7)
            removed.append(unused_files.remove())

    unused_files.note([EditionTile.objects.values_list("key", flat=True)[0]])
    monkeypatch.setattr(unused_files, "KEPT", unused_files.KEPT * 0)
    try:
        backup.make(tmp_path / "backup", tell=meddle)
    finally:
        change(-7)
    assert removed == [0]
    elsewhere.restore(tmp_path / "backup")
    found = elsewhere.rows(f"SELECT cells FROM clcplus_zonestatistics WHERE {row}")
    assert found == [(list(statistics.cells),)]
    with psycopg.connect(environment()["DATABASE_URL"]) as connection:
        now = connection.execute("SELECT count(*) FROM clcplus_zonestatistics").fetchone()
    assert now is not None
    assert now[0] > 30


@pytest.mark.parametrize("part", ["database.dump", "store", "checkpoints"])
@pytest.mark.parametrize("harm", ["flipped", "shorter", "missing", "link"])
def test_a_file_that_is_not_as_it_was_stops_all(
    whole: Whole, elsewhere: Elsewhere, tmp_path: Path, part: str, harm: str
) -> None:
    source = tmp_path / "copy"
    shutil.copytree(whole[0], source)
    file = next(source / one.path for one in whole[1].files if one.path.startswith(part))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    if harm == "flipped":
        file.write_bytes(content)
    elif harm == "shorter":
        file.write_bytes(content[:-1])
    elif harm == "link":
        file.symlink_to(whole[0] / file.relative_to(source))
    with pytest.raises(UnusableBackup, match=file.name):
        elsewhere.restore(source)
    assert elsewhere.untouched


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "{",
        "[]",
        "null",
        '{"sha256": "", "manifest": 3}',
        '{"sha256": "0", "manifest": "{}"}',
        "[" * 100_000,
    ],
)
def test_a_folder_without_a_whole_manifest_is_no_backup(
    whole: Whole, elsewhere: Elsewhere, tmp_path: Path, content: str | None
) -> None:
    source = tmp_path / "copy"
    shutil.copytree(whole[0], source)
    file = source / manifest.NAME
    file.unlink()
    if content is not None:
        file.write_text(content)
    with pytest.raises(UnusableBackup, match=r"manifest|checksum"):
        elsewhere.restore(source)
    assert elsewhere.untouched


def test_each_byte_of_the_manifest_counts(whole: Whole) -> None:
    content = (whole[0] / manifest.NAME).read_bytes()
    assert manifest.read(whole[0]) == whole[1]
    folder = whole[0].with_name("bent")
    folder.mkdir()
    for place in range(0, len(content), len(content) // 40):
        bent = bytearray(content)
        bent[place] ^= 1
        (folder / manifest.NAME).write_bytes(bent)
        with pytest.raises(UnusableBackup):
            manifest.read(folder)


@pytest.mark.parametrize(
    "path", ["../outside", "store/../../outside", "/etc/passwd", "elsewhere/x", "store//x", "."]
)
def test_no_manifest_leads_out_of_the_backup(
    whole: Whole, elsewhere: Elsewhere, tmp_path: Path, path: str
) -> None:
    stored = whole[1].files[0].model_copy(update={"path": path})
    source = altered(whole, tmp_path / "copy", files=[*whole[1].files, stored])
    with pytest.raises(UnusableBackup, match="a path inside the backup"):
        elsewhere.restore(source)
    assert elsewhere.untouched


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"server_major": 99}, "expected version 99 or newer"),
        ({"tool_major": 99}, "Install postgresql-client-99"),
        ({"migrations": ["clcplus.9999_later"]}, "clcplus.9999_later"),
    ],
)
def test_another_version_is_refused(
    whole: Whole, elsewhere: Elsewhere, tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    source = altered(whole, tmp_path / "copy", **changed)
    with pytest.raises(WrongVersion, match=words):
        elsewhere.restore(source)
    assert elsewhere.untouched


def test_a_tool_of_the_servers_version_is_wanted() -> None:
    with pytest.raises(WrongVersion, match="pg_dump: found version"):
        postgresql_tools.find("pg_dump", at_least=99)
    with pytest.raises(WrongVersion, match="found no such program"):
        postgresql_tools.find("pg_nothing", at_least=1)


def test_figures_that_differ_are_named(whole: Whole, elsewhere: Elsewhere, tmp_path: Path) -> None:
    tables = dict(whole[1].tables)
    tables["clcplus_zonechange"] = tables["clcplus_zonestatistics"]
    tables["clcplus_zoneseries"] = tables["clcplus_zoneseries"].model_copy(
        update={"checksum": "0" * 64}
    )
    source = altered(whole, tmp_path / "copy", tables=tables)
    with pytest.raises(FiguresDiffer, match=r"clcplus_zonechange .*clcplus_zoneseries .other"):
        elsewhere.restore(source)


@pytest.mark.parametrize("change", ["UPDATE", "DELETE", "INSERT"])
def test_each_change_of_a_figure_changes_the_checksum(
    whole: Whole, elsewhere: Elsewhere, change: str
) -> None:
    elsewhere.restore(whole[0])
    statement = {
        "UPDATE": "UPDATE clcplus_zonestatistics SET cells[1] = cells[1] + 1 WHERE ctid ="
        " (SELECT max(ctid) FROM clcplus_zonestatistics)",
        "DELETE": "DELETE FROM clcplus_zonechange WHERE ctid ="
        " (SELECT max(ctid) FROM clcplus_zonechange)",
        "INSERT": "INSERT INTO clcplus_unittally (kind, outcome, units, seconds)"
        " VALUES ('x', 'done', 1, 0)",
    }[change]
    elsewhere.do(statement)
    with elsewhere.entered(), postgresql_tools.connected() as connection:
        differ = table_sums.differences(table_sums.sums(connection), whole[1].tables)
    (name,) = {"UPDATE": ["statistics"], "DELETE": ["change"], "INSERT": ["tally"]}[change]
    assert len(differ) == 1
    assert name in differ[0]


@pytest.mark.parametrize("place", ["database", "store", "imagery"])
def test_only_an_empty_place_is_restored_into(
    whole: Whole, elsewhere: Elsewhere, place: str
) -> None:
    if place == "database":
        elsewhere.do("CREATE TABLE somebodys (figure int)")
    else:
        (elsewhere.home / place).mkdir()
        (elsewhere.home / place / "somebodys").touch()
    with pytest.raises(PlaceInUse, match=place):
        elsewhere.restore(whole[0])
    with elsewhere.entered(), pytest.raises(CommandError) as refused:
        call_command("restore", str(whole[0]), "--into-empty")
    assert (refused.value.returncode, str(refused.value).count("\n")) == (1, 0)
    assert elsewhere.tables == (place == "database")
    assert len(files_of(elsewhere.home)) == (place != "database")


def test_a_database_that_cannot_be_restored_leaves_no_files(
    whole: Whole, elsewhere: Elsewhere
) -> None:
    elsewhere.do("CREATE TYPE clcplus_zone AS (figure int)")
    with pytest.raises(ToolFailed, match="pg_restore"):
        elsewhere.restore(whole[0])
    assert elsewhere.untouched


def test_a_restore_wants_its_word(whole: Whole, elsewhere: Elsewhere) -> None:
    with elsewhere.entered(), pytest.raises(CommandError, match="--into-empty") as refused:
        call_command("restore", str(whole[0]))
    assert refused.value.returncode == 2
    assert elsewhere.untouched


@pytest.mark.parametrize("kilobytes", [20, 3_000])
def test_a_full_disk_leaves_nothing(home: Path, tmp_path: Path, kilobytes: int) -> None:
    """First the dump does not fit, then a file beside it."""
    large = home / "inbox" / "large.tif"
    large.write_bytes(os.urandom(6_000_000))
    target = tmp_path / "backup"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1000, kilobytes * 1000))

    try:
        done = command("backup", str(target), variables=folder_variables(home), prepare=limit)
    finally:
        large.unlink()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "found" in done.stderr
    assert not target.exists()


def test_a_killed_backup_is_never_taken_for_a_whole_one(
    home: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    large = home / "inbox" / "large.tif"
    with large.open("wb") as file:
        file.truncate(400_000_000)
    target = tmp_path / "backup"
    target.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "backup", str(target)],
        cwd=ROOT,
        env={**environment(), **folder_variables(home)},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (target / "inbox" / "large.tif").exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        large.unlink()
    assert (target / "database.dump").stat().st_size > 10_000
    with pytest.raises(UnusableBackup, match="interrupted"):
        elsewhere.restore(target)
    with pytest.raises(PlaceInUse, match="target"):
        backup.make(target, tell=quiet)
    assert elsewhere.untouched


def test_secrets_are_kept_only_where_it_is_asked(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "key"
    secret.write_text("the-key-that-signs")
    monkeypatch.setenv("SECRET_KEY_FILE", str(secret))
    monkeypatch.setattr(places, "variables", platform_environment.read())
    for words, kept in (((), False), (("--with-secrets",), True)):
        target, told = tmp_path / f"backup-{kept}", io.StringIO()
        call_command("backup", str(target), *words, stdout=told)
        found = [one for one in files_of(target).values() if b"the-key-that-signs" in one]
        assert len(found) == kept
        assert ("SECRET_KEY_FILE" in told.getvalue()) is not kept
    assert manifest.read(tmp_path / "backup-True").files[-1].path == "secrets/SECRET_KEY_FILE"


def test_what_cannot_be_backed_up_whole_is_refused(home: Path, tmp_path: Path) -> None:
    def refused(error: type[BackupError], words: str, **options: object) -> None:
        target = tmp_path / "backup"
        with pytest.raises(error, match=words):
            backup.make(target, tell=quiet, **options)  # type: ignore[arg-type]
        assert not target.exists()

    key = EditionTile.objects.values_list("key", flat=True)[0]
    tile = home / "store" / key
    tile.rename(tile.with_suffix(".away"))
    try:
        refused(UnusableBackup, key)
    finally:
        tile.with_suffix(".away").rename(tile)
    link = home / "inbox" / "link"
    link.symlink_to(tmp_path)
    try:
        refused(BackupError, "a symbolic link to a folder")
    finally:
        link.unlink()
    odd = os.fsencode(home / "inbox") + b"/\xff.tif"
    Path(os.fsdecode(odd)).touch()
    try:
        refused(BackupError, "a name that leads elsewhere, or is no text")
    finally:
        os.unlink(odd)
    with pytest.raises(PlaceInUse, match="inside of the inbox"):
        backup.make(home / "inbox" / "backup", tell=quiet)
    with pytest.raises(NoRoom, match=r"Not a directory|File exists"):
        backup.make(Path(__file__) / "backup", tell=quiet)


def test_two_backups_at_once_do_not_meet(home: Path, tmp_path: Path) -> None:
    met: list[str] = []

    def second(_: str) -> None:
        if not met:
            met.append("")
            with pytest.raises(BackupError, match="another one under way"):
                backup.make(tmp_path / "second", tell=quiet)

    backup.make(tmp_path / "first", leave_out=("store",), tell=second)
    assert met
    assert not (tmp_path / "second").exists()


def test_a_part_that_is_left_out_has_to_be_there_already(
    home: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    backup.make(tmp_path / "backup", leave_out=("store", "inbox"), tell=quiet)
    assert not (tmp_path / "backup" / "store").exists()
    shutil.copytree(home / "store", elsewhere.home / "store")
    gone = next((elsewhere.home / "store").rglob("*.tif"))
    gone.unlink()
    with pytest.raises(UnusableBackup, match="files missing"):
        elsewhere.restore(tmp_path / "backup")


def test_a_bucket_comes_back_as_a_bucket(
    home: Path, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    open_store.cache_clear()
    try:
        first, second = (open_store(f"s3://rasters/{name}") for name in ("first", "second"))
        first.client.create_bucket(Bucket="rasters")  # type: ignore[attr-defined]
        local = files_of(home / "store")
        for key in local:
            first.add(home / "store" / key, key)
        with override_settings(RASTER_STORE="s3://rasters/first"):
            backup.make(tmp_path / "backup", tell=quiet)
        elsewhere.restore(tmp_path / "backup", RASTER_STORE="s3://rasters/second")
        assert {key: second.read(key) for key in second.keys()} == local  # noqa: SIM118
        second.delete(next(iter(local)))
        with pytest.raises(PlaceInUse):
            elsewhere.restore(tmp_path / "backup", RASTER_STORE="s3://rasters/second")
    finally:
        server.stop()
        open_store.cache_clear()


def test_the_region_is_whole(home: Path) -> None:
    """What the tests above have done to the platform is undone."""
    assert ZoneStatistics.objects.count() > 30
    assert Zone.objects.count() > 10
