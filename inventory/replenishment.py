"""What to buy: demand without its freaks, days of cover, and a suggested quantity."""

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median_low

# An order is a one-off when it is both: far above the usual one, and a large part of the whole.
_TIMES_THE_MEDIAN = 10
_PART_OF_ALL = 4
_RATE = Decimal("0.0001")
_HUNDREDTH = Decimal("0.01")


def daily_demand(quantities: Sequence[int], days: int) -> Decimal:
    """Units a day, four decimals, from the quantities asked for in the last `days` days, per order.

    One-off large orders are left out: more than ten times the median order and more than a quarter
    of the period's whole demand. So a single order of 5,000 among pieces of three does not count,
    while a customer who takes large lots again and again does. Raises ValueError for days < 1.
    """
    if days < 1:
        raise ValueError(f"demand over {days} days")
    return (Decimal(_usual(quantities)) / days).quantize(_RATE, ROUND_HALF_UP)


def suggested(
    *,
    available: int,
    incoming: int,
    demand_per_day: Decimal,
    lead_time_days: int,
    pack_multiple: int,
    minimum: int,
    reorder_point: int | None,
    reorder_quantity: int,
) -> int:
    """How many units to order now, in whole packs; 0 when nothing is needed.

    Enough to cover the lead time beyond what is available and incoming. Where those do not exceed
    the reorder point (None: not watched), at least `reorder_quantity` and at least what lifts them
    above it. Then at least the supplier's minimum, rounded up to the pack. `available` may be
    negative when orders wait.
    """
    expected = available + incoming
    needed = _covering(demand_per_day, lead_time_days) - expected
    if reorder_point is not None and expected <= reorder_point:
        needed = max(needed, reorder_quantity, reorder_point + 1 - expected)
    if needed <= 0:
        return 0
    pack = max(1, pack_multiple)
    return math.ceil(max(needed, minimum) / pack) * pack


def days_of_cover(available: int, demand_per_day: Decimal) -> int | None:
    """For how many whole days the available units last; None when nobody asks for them."""
    if demand_per_day <= 0:
        return None
    return max(0, int(available / demand_per_day))


def _usual(quantities: Sequence[int]) -> int:
    if not quantities:
        return 0
    limit = max(median_low(quantities) * _TIMES_THE_MEDIAN, sum(quantities) / _PART_OF_ALL)
    return sum(quantity for quantity in quantities if quantity <= limit)


def _covering(demand_per_day: Decimal, days: int) -> int:
    """The units asked for over `days`; a hundredth of a unit comes from rounding, not demand."""
    return math.ceil((demand_per_day * days).quantize(_HUNDREDTH, ROUND_HALF_UP))
