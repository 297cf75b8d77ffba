"""Takes orders in: from a channel's request to the stored answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.kernel import errors, sql
from config.kernel.callers import Caller
from config.kernel.fingerprints import of as fingerprint_of
from config.kernel.idempotency import Answer
from orders import states
from orders.services import placement, rehearsal

ROUTE = "POST /api/v1/orders/"


def receive(
    *, document: Mapping[str, Any], key: str | None, caller: Caller, at: datetime
) -> Answer:
    """Place an order that came through the API; promises and raises as `placement.place` does."""
    return placement.place(
        document=document,
        fingerprint=fingerprint_of(ROUTE, document),
        key=key,
        channel=caller.channel,
        actor=caller.actor(),
        origin=states.Origin.API,
        at=at,
    )


def try_out(
    *, document: Mapping[str, Any], key: str | None, caller: Caller, at: datetime
) -> Answer:
    """Return what `receive` would answer, with 200 instead of 201; nothing is written or locked.

    The order in the answer has an empty number. Raises what `receive` raises.
    """
    shown = rehearsal.rehearse(
        document=document,
        fingerprint=fingerprint_of(ROUTE, document),
        key=key,
        channel=caller.channel,
        origin=states.Origin.API,
        at=at,
    )
    if shown.earlier is not None:
        return shown.earlier
    if shown.refusal is not None:
        return Answer(shown.refusal.status, sql.to_json(errors.document(shown.refusal)))
    return Answer(200, sql.to_json(shown.document()))
