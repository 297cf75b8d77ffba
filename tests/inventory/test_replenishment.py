"""Replenishment: the planner's arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import replenishment

D = Decimal


def suggested(**changes):
    asked = {
        "available": 10,
        "incoming": 0,
        "demand_per_day": D(4),
        "lead_time_days": 14,
        "pack_multiple": 12,
        "minimum": 0,
        "reorder_point": None,
        "reorder_quantity": 0,
    }
    return replenishment.suggested(**asked | changes)


def test_the_suggestion_covers_the_lead_time_in_whole_packs():
    assert suggested() == 48  # 4 a day for 14 days less 10 are 46


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"incoming": 46}, 0),
        ({"incoming": 45}, 12),
        ({"incoming": 500}, 0),
        ({"available": -10}, 72),
        ({"pack_multiple": 1}, 46),
        ({"pack_multiple": 0}, 46),
        ({"minimum": 50}, 60),
        ({"minimum": 50, "incoming": 46}, 0),
        ({"demand_per_day": D(0)}, 0),
        ({"demand_per_day": D("1.8667"), "lead_time_days": 30, "pack_multiple": 1}, 46),
        ({"demand_per_day": D("0.05"), "available": 0, "pack_multiple": 1}, 1),
    ],
)
def test_stock_packs_and_minimum_count(changes, expected):
    assert suggested(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"reorder_point": 10}, 1),  # back above the point
        ({"reorder_point": 9}, 0),
        ({"reorder_point": 30}, 21),
        ({"reorder_point": 10, "reorder_quantity": 25}, 25),
        ({"reorder_point": 10, "reorder_quantity": 25, "incoming": 1}, 0),
        ({"reorder_point": 0, "available": 0}, 1),
    ],
)
def test_at_the_reorder_point_at_least_the_reorder_quantity(changes, expected):
    assert suggested(demand_per_day=D(0), pack_multiple=1, **changes) == expected


def test_daily_demand_is_the_average():
    assert replenishment.daily_demand([3, 4, 5] * 10, 30) == D(4)
    assert replenishment.daily_demand([1], 3) == D("0.3333")
    assert replenishment.daily_demand([], 30) == 0


def test_one_large_order_is_left_out():
    usual = [3, 4, 5] * 10
    assert replenishment.daily_demand([*usual, 5000], 30) == D(4)
    assert replenishment.daily_demand([3, 5000], 30) == D("0.1")


def test_what_is_large_but_usual_counts():
    wholesale = [2] * 50 + [144] * 10
    assert replenishment.daily_demand(wholesale, 30) == D("51.3333")
    assert replenishment.daily_demand([5000], 10) == 500
    assert replenishment.daily_demand([1, 1, 1, 9], 12) == 1


def test_demand_needs_a_period():
    with pytest.raises(ValueError, match="0 days"):
        replenishment.daily_demand([1], 0)


@pytest.mark.parametrize(
    ("available", "demand", "days"),
    [(10, "4", 2), (0, "4", 0), (-5, "4", 0), (10, "0", None), (10, "0.3333", 30)],
)
def test_days_of_cover(available, demand, days):
    assert replenishment.days_of_cover(available, D(demand)) == days


@given(
    available=st.integers(-100, 1000),
    incoming=st.integers(0, 1000),
    demand=st.decimals(0, 100, places=4),
    lead=st.integers(0, 120),
    pack=st.integers(1, 50),
    minimum=st.integers(0, 200),
    point=st.none() | st.integers(0, 500),
    lot=st.integers(0, 500),
)
def test_a_suggestion_is_in_packs_and_enough(
    available, incoming, demand, lead, pack, minimum, point, lot
):
    quantity = replenishment.suggested(
        available=available,
        incoming=incoming,
        demand_per_day=demand,
        lead_time_days=lead,
        pack_multiple=pack,
        minimum=minimum,
        reorder_point=point,
        reorder_quantity=lot,
    )
    expected = available + incoming
    assert quantity % pack == 0
    assert quantity == 0 or quantity >= minimum
    assert expected + quantity >= demand * lead - D("0.01")
    if point is not None:
        assert expected + quantity > point
