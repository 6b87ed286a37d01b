"""The audit log: who did what is noted, the chain holds, and each change of it is found."""

from __future__ import annotations

import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections

from clcplus.actions import api_tokens, audit, job_control
from clcplus.actions.editions import publication
from clcplus.jobs import runs
from clcplus.models import AuditEntry, Run
from tests.world import World, world

__all__ = ["world"]
pytestmark = pytest.mark.django_db

Event, Subject = AuditEntry.Event, AuditEntry.Subject


def add(number: int, **details: Any) -> AuditEntry:
    return audit.record(
        Event.SHARED, subject=Subject.ZONE_SET, key=number, name="Łąka „7”", by="anne", **details
    )


def command(*arguments: str) -> str:
    output = io.StringIO()
    call_command("audit_log", *arguments, stdout=output)
    return output.getvalue()


def test_a_chain_holds_and_is_exported(tmp_path: Path) -> None:
    assert command() == "0 entries hold; the last digest is none\n"
    entries = [add(n, cells=n, whole=True, note=None) for n in range(3)]
    assert [one.previous for one in entries[1:]] == [one.digest for one in entries[:-1]]
    path = tmp_path / "log.jsonl"
    assert command("--output", str(path)) == (
        f"3 entries hold; the last digest is {entries[-1].digest}\n"
    )
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["key"] for row in rows] == ["0", "1", "2"]
    assert rows[0]["previous"] == ""
    assert rows[2]["details"] == {"cells": 2, "whole": True, "note": None}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE clcplus_auditentry SET account = 'bob' WHERE key = '1'",
        "UPDATE clcplus_auditentry SET at = at + interval '1 second' WHERE key = '1'",
        "UPDATE clcplus_auditentry SET details = '{}' WHERE key = '1'",
        "UPDATE clcplus_auditentry SET event = 'deleted' WHERE key = '1'",
        "DELETE FROM clcplus_auditentry WHERE key = '0'",
    ],
)
def test_a_change_is_found_at_its_place(change: str) -> None:
    entries = [add(n, cells=n) for n in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert audit.verify().broken == entries[1].pk
    with pytest.raises(CommandError, match=f"entry {entries[1].pk}: .*expected the one that was"):
        command()


def test_a_cut_end_is_found_by_a_digest_that_was_kept(tmp_path: Path) -> None:
    entries = [add(n) for n in range(3)]
    head = entries[-1].digest
    assert command("--head", head).startswith("3 entries")
    AuditEntry.objects.filter(key="2").delete()
    assert command("--head", entries[1].digest).startswith("2 entries")
    output = tmp_path / "log.jsonl"
    with pytest.raises(CommandError, match="entries were removed"):
        command("--head", head, "--output", str(output))
    assert not output.exists()


def test_an_account_that_is_removed_breaks_nothing(world: World) -> None:
    user = User.objects.create_user("carla")
    publication.withdraw_edition(slug="clcplus-2021", by=user)
    user.delete()
    entry = AuditEntry.objects.get()
    assert (entry.by_id, entry.account, entry.event, entry.key) == (
        None,
        "carla",
        "withdrawn",
        "clcplus-2021",
    )
    assert audit.verify().broken is None


@pytest.mark.usefixtures("quiet_broker")
def test_who_steers_a_job_and_makes_a_token_is_noted() -> None:
    user = User.objects.create_user("carla")
    run = runs.start(Run(kind=Run.Kind.REGISTER, parameters={}))
    job_control.cancel(run, by=user)
    job_control.resume(run, by=user)
    token, key = api_tokens.create(account=user, name="notebook", by="manage.py")
    api_tokens.revoke(token=token, by="manage.py")
    found = list(AuditEntry.objects.order_by("id").values_list("event", "subject", "account"))
    assert found == [
        ("cancelled", "run", "carla"),
        ("resumed", "run", "carla"),
        ("created", "token", "manage.py"),
        ("revoked", "token", "manage.py"),
    ]
    assert key not in "".join(audit.lines())
    assert audit.verify().broken is None


@pytest.mark.django_db(transaction=True)
def test_entries_that_come_at_once_form_one_chain() -> None:
    together = threading.Barrier(6)

    def work(number: int) -> None:
        try:
            together.wait()
            for n in range(5):
                add(10 * number + n)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain = audit.verify()
    assert (chain.entries, chain.broken) == (30, None)
