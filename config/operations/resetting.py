"""Leaves what is there behind: an empty company with its administrators, after a backup."""

import contextlib
import shutil
from collections.abc import Iterable, Sequence

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu.exceptions import OperationalError as QueueGone

from config.kernel import channels, commands, errors, installation, roles
from config.kernel.models import Installation, LegalEntity, User
from config.operations.backups import making
from config.operations.models import Backup
from config.operations.restores import target

# Who may sign in, what they may do, and the record of backups stay.
KEPT = frozenset(
    {
        "django_migrations", "django_content_type", "auth_permission", "auth_group",
        "auth_group_permissions", "kernel_user", "kernel_user_groups",
        "kernel_user_user_permissions", "kernel_installation", "operations_backup",
        "operations_pulse",
    }
)  # fmt: skip
KEPT_BY_NAME = ("people_",)  # second factors, rules of signing in
DEMO_KEY = "demo_channel_key"

TABLES = """
SELECT relname FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
NUMBERS = """
SELECT quote_ident(c.relname) FROM pg_class c
WHERE c.relkind = 'S' AND c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
"""


class NotTheDemo(errors.DomainError):
    """What is here is no demo company."""

    code = "not_the_demo"
    title = "This is not the demo company."


def reset(*, company: str, currency: str, country: str, although_real: bool = False) -> Backup:
    """Empty the system but for its administrators and name the new company; return the backup made.

    Numbers begin anew. Refuses while web or worker run, and for what is not the demo company unless
    that is meant. Raises `target.StillRunning`, `NotTheDemo`, `making.BackupFailed`.
    """
    if not (installation.read().is_demo or although_real):
        raise NotTheDemo(
            "This is not the demo company; to empty it all the same say --although-real."
        )
    target.require_stopped()
    backup = making.make(kind=Backup.Kind.BEFORE_RESET)
    _empty(company=company, currency=currency, country=country)
    for folder in making.folders().values():
        shutil.rmtree(folder, ignore_errors=True)
    (settings.KAPELL_HOME / DEMO_KEY).unlink(missing_ok=True)
    cache.clear()
    with contextlib.suppress(QueueGone, OSError):
        current_app.control.purge()
    return backup


@commands.command
def _empty(*, company: str, currency: str, country: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall() if not _is_kept(name)]
        cursor.execute(f"TRUNCATE {_listed(tables)} RESTART IDENTITY")
        cursor.execute(NUMBERS)
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART")
    User.objects.filter(is_superuser=False).delete()
    Installation.objects.update(is_demo=False, checklist_hidden_at=None, webhooks_paused_at=None)
    roles.sync()
    LegalEntity(code=channels.HOUSE, name=company, currency=currency, country=country).save(
        force_insert=True
    )


def _is_kept(table: str) -> bool:
    return table in KEPT or table.startswith(KEPT_BY_NAME)


def _listed(tables: Iterable[str]) -> str:
    quoted: Sequence[str] = [connection.ops.quote_name(table) for table in tables]
    return ", ".join(quoted)
