"""The arithmetic of SKUs that mean several units: shares to the last penny, how far a set is."""

import itertools
from decimal import Decimal
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from config.kernel import money
from orders import sets
from orders.services import unfolding
from orders.sets import Component, Good, Meaning

UNITS = {"JPY": Decimal(1), "GBP": Decimal("0.01"), "KWD": Decimal("0.001")}
BUCKETS = ("cancelled", "pending", "backordered", "reserved", "assigned", "shipped")


def good(number: int, list_price: Decimal | None = None, *, is_stocked: bool = True) -> Good:
    return Good(UUID(int=number), f"P{number}", f"Product {number}", is_stocked, list_price)


prices = st.none() | st.decimals(min_value=0, max_value=9999, places=6)


@st.composite
def meanings(draw: st.DrawFn) -> Meaning:
    count = draw(st.integers(1, 6))
    shares: list[Decimal | None] = [None] * count
    if draw(st.booleans()):
        cuts = sorted(draw(st.integers(0, 1_000_000)) for _ in range(count - 1))
        bounds = [0, *cuts, 1_000_000]
        shares = [Decimal(high - low) / 10_000 for low, high in itertools.pairwise(bounds)]
    return Meaning(
        [
            Component(good(number, draw(prices)), draw(st.integers(1, 24)), shares[number])
            for number in range(count)
        ]
    )


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, dict]:
    currency = draw(st.sampled_from(sorted(UNITS)))
    unit = UNITS[currency]
    ordered = draw(st.integers(1, 500))
    left = ordered
    buckets = {}
    for name in BUCKETS[:-1]:
        buckets[name] = draw(st.integers(0, left))
        left -= buckets[name]
    amounts = st.integers(0, 10**9).map(lambda units: units * unit)
    net, tax = draw(amounts), draw(amounts)
    row = {
        "id": UUID(int=1), "order_id": UUID(int=2), "sku": "SET", "sku_key": "set",
        "description": "", "ordered": ordered, **buckets, "shipped": left, "returned": 0,
        "unit_price": draw(st.decimals(min_value=0, max_value=9999, places=6)),
        "discount_amount": draw(amounts), "amount": net + tax, "net_amount": net,
        "tax_amount": tax, "tax_rate": Decimal(20), "product_id": None, "is_stocked": True,
    }  # fmt: skip
    return currency, row


@given(meaning=meanings(), sold=lines())
@example(  # a penny over three, one of them free
    Meaning([Component(good(n), 1, Decimal(share)) for n, share in enumerate((50, 50, 0))]),
    ("GBP", {
        "id": UUID(int=1), "order_id": UUID(int=2), "sku": "S", "sku_key": "s", "description": "",
        **dict.fromkeys(BUCKETS, 0), "ordered": 1, "pending": 1, "returned": 0,
        "unit_price": Decimal("0.01"), "discount_amount": Decimal(0), "amount": Decimal("0.01"),
        "net_amount": Decimal("0.01"), "tax_amount": Decimal(0), "tax_rate": Decimal(20),
        "product_id": None, "is_stocked": True,
    }),
)  # fmt: skip
def test_components_add_up_to_the_line_as_sent(meaning: Meaning, sold: tuple[str, dict]) -> None:
    currency, line = sold
    unfolded = unfolding.unfold(line, meaning, currency=currency, position=2)

    for name in ("amount", "net_amount", "tax_amount", "discount_amount"):
        parts = [row[name] for row in unfolded.components]
        assert sum(parts) == line[name]
        assert all(part >= 0 and part == money.quantize(part, currency) for part in parts)
    for row, component in zip(unfolded.components, meaning.components, strict=True):
        assert row["ordered"] == line["ordered"] * component.quantity
        assert row["ordered"] == sum(row[name] for name in BUCKETS)
    assert unfolded.line["set_quantity"] == line["ordered"]
    assert {unfolded.line[name] for name in ("ordered", *BUCKETS, "amount", "tax_amount")} == {0}
    # and looked at again, a set is exactly as far as the line was
    assert sets.buckets(unfolded.components) == {
        name: line[name] for name in (*BUCKETS, "returned")
    }


@given(st.lists(st.tuples(st.integers(1, 6), st.data()), min_size=1, max_size=4), st.integers(1, 9))
def test_every_set_is_in_one_bucket_however_its_parts_moved(
    parts: list[tuple[int, st.DataObject]], sold: int
) -> None:
    rows = []
    for per_kit, data in parts:
        left, row = sold * per_kit, {"per_kit": per_kit, "is_stocked": data.draw(st.booleans())}
        for name in BUCKETS[:-1]:
            row[name] = data.draw(st.integers(0, left))
            left -= row[name]
        rows.append({**row, "shipped": left, "returned": data.draw(st.integers(0, left))})
    counted = sets.buckets(rows)

    assert sum(counted[name] for name in BUCKETS) == sold
    assert all(units >= 0 for units in counted.values())
    assert counted["returned"] <= counted["shipped"]


def part(per_kit: int, *, is_stocked: bool = True, **units: int) -> dict:
    return {
        **dict.fromkeys((*BUCKETS, "returned"), 0), "per_kit": per_kit, "is_stocked": is_stocked,
        **units,
    }  # fmt: skip


def test_a_set_is_as_far_as_its_slowest_part() -> None:
    rows = [part(1, reserved=2, shipped=1), part(2, backordered=2, reserved=2, shipped=2)]

    assert sets.buckets(rows) == {
        "cancelled": 0, "pending": 0, "backordered": 1, "reserved": 1, "assigned": 0,
        "shipped": 1, "returned": 0,
    }  # fmt: skip


def test_a_non_stock_part_keeps_nobody_waiting() -> None:
    rows = [part(1, reserved=3), part(1, is_stocked=False, pending=3)]

    assert sets.buckets(rows)["reserved"] == 3


def test_units_of_a_part_cancelled_alone_keep_nobody_waiting() -> None:
    rows = [part(1, shipped=2), part(1, shipped=1, cancelled=1)]

    assert sets.buckets(rows)["shipped"] == 2
    assert sets.buckets(rows)["cancelled"] == 0


def test_shares_by_percent_by_list_price_or_by_units() -> None:
    listed = [Component(good(1, Decimal(30)), 1), Component(good(2, Decimal(5)), 2)]
    unlisted = [Component(good(1, Decimal(30)), 1), Component(good(2), 3)]
    fixed = [Component(good(1), 1, Decimal(10)), Component(good(2), 1, Decimal(90))]

    assert sets.split(Decimal("20.00"), listed, "GBP") == [Decimal("15.00"), Decimal("5.00")]
    assert sets.split(Decimal("20.00"), unlisted, "GBP") == [Decimal("5.00"), Decimal("15.00")]
    assert sets.split(Decimal("20.00"), fixed, "GBP") == [Decimal("2.00"), Decimal("18.00")]
    assert sets.unit_prices(Decimal("20.00"), listed) == [Decimal(15), Decimal("2.5")]


def test_what_its_parts_cost_is_known_only_of_all() -> None:
    listed = [Component(good(1, Decimal(30)), 1), Component(good(2, Decimal(5)), 2)]

    assert Meaning(listed).list_price == Decimal(40)
    assert Meaning(listed, checks_price=False).list_price is None
    assert Meaning([*listed, Component(good(3))]).list_price is None
    assert Meaning(listed).floor_price is None
    assert Meaning(listed[:1]).only is listed[0].good
    assert Meaning(listed[1:]).only is None


def test_shares_are_all_or_none_and_a_hundred_together() -> None:
    third = Decimal("33.3333")

    assert sets.shares_fit([None, None])
    assert sets.shares_fit([Decimal(60), Decimal(40)])
    assert sets.shares_fit([third, third, Decimal("33.3334")])
    assert not sets.shares_fit([third, third, third])
    assert not sets.shares_fit([Decimal(100), None])
