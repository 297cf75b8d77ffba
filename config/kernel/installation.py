"""What this installation knows of itself: its database server, its last restore, its pauses.

Events carry PostgreSQL's transaction numbers, which start anew on another server. `settle` notices
that the data has moved and starts a new epoch, so that nothing is hidden and nothing overtaken.
"""

from datetime import datetime

from config.kernel import commands, sql
from config.kernel.models import Installation

# A promoted or rewound server goes on under its old identifier on a new timeline.
CLUSTER = """
SELECT system.system_identifier || '/' || point.timeline_id
FROM pg_control_system() system, pg_control_checkpoint() point
"""
DEFAULT = """
SELECT coalesce(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = 'kernel_event'::regclass AND a.attname = 'epoch'
"""


def read() -> Installation:
    """Return the installation's row; on a system that was never furnished, an unsaved one."""
    return Installation.objects.first() or Installation()


@commands.command
def settle() -> Installation:
    """Make sure the row is there and its epoch belongs to this database server; return it.

    On a server other than last time a new epoch begins: events written from now on come after all
    earlier ones. Waits for those who are writing events. Run at every start and upgrade, and by a
    restore.
    """
    Installation.objects.get_or_create(pk=1)
    here = Installation.objects.select_for_update().get()
    cluster = sql.fetch(CLUSTER)[0][0]
    if here.cluster != cluster:
        here.epoch += bool(here.cluster)
        here.cluster = cluster
        here.save()
    if sql.fetch(DEFAULT)[0][0] != str(here.epoch):
        # Waits for writers of events and keeps new ones out until the epoch is committed.
        sql.run(f"ALTER TABLE kernel_event ALTER COLUMN epoch SET DEFAULT {here.epoch:d}")
    return here


@commands.command
def note_restore(*, at: datetime, to: datetime) -> Installation:
    """Remember that the data was set back: a new epoch, and webhooks wait until staff resume them.

    `to` is the moment the data is from. Receivers have seen what happened since then, so nothing
    goes out before somebody has looked.
    """
    here = settle()
    here.epoch += 1
    here.restored_at, here.restored_to, here.webhooks_paused_at = at, to, at
    here.save()
    sql.run(f"ALTER TABLE kernel_event ALTER COLUMN epoch SET DEFAULT {here.epoch:d}")
    return here


def webhooks_paused() -> bool:
    """Tell whether nothing may be sent to receivers now; ask before each batch of deliveries."""
    return Installation.objects.filter(webhooks_paused_at__isnull=False).exists()


@commands.command
def resume_webhooks() -> bool:
    """Let webhooks go out again; return False when they were not paused."""
    paused = Installation.objects.filter(webhooks_paused_at__isnull=False)
    return bool(paused.update(webhooks_paused_at=None))


@commands.command
def mark_demo() -> None:
    """Remember that what is here is the demo company."""
    Installation.objects.update_or_create(pk=1, defaults={"is_demo": True})


@commands.command
def show_checklist(*, shown: bool, at: datetime) -> None:
    """Show the getting-started list on *Today*, or put it away."""
    hidden_at = None if shown else at
    Installation.objects.update_or_create(pk=1, defaults={"checklist_hidden_at": hidden_at})
