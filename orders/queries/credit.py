"""How far a customer is beyond the credit limit."""

from decimal import Decimal
from uuid import UUID

from config.kernel import sql
from customers.services.identity import Known

OUTSTANDING = """
SELECT coalesce(sum(greatest(total_amount - paid_amount - authorized_amount, 0)), 0)
FROM orders_order
WHERE customer_id = %s AND currency = %s AND status <> 'cancelled' AND NOT is_test
"""


def over_limit(customer: Known, *, currency: str, unpaid: Decimal) -> Decimal | None:
    """Return by how much `unpaid` more takes the customer over the limit, or None.

    Counts what is neither paid nor authorised, in the limit's currency; no limit costs no query.
    """
    limit = customer.credit_limit
    if limit is None or currency != customer.credit_currency:
        return None
    beyond = outstanding(customer.id, currency) + max(unpaid, Decimal(0)) - limit
    return beyond if beyond > 0 else None


def outstanding(customer_id: UUID, currency: str) -> Decimal:
    """Return what a customer's orders in a currency are worth that is neither paid nor promised."""
    owed: Decimal = sql.fetch(OUTSTANDING, [customer_id, currency])[0][0]
    return owed
