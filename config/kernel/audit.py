"""The history of master data: tells the triggers who acts; they note every change themselves.

A table is put under audit by a migration of its app, in SQL:

    SELECT kernel_audit('inventory_barcode', 'inventory.barcode', label => 'code',
                        subject => 'inventory.product', subject_column => 'product_id');

From then on whatever writes to it is noted, be it a form, a service, COPY or a hand at psql. Who
did it is the actor told here; outside of `acting` it is the system.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, connection

from config.kernel import sql
from config.kernel.actors import Actor

SETTING = "kapell.actor"
# A trigger's arguments are stored one after another, each ended by a zero byte.
KEPT = """
SELECT DISTINCT split_part(encode(tgargs, 'escape'), '\\000', 1) FROM pg_trigger
WHERE tgname IN ('kapell_changed', 'kapell_member') ORDER BY 1
"""

_actor: ContextVar[Actor | None] = ContextVar("kapell_acting", default=None)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Note changes of master data within the block as this actor's. Costs two short statements."""
    before = _actor.set(actor)
    try:
        _tell(actor)
        yield
    finally:
        _actor.reset(before)
        _tell_again()


def text(actor: Actor | None) -> str:
    """Return an actor as the triggers read it; empty is nobody in particular."""
    if actor is None:
        return ""
    return sql.to_json({"kind": actor.kind, "id": actor.id, "label": actor.label})


def told(actor: Actor) -> str:
    """Return who acts, for a statement that tells it by the way: the one of `acting`, else this."""
    return text(_actor.get() or actor)


def kept() -> list[str]:
    """Return the models under audit, as `app.model`."""
    with connection.cursor() as cursor:
        cursor.execute(KEPT)
        return [row[0] for row in cursor.fetchall()]


def _tell_again() -> None:
    """Return to whoever acted before; what a failed transaction was told goes with it."""
    if connection.in_atomic_block and connection.needs_rollback:
        return
    try:
        _tell(_actor.get())
    except DatabaseError:
        connection.close()  # a broken one must not come back with somebody's name


def _tell(actor: Actor | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, text(actor)])
