"""What is missing is found out first; who may not install it is told once what to run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ops import postgresql, system_packages
from ops.problems import Problem
from ops.system_packages import Need

MISSING = Need("Redis", lambda: "redis-server", lambda: False)
PRESENT = Need("nothing", lambda: pytest.fail("was asked for its package"), lambda: True)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of its own, with an apt-get that must not be called."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program(folder, "apt-get", "echo called >&2; exit 99")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return folder


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_nothing_is_done_where_nothing_is_missing(programs: Path) -> None:
    system_packages.ensure([PRESENT])


def test_one_message_names_the_command_and_the_containers(programs: Path) -> None:
    with pytest.raises(Problem) as raised:
        system_packages.ensure([MISSING, PRESENT])
    message = str(raised.value)
    assert "    apt-get install --no-install-recommends redis-server\n" in message
    assert "docker compose up" in message


def test_sudo_that_asks_is_not_used_without_a_terminal(programs: Path) -> None:
    program(programs, "sudo", "exit 1")
    with pytest.raises(Problem, match="may not install"):
        system_packages.ensure([MISSING])


def test_another_distribution_is_told_what_is_missing(programs: Path) -> None:
    (programs / "apt-get").unlink()
    with pytest.raises(Problem, match=r"missing: Redis; this is not a Debian or Ubuntu.*docker"):
        system_packages.ensure([MISSING])


@pytest.mark.parametrize(
    ("offered", "installed", "expected"),
    [
        (["postgresql-15-postgis-3"], [], "postgresql-15-postgis-3"),
        (["postgresql-16-postgis-3"], [], "postgresql-16-postgis-3"),
        (["postgresql-16-postgis-3", "postgresql-18-postgis-3"], [16], "postgresql-16-postgis-3"),
        (["postgresql-9-postgis-3", "postgresql-17-postgis-3"], [], "postgresql-17-postgis-3"),
        (
            ["postgresql-15-postgis-3", "postgresql-15-postgis-3-scripts"],
            [14],
            "postgresql-15-postgis-3",
        ),
    ],
)
def test_package_of_postgis_fits_the_postgresql_that_is_there(
    offered: list[str], installed: list[int], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [postgresql.Installation(major, Path("/"), None) for major in installed]
    monkeypatch.setattr(postgresql, "installations", lambda: found)
    assert system_packages.postgis_package(offered) == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (("debian", "12"), "postgresql-15-postgis-3"),
        (("ubuntu", "24.04"), "postgresql-16-postgis-3"),
    ],
)
def test_a_machine_without_lists_of_packages_is_known_by_its_release(
    release: tuple[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "installations", list)
    monkeypatch.setattr(system_packages, "_release", lambda: release)
    assert system_packages.postgis_package([]) == expected


def test_a_distribution_that_is_too_old_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "installations", list)
    with pytest.raises(Problem, match="no PostgreSQL >= 15 with PostGIS"):
        system_packages.postgis_package(["postgresql-14-postgis-3"])


def test_installations_are_read_from_the_files_of_the_packages(tmp_path: Path) -> None:
    for major, postgis in ((14, "3.2.0"), (15, None), (16, "3.4.2")):
        programs = tmp_path / f"usr/lib/postgresql/{major}/bin"
        programs.mkdir(parents=True)
        program(programs, "postgres", "")
        if postgis:
            control = tmp_path / f"usr/share/postgresql/{major}/extension/postgis.control"
            control.parent.mkdir(parents=True)
            control.write_text(f"comment = 'geometry'\ndefault_version = '{postgis}'\n")
    (tmp_path / "usr/lib/postgresql/17/bin").mkdir(parents=True)  # only its client
    found = postgresql.installations(tmp_path)
    assert [(one.major, one.postgis, one.complete) for one in found] == [
        (16, (3, 4), True),
        (15, None, False),
        (14, (3, 2), False),
    ]


def test_a_browser_that_does_not_start_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ubuntu's chromium-browser only says that a snap is needed."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "chromium-browser", "exit 1")
    assert system_packages.browser() is None
    program(tmp_path, "google-chrome", "exit 0")
    assert system_packages.browser() == str(tmp_path / "google-chrome")


@pytest.mark.parametrize("signalled", [False, True])
def test_services_of_the_packages_are_held_back_only_meanwhile(
    tmp_path: Path, signalled: bool
) -> None:
    """The installer's own policy-rc.d stands while apt-get runs and goes with it."""
    policy = tmp_path / "policy-rc.d"
    kill = "kill -TERM $PPID; " if signalled else ""
    program(tmp_path, "apt-get", f"{policy}; echo said $? >> {tmp_path}/calls; {kill}exit 0")
    installer = system_packages.INSTALLER.read_text()
    copy = tmp_path / "install.sh"
    copy.write_text(installer.replace("/usr/sbin/policy-rc.d", str(policy)))
    done = subprocess.run(
        ["sh", str(copy), "redis-server"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
    )
    assert (tmp_path / "calls").read_text() == "said 101\n"
    assert done.returncode == (143 if signalled else 0)
    assert not policy.exists()


def test_a_policy_of_the_machine_stays_as_it_is(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    program(tmp_path, "policy-rc.d", "exit 104")
    program(tmp_path, "apt-get", "exit 0")
    copy = tmp_path / "install.sh"
    installer = system_packages.INSTALLER.read_text()
    copy.write_text(installer.replace("/usr/sbin/policy-rc.d", str(policy)))
    subprocess.run(["sh", str(copy), "x"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=True)
    assert "exit 104" in policy.read_text()
