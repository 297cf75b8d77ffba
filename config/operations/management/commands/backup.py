"""`manage.py backup`: one file with database, files and secrets."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.kernel import words
from config.kernel.errors import DomainError
from config.operations.backups import making
from config.operations.models import Backup


class Command(BaseCommand):
    help = (
        "Write database, files and secrets into one file in KAPELL_BACKUPS that only its owner "
        "reads. Everything goes on meanwhile. Whoever has the file has the data: keep it safe."
    )

    def handle(self, **_options: Any) -> None:
        try:
            made = making.make(kind=Backup.Kind.BY_HAND)
        except DomainError as error:
            raise CommandError(f"kapell: {error.detail}") from error
        took = (made.ended_at - made.began_at).total_seconds()
        self.stdout.write(f"kapell: {made.path}  ({words.size(made.size)} in {took:.1f} s)")
