"""`manage.py create_channel CODE`: a sales channel and a key for it, alone on the last line."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.kernel import channels, errors, keys, scopes
from config.kernel.models import Channel
from config.kernel.scopes import Scope


class Command(BaseCommand):
    help = (
        "Make a sales channel if there is none of that code, and a new API key for it in any case. "
        "The key stands alone on the last line and is never shown again; earlier keys keep working."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="capital letters, digits, - and _")
        parser.add_argument("--name", default="", help="what staff read; the code if not given")
        parser.add_argument(
            "--currency", action="append", default=[], metavar="ISO", help="may be given repeatedly"
        )
        parser.add_argument("--entity", default="", help="code of the legal entity")
        parser.add_argument("--kind", default=Channel.Kind.API, choices=Channel.Kind.values)
        parser.add_argument("--key-name", default="made at the command line")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=[*Scope.values, "all"],
            help=f"what the key may do, repeatedly; if not given: {', '.join(scopes.USUAL)}",
        )
        parser.add_argument(
            "--warehouse",
            action="append",
            default=[],
            metavar="CODE",
            help="limits the stock scopes, repeatedly; all if not given",
        )

    def handle(self, *, code: str, key_name: str, **options: Any) -> None:
        try:
            channel, made = channels.ensure(
                code=code,
                name=options["name"],
                currencies=options["currency"],
                entity=options["entity"],
                kind=options["kind"],
            )
        except ValidationError as error:
            raise CommandError(f"{code}: {' '.join(error.messages)}") from error
        except errors.DomainError as error:
            raise CommandError(error.detail) from error
        self.stderr.write(f"{channel.code}: {'made' if made else 'was there, left as it is'}")
        asked = options["scope"] or scopes.USUAL
        _, key = keys.create(
            channel=channel,
            name=key_name,
            scopes=Scope.values if "all" in asked else asked,
            warehouses=options["warehouse"],
        )
        self.stdout.write(key)
