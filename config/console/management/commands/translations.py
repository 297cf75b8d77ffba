"""`manage.py translations`: brings the catalogues up to date and tells what they lack."""

import sys
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.console import translations
from config.local import catalogues

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Collect what the product says into locale/*/LC_MESSAGES/django.po and compile it; "
        "exit 1 when a language lacks something."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing, only tell")
        parser.add_argument("--all", action="store_true", help="tell everything that is missing")

    def handle(self, *, check: bool, all: bool, **_options: Any) -> None:  # noqa: A002
        root = settings.BASE_DIR
        said = translations.collect(root)
        complete = True
        for language in translations.languages():
            if check:
                catalogue = translations.read(translations.place(root, language), language)
            else:
                catalogue = translations.update(root, language, said)
            complete &= self._tell(language, catalogue, said, most=None if all else SHOWN)
        if not check:
            catalogues.compile_stale(root)
        if not complete:
            sys.exit(1)

    def _tell(self, language: str, catalogue: Catalog, said: Catalog, *, most: int | None) -> bool:
        found = translations.gaps(catalogue, said)
        counts = ", ".join(f"{len(lines)} {kind}" for kind, lines in found.items())
        self.stdout.write(f"{language}: {len(said)} sentences; {counts}")
        for kind, lines in found.items():
            for line in lines[:most]:
                self.stdout.write(f"  {kind}: {line}")
            if len(lines) > len(lines[:most]):
                self.stdout.write(f"  {kind}: … and {len(lines) - len(lines[:most])} more (--all)")
        return not any(found.values())
