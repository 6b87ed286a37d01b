"""api_token: tokens of accounts, made, listed and revoked."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clcplus.actions import api_tokens
from clcplus.management.terminal import account_named
from clcplus.models import ApiToken
from clcplus.models.api_token import Scope

_BY = "manage.py"


class Command(BaseCommand):
    help = "Make, list and revoke tokens of the API."

    def add_arguments(self, parser: CommandParser) -> None:
        doing = parser.add_subparsers(dest="doing", required=True)
        create = doing.add_parser("create", help="make one and print its key, this once")
        create.add_argument("account", help="name of the account whose rights it has")
        create.add_argument("--name", required=True, help="what uses it")
        create.add_argument("--days", type=int, default=api_tokens.DAYS, help="until it expires")
        create.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            default=[],
            help="what it is for (default: read, which every token does); may be repeated",
        )
        listing = doing.add_parser("list", help="all tokens, or those of an account")
        listing.add_argument("account", nargs="?")
        revoke = doing.add_parser("revoke", help="let one open nothing any more")
        revoke.add_argument("number", type=int, help="its number in the list")

    def handle(self, *, doing: str, **options: Any) -> None:
        {"create": self._create, "list": self._list, "revoke": self._revoke}[doing](options)

    def _create(self, options: dict[str, Any]) -> None:
        if not 1 <= options["days"] <= api_tokens.MOST_DAYS:
            raise CommandError(
                f"--days: found {options['days']}; expected 1 to {api_tokens.MOST_DAYS}"
            )
        account = account_named(options["account"], expected="its name")
        token, key = api_tokens.create(
            account=account,
            name=options["name"][:80],
            scopes=options["scope"],
            days=options["days"],
            by=_BY,
        )
        self.stderr.write(
            f"token {token.pk} of {account}, for {', '.join(token.scopes)},"
            f" until {token.expires_at:%Y-%m-%d}"
        )
        self.stdout.write(key)

    def _list(self, options: dict[str, Any]) -> None:
        tokens = ApiToken.objects.select_related("account")
        if options["account"]:
            tokens = tokens.filter(account=account_named(options["account"], expected="its name"))
        for token in tokens:
            self.stdout.write(
                f"{token.pk}\t{token.account}\t{token.beginning}…\t{token.state}"
                f"\tuntil {token.expires_at:%Y-%m-%d}\tused {token.used_on or 'never'}"
                f"\tfor {', '.join(token.scopes)}\t{token.name}"
            )

    def _revoke(self, options: dict[str, Any]) -> None:
        token = ApiToken.objects.filter(pk=options["number"]).first()
        if token is None:
            raise CommandError(
                f"token {options['number']}: found none; expected a number of the list"
            )
        api_tokens.revoke(token=token, by=_BY)
        self.stdout.write(f"{token}: revoked")
