"""Any sequence of all commands leaves the books in order: a state machine over orders and stock."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.kernel import callers, dispatch, ids, sql
from config.kernel.errors import DomainError
from fulfillment.services import dispatch as despatch
from inventory.models import (
    Bin,
    Reservation,
    StockLevel,
    Transfer,
    TransferLine,
)
from inventory.queries import calendars
from inventory.services import adjustments, moves, receiving, transfers
from inventory.services.receiving import Arrival
from inventory.services.transfers import Parcel
from orders import states
from orders.models import Hold, Order, OrderLine
from orders.services import backorders, cancellation, giving, holds, shortages
from orders.services.giving import Gift
from tests.factories.inventory import WarehouseFactory
from tests.factories.orders import AT, STAFF, Shop, document, line

SKUS = ("MUG", "TEA", "POT")
FEW = st.integers(1, 6)
ANY_SKU = st.sampled_from(SKUS)
ANY_CODE = st.sampled_from([*SKUS, "POST", "???"])
WHICH = st.integers(0, 1_000)
WISHES: list[dict[str, Any]] = [
    {}, {"risk": "high"}, {"total_amount": "0.01"}, {"priority": "urgent"},
]  # fmt: skip
FIGURE_NAMES = (
    "ordered", "cancelled", "assigned", "shipped", "total", "paid", "authorized", "refunded",
)  # fmt: skip

UNEXPLAINED = """
SELECT l.id FROM inventory_stocklevel l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(d_on_hand), 0) AS on_hand, coalesce(sum(d_unavailable), 0) AS unavailable,
    coalesce(sum(d_reserved), 0) AS reserved, count(*) AS entries, coalesce(max(version), 0) AS last
  FROM inventory_stockmovement WHERE level_id = l.id) told
WHERE (l.on_hand, l.unavailable, l.reserved) <> (told.on_hand, told.unavailable, told.reserved)
  OR (l.version, l.version) <> (told.entries, told.last)
  OR l.reserved < 0 OR l.unavailable < 0 OR l.reserved + l.unavailable > l.on_hand
"""
MISPLACED = """
SELECT l.id FROM inventory_stocklevel l
CROSS JOIN LATERAL (
  SELECT coalesce(sum(c.quantity), 0) AS units,
    coalesce(sum(c.quantity)
      FILTER (WHERE b.kind = 'quarantine' OR c.condition <> 'good'), 0) AS out
  FROM inventory_binstock c JOIN inventory_bin b ON b.id = c.bin_id
  WHERE c.product_id = l.product_id AND b.warehouse_id = l.warehouse_id) lying
WHERE (l.on_hand, l.unavailable) <> (lying.units, lying.out)
"""
MISCOUNTED = """
SELECT coalesce(line.id, promised.demand_id)
FROM orders_orderline line
FULL JOIN (SELECT demand_id, sum(quantity) AS units FROM inventory_reservation GROUP BY demand_id)
  promised ON promised.demand_id = line.id
WHERE line.id IS NULL OR coalesce(promised.units, 0) <> line.reserved + line.assigned
  OR line.ordered <> line.cancelled + line.pending + line.backordered + line.reserved
    + line.assigned + line.shipped
"""
FIGURES = """
SELECT o.status, o.payment_status, o.fulfillment_status, o.is_held, o.is_short, o.released_at,
  o.total_amount AS total, o.paid_amount AS paid, o.authorized_amount AS authorized,
  o.refunded_amount AS refunded, sum(l.ordered) AS ordered, sum(l.cancelled) AS cancelled,
  sum(l.assigned) AS assigned, sum(l.shipped) AS shipped, sum(l.backordered) AS short,
  (SELECT count(*) FROM orders_hold h WHERE h.order_id = o.id AND h.status = 'open') AS holds
FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id GROUP BY o.id
"""

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


class Books(RuleBasedStateMachine):
    """Two warehouses, three products, one channel; each step is a command by its public face."""

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        callers.forget()
        calendars.forget()
        self.shop = Shop()
        self.places = [self.shop.warehouse, WarehouseFactory(code="NORTH", priority=20)]
        for sku in SKUS:
            for place in self.places:
                self.shop.put(sku, 0, place)
        self.shop.put("POST", is_stocked=False)
        self.sent: list[tuple[dict[str, Any], str, Any]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    # ------------------------------------------------------------------------------- stock

    @rule(sku=ANY_SKU, place=st.integers(0, 1), units=FEW)
    def receive(self, sku: str, place: int, units: int) -> None:
        level = self.level(sku, place)
        receiving.receive(
            warehouse_id=level.warehouse_id,
            arrivals=[Arrival(product_id=level.product_id, quantity=units)],
            document="PO-1", command_id=ids.new(), actor=STAFF, at=AT,
        )  # fmt: skip

    @rule(sku=ANY_SKU, place=st.integers(0, 1), units=FEW, insist=st.booleans())
    def lose(self, sku: str, place: int, units: int, insist: bool) -> None:  # noqa: FBT001
        level = self.level(sku, place)

        def book() -> Any:
            return adjustments.adjust(
                product_id=level.product_id, warehouse_id=level.warehouse_id, quantity=-units,
                reason="gone", command_id=ids.new(), actor=STAFF, at=AT,
            )  # fmt: skip

        self.attempt((lambda: shortages.apply(book=book, actor=STAFF, at=AT)) if insist else book)

    @rule(sku=ANY_SKU, place=st.integers(0, 1), units=FEW, to=st.sampled_from(["good", "damaged"]))
    def change_condition(self, sku: str, place: int, units: int, to: str) -> None:
        level = self.level(sku, place)
        self.attempt(
            lambda: adjustments.change_condition(
                product_id=level.product_id, bin_id=self.stock_bin(place).pk, quantity=units, to=to,
                reason="looked", command_id=ids.new(), actor=STAFF, at=AT,
            )
        )  # fmt: skip

    @rule(sku=ANY_SKU, place=st.integers(0, 1), units=FEW, back=st.booleans())
    def move(self, sku: str, place: int, units: int, back: bool) -> None:  # noqa: FBT001
        level = self.level(sku, place)
        shelf, aside = self.stock_bin(place), self.quarantine(place)
        self.attempt(
            lambda: moves.move(
                product_id=level.product_id, from_bin_id=(aside if back else shelf).pk,
                to_bin_id=(shelf if back else aside).pk, quantity=units,
                command_id=ids.new(), actor=STAFF, at=AT,
            )
        )  # fmt: skip

    @rule(sku=ANY_SKU, place=st.integers(0, 1), units=FEW)
    def send_transfer(self, sku: str, place: int, units: int) -> None:
        product = self.level(sku, place).product_id
        self.attempt(
            lambda: transfers.send(
                source_id=self.places[place].pk, destination_id=self.places[1 - place].pk,
                parcels=[Parcel(product_id=product, quantity=units)],
                command_id=ids.new(), actor=STAFF, at=AT,
            )
        )  # fmt: skip

    @precondition(lambda _: Transfer.objects.filter(status="in_transit").exists())
    @rule(which=WHICH, lost=st.booleans(), units=FEW)
    def end_transfer(self, which: int, lost: bool, units: int) -> None:  # noqa: FBT001
        transfer = self.pick(Transfer.objects.filter(status="in_transit"), which)
        quantities = {transfer.lines.get().product_id: units}
        if lost:
            self.attempt(
                lambda: transfers.write_off(
                    transfer_id=transfer.pk, quantities=quantities, reason="lost",
                    command_id=ids.new(), actor=STAFF, at=AT,
                )
            )  # fmt: skip
        else:
            self.attempt(
                lambda: transfers.receive(
                    transfer_id=transfer.pk, quantities=quantities, command_id=ids.new(),
                    actor=STAFF, at=AT,
                )
            )  # fmt: skip

    # ------------------------------------------------------------------------------ orders

    @rule(
        lines=st.lists(st.tuples(ANY_CODE, FEW), min_size=1, max_size=5),
        policy=st.sampled_from(["backorder", "hold", "partial", "refuse"]),
        wish=st.sampled_from(WISHES),
    )  # fmt: skip
    def place(self, lines: list[tuple[str, int]], policy: str, wish: dict[str, Any]) -> None:
        self.shop.change(shortage_policy=policy)
        body = document(*[line(sku, units) for sku, units in lines], **wish)
        key = str(ids.new())
        answer = self.shop.post(body, key=key)
        assert answer.status_code in {201, 409}
        self.sent.append((body, key, answer))

    @precondition(lambda self: self.sent)
    @rule(which=WHICH)
    def send_again(self, which: int) -> None:
        body, key, first = self.sent[which % len(self.sent)]
        again = self.shop.post(body, key=key)
        assert (again.status_code, again.content) == (first.status_code, first.content)

    @precondition(lambda _: Order.objects.exists())
    @rule(which=WHICH, units=st.none() | FEW)
    def cancel(self, which: int, units: int | None) -> None:
        order = self.pick(Order.objects.all(), which)
        first = order.lines.order_by("position")[0]
        parts = None if units is None else [cancellation.Part(first.pk, units)]
        self.attempt(
            lambda: cancellation.cancel(
                order_id=order.pk, parts=parts, reason="", actor=STAFF, at=AT
            )
        )

    @precondition(lambda _: Order.objects.exists())
    @rule(which=WHICH, kind=st.sampled_from([states.HoldKind.MANUAL, states.HoldKind.DUPLICATE]))
    def hold(self, which: int, kind: str) -> None:
        order = self.pick(Order.objects.all(), which)
        holds.place(order_ids=[order.pk], kind=kind, reason="stop", actor=STAFF, at=AT)

    @precondition(lambda _: Hold.objects.filter(status="open").exists())
    @rule(which=WHICH)
    def release_hold(self, which: int) -> None:
        hold = self.pick(Hold.objects.filter(status="open"), which)
        holds.release(hold_id=hold.pk, reason="fine", actor=STAFF, at=AT)

    @precondition(lambda _: Order.objects.exists())
    @rule(which=WHICH)
    def ship(self, which: int) -> None:
        order = self.pick(Order.objects.all(), which)
        self.attempt(
            lambda: despatch.ship_at_once(
                order_id=order.pk, command_id=ids.new(), actor=STAFF, at=AT
            )
        )

    @precondition(lambda _: Reservation.objects.exists())
    @rule(which=WHICH, to=WHICH, units=FEW)
    def give_stock(self, which: int, to: int, units: int) -> None:
        promise = self.pick(Reservation.objects.all(), which)
        waiting = OrderLine.objects.filter(product=promise.level.product)
        gift = Gift(promise.demand_id, self.pick(waiting, to).pk, promise.level_id, units)
        self.attempt(
            lambda: giving.give(gift=gift, reason="", command_id=ids.new(), actor=STAFF, at=AT)
        )

    @rule()
    def deliver_events(self) -> None:
        dispatch.deliver_due()

    @rule()
    def fill(self) -> None:
        backorders.sweep(actor=STAFF, at=AT)

    # ------------------------------------------------------------------- what always holds

    @invariant()
    def the_ledger_explains_every_counter(self) -> None:
        assert sql.fetch(UNEXPLAINED) == []

    @invariant()
    def the_bins_hold_what_is_on_hand(self) -> None:
        assert sql.fetch(MISPLACED) == []

    @invariant()
    def each_unit_of_a_line_is_in_one_bucket_and_promised_once(self) -> None:
        assert sql.fetch(MISCOUNTED) == []

    @invariant()
    def statuses_follow_from_the_figures(self) -> None:
        for row in sql.fetch_dicts(FIGURES):
            figures = states.Figures(**{name: row[name] for name in FIGURE_NAMES})
            derived = states.derive(figures)
            assert (row["status"], row["payment_status"], row["fulfillment_status"]) == (
                derived.status, derived.payment_status, derived.fulfillment_status,
            )  # fmt: skip
            is_open = row["status"] == states.OrderStatus.OPEN
            assert row["is_held"] == (row["holds"] > 0 and is_open)
            assert row["is_short"] == (row["short"] > 0)
            assert not (is_open and row["holds"] and row["released_at"])

    @invariant()
    def what_is_in_transit_is_nowhere_else(self) -> None:
        bad = TransferLine.objects.filter(sent__lt=F("received") + F("lost"))
        assert not bad.exists()

    # ------------------------------------------------------------------------------ helpers

    def attempt(self, command: Callable[[], Any]) -> None:
        """Run a command that may refuse; a refusal leaves no trace, or the invariants see it."""
        try:
            with transaction.atomic():
                command()
        except (DomainError, ValueError):
            return

    def level(self, sku: str, place: int) -> StockLevel:
        return StockLevel.objects.get(product__sku=sku, warehouse=self.places[place])

    def stock_bin(self, place: int) -> Bin:
        return Bin.objects.get(warehouse=self.places[place], code=Bin.STOCK)

    def quarantine(self, place: int) -> Bin:
        found, _ = Bin.objects.get_or_create(
            warehouse=self.places[place], code="Q", defaults={"kind": Bin.Kind.QUARANTINE}
        )
        return found

    def pick(self, rows: Any, which: int) -> Any:
        ordered = rows.order_by("pk")
        return ordered[which % ordered.count()]


def test_any_sequence_of_commands_keeps_the_books(db: None) -> None:  # noqa: ARG001
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("db")
def test_the_stock_check_agrees_after_a_busy_day(capsys: pytest.CaptureFixture[str]) -> None:
    books = Books()
    for number in range(30):
        sku = SKUS[number % 3]
        books.receive(sku, number % 2, 4)
        books.place([(sku, 3), ("TEA", 2)], "backorder", {})
        books.cancel(number, 1 if number % 4 else None)
        books.lose("MUG", 0, 2, insist=True)
        books.ship(number * 7)
        books.deliver_events()
    call_command("reconcile")
    books.teardown()

    assert "no differences" in capsys.readouterr().out
