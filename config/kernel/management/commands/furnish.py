"""`manage.py furnish`: brings a system up to date; run at every start and after every upgrade."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from config.kernel import commands, installation, roles
from config.kernel.models import Channel, LegalEntity, User
from config.local import catalogues, home

ADMINISTRATOR = "admin"
TRIES = 60


class Command(BaseCommand):
    help = "Compile translations, migrate, write roles and permissions, collect static files."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--administrator",
            action="store_true",
            help="make the user admin if nobody can sign in; the password lies in KAPELL_HOME",
        )
        parser.add_argument(
            "--demo", action="store_true", help="fill the demo company if there is no channel yet"
        )

    def handle(self, *, administrator: bool, demo: bool, **_options: Any) -> None:
        with self._step("translations"):
            catalogues.compile_stale(settings.BASE_DIR)
        with self._step("database schema"):
            if _migrations_are_due():
                self._migrate()
            installation.settle()
        with self._step("roles"):
            roles.sync()
        if administrator:
            with self._step("administrator"):
                _ensure_administrator()
        if demo and "demo" in get_commands() and _is_untouched():
            with self._step("demo company"):
                self.stdout.write("")
                call_command("demo", stdout=self.stdout)
        with self._step("static files"):
            call_command("collectstatic", interactive=False, verbosity=0)

    def _migrate(self) -> None:
        """Change the schema without holding the shop up.

        A change that waits for a table keeps everybody behind it waiting as well, so it gives up
        after two seconds and tries again; what was migrated until then stays.
        """
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        for attempt in range(TRIES):
            try:
                call_command("migrate", interactive=False, verbosity=0)
            except OperationalError as error:
                if commands.sqlstate(error) != commands.LOCK_TIMEOUT or attempt == TRIES - 1:
                    raise
                self.stdout.write(" a table is in use, trying again …", ending="")
                self.stdout.flush()
                time.sleep(min(1 + attempt, 5))
            else:
                return

    @contextlib.contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.stdout.write(f"kapell: {name} …", ending="")
        self.stdout.flush()
        try:
            yield
        except BaseException:
            self.stdout.write("")
            raise
        self.stdout.write(f" {time.monotonic() - started:.1f} s")


def _is_untouched() -> bool:
    """No company has begun here, neither by a sales channel nor by `manage.py reset`."""
    return not (Channel.objects.exists() or LegalEntity.objects.exists())


def _migrations_are_due() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _ensure_administrator() -> None:
    """Somebody can sign in; what `make up` shows is kept in a file only its owner reads."""
    user = User.objects.filter(username=ADMINISTRATOR).first()
    password = home.secret("admin_password", settings.KAPELL_HOME, length=12)
    if user is None and not User.objects.filter(is_superuser=True).exists():
        user = User.objects.create_superuser(ADMINISTRATOR, "", password)
    known = user is not None and user.check_password(password)
    shown = f"{ADMINISTRATOR}  {password}" if known else "as you set it"
    place = settings.KAPELL_HOME / "secrets/staff_login"
    place.touch(mode=0o600)
    place.write_text(shown + "\n")
