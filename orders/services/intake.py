"""Takes orders in: from a channel's request to the stored answer."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError

from config.kernel import commands, errors, idempotency, sql
from config.kernel.actors import Actor
from config.kernel.api import bodies, problems
from config.kernel.callers import Caller, ChannelFacts
from config.kernel.fingerprints import of as fingerprint_of
from config.kernel.idempotency import Answer
from orders import contract, states
from orders.errors import FailedOrderClosed, FailedOrderCut
from orders.models import FailedOrder
from orders.services import failures, placement, rehearsal
from orders.services.failures import Sent
from orders.states import FailureStatus

ROUTE = "POST /api/v1/orders/"


def receive(
    *, document: Mapping[str, Any], header: str | None, caller: Caller, at: datetime
) -> Answer:
    """Place an order that came through the API; promises and raises as `placement.place` does.

    `header` is the idempotency key as it was sent. An order that fails, for whatever reason, is
    kept among the failed ones before the refusal is answered.
    """
    fingerprint = fingerprint_of(ROUTE, document)
    sent = Sent(caller.channel.id, document, fingerprint)

    def work() -> Answer:
        _check_size(document)
        return placement.place(
            document=document,
            fingerprint=fingerprint,
            key=idempotency.key_from(header),
            channel=caller.channel,
            actor=caller.actor(),
            origin=states.Origin.API,
            at=at,
        )

    return _kept(sent, at, work)


def note_unread(
    refusal: errors.DomainError, unread: bytes, *, caller: Caller, at: datetime
) -> None:
    """Keep the beginning of a body that could not be read, as an order that failed."""
    sent = Sent(caller.channel.id, None, unread=unread)
    failures.keep(sent=sent, problem=errors.document(refusal), at=at)


def retry(
    *, failed_id: UUID, document: Mapping[str, Any] | None = None, actor: Actor, at: datetime
) -> Answer:
    """Try a failed order again, as it came or as staff corrected it; the same order is placed once.

    It keeps the fingerprint of what the channel sent: when that comes again, the answer is the
    order staff made of it. Raises what placing raises, `FailedOrderCut` when there is no whole
    content to try, `FailedOrderClosed` when it is closed. A new failure replaces the old one.
    """
    failed = FailedOrder.objects.select_related("channel").get(pk=failed_id)
    if failed.status == FailureStatus.RESOLVED:
        raise FailedOrderClosed
    if document is None:
        if not failed.is_whole:
            raise FailedOrderCut
        document = contents(failed)
    sent = Sent(failed.channel_id, document, _fingerprint(failed, document), origin=failed.origin)

    def work() -> Answer:
        _check_size(document)
        return placement.place(
            document=document,
            fingerprint=sent.digest,
            key=None,
            channel=ChannelFacts.of(failed.channel),
            actor=actor,
            origin=failed.origin,
            at=at,
        )

    answer = _kept(sent, at, work)
    if answer.status < 400:
        failures.settle(failed_id=failed_id, actor=actor, at=at)
    return answer


def contents(failed: FailedOrder) -> Any:
    """Return the document of a failed order as it was parsed when it came."""
    return bodies.parse(failed.payload.encode())


def _fingerprint(failed: FailedOrder, document: Mapping[str, Any]) -> str:
    """A corrected order answers for the one that was sent, unless it is another one by now."""
    reference = Sent(failed.channel_id, document).reference
    same = bool(failed.reference) and reference == failed.reference
    return failed.digest if same else fingerprint_of(ROUTE, document)


def _check_size(document: Mapping[str, Any]) -> None:
    lines = document.get("lines")
    if isinstance(lines, list) and len(lines) > contract.MAX_LINES:
        raise problems.TooLarge(f"An order has at most {contract.MAX_LINES} lines.")


def _kept(sent: Sent, at: datetime, work: Callable[[], Answer]) -> Answer:
    """Run `work`, and keep what was sent when it fails or is refused."""
    try:
        answer = work()
    except errors.DomainError as refusal:
        failures.keep(sent=sent, problem=errors.document(refusal), at=at)
        raise
    except Exception as error:
        if not commands.inside():  # else it is the outer command's to try again
            failures.keep(sent=sent, problem=errors.document(_own_failure(error)), at=at)
        raise
    if answer.status >= 400:
        failures.keep(sent=sent, problem=msgspec.json.decode(answer.body), at=at)
    return answer


def _own_failure(error: Exception) -> errors.DomainError:
    is_away = isinstance(error, (OperationalError, InterfaceError))
    return errors.Busy() if is_away else problems.ServerError()


def try_out(
    *, document: Mapping[str, Any], header: str | None, caller: Caller, at: datetime
) -> Answer:
    """Return what `receive` would answer, with 200 instead of 201; nothing is written or locked.

    The order in the answer has an empty number. Raises what `receive` raises, and keeps none of it.
    """
    _check_size(document)
    shown = rehearsal.rehearse(
        document=document,
        fingerprint=fingerprint_of(ROUTE, document),
        key=idempotency.key_from(header),
        channel=caller.channel,
        origin=states.Origin.API,
        at=at,
    )
    if shown.earlier is not None:
        return shown.earlier
    if shown.refusal is not None:
        return Answer(shown.refusal.status, sql.to_json(errors.document(shown.refusal)))
    return Answer(200, sql.to_json(shown.document()))
