"""Shows what placing an order would do: the same thoughts on the same figures, nothing written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.kernel import errors
from config.kernel.callers import ChannelFacts
from config.kernel.idempotency import Answer
from customers.services.identity import Known
from orders import answers
from orders.queries import placement as looks
from orders.services import placement
from orders.services.drafting import Draft
from orders.sets import Meaning
from orders.totals import Totals


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would happen: what SKUs mean, by key, and the rows of the order.

    `earlier` is the stored answer when this very order is there already.
    """

    draft: Draft
    amounts: Totals
    meanings: Mapping[str, Meaning]
    refusal: errors.DomainError | None
    earlier: Answer | None

    def document(self) -> dict[str, Any]:
        """Return what would be answered; the number is missing."""
        draft = self.draft
        return answers.order(
            order=draft.order,
            lines=draft.lines,
            components=draft.components,
            holds=draft.holds,
            payments=draft.payments,
        )


def rehearse(
    *,
    document: Mapping[str, Any],
    fingerprint: str,
    channel: ChannelFacts,
    origin: str,
    at: datetime,
    key: str | None = None,
    customer: Known | None = None,
) -> Rehearsal:
    """Return what `placement.place` would make of a document now, without a lock or a write.

    `customer` says who orders where staff have chosen; otherwise reference and e-mail do. Raises
    `Invalid` with all faults, `OrderExists` and `KeyReused` when reference or key mean another.
    """
    asked = placement.read(document, fingerprint, key, channel, at)
    if isinstance(asked.order, errors.Invalid):
        raise asked.order
    person, address = placement.person_and_address(asked.order)
    known = looks.look_only(placement.question(asked, channel, person, address))
    if customer is not None:
        known = replace(known, by_reference=customer)
    earlier = placement.answered_before(asked, known.earlier)
    made = placement.think_through(asked.order, known, person, address, channel, origin, at)
    return Rehearsal(made.draft, made.situation.amounts, known.meanings, made.refusal, earlier)
