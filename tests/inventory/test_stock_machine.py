"""Any sequence of stock commands keeps all books in agreement, and with a model of them."""

from collections import Counter
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from config.kernel import ids
from inventory import errors
from inventory.models import Reservation, StockDifference, StockLevel, StockMovement, TransferLine
from inventory.queries import disagreements
from inventory.services import (
    adjustments,
    levels,
    moves,
    receiving,
    reservations,
    transfers,
    warehouses,
)
from inventory.services.receiving import Arrival
from inventory.services.reservations import Promise
from inventory.services.transfers import Parcel
from tests.factories.inventory import BinFactory, ProductFactory, WarehouseFactory
from tests.inventory import books

PRODUCTS, WAREHOUSES = 1, 2
units = st.integers(1, 6)
product = st.integers(0, PRODUCTS - 1)
warehouse = st.integers(0, WAREHOUSES - 1)
bin_code = st.sampled_from(["STOCK", "RECEIVING", "TOTE", "QUARANTINE"])
lot = st.sampled_from([None, "L1"])

REFUSALS = (errors.ShortfallError, errors.StaleCount, errors.TransferExceeded, errors.NotPromised)


class StockMachine(RuleBasedStateMachine):
    """Every command of inventory, in any order, refused or not; repeated ones change nothing."""

    promises = Bundle("promises")
    sent = Bundle("sent")
    done = Bundle("done")

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        """Undo the example; the next one begins with empty books."""
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def furnish(self) -> None:
        self.products = [ProductFactory() for _ in range(PRODUCTS)]
        self.warehouses = [WarehouseFactory() for _ in range(WAREHOUSES)]
        self.bins: dict[tuple[int, str], UUID] = {}
        for place, house in enumerate(self.warehouses):
            BinFactory(warehouse=house, code="TOTE", kind="tote")
            BinFactory(warehouse=house, code="QUARANTINE", kind="quarantine")
            self.bins |= {(place, one.code): one.pk for one in house.bins.all()}
        self.on_hand: Counter[tuple[int, int]] = Counter()
        self.promised: Counter[tuple[UUID, UUID]] = Counter()
        self.in_transit = 0
        self.pairs: dict[UUID, tuple[int, int]] = {}
        for place in range(WAREHOUSES):
            self.fill(place)

    def fill(self, place: int) -> None:
        """Something everywhere, so that commands meet from the first step; the damaged first."""
        stock, receiving_bin = self.bins[place, "STOCK"], self.bins[place, "RECEIVING"]
        for arrival in (
            Arrival(self.products[0].pk, 2, stock, condition="damaged"),
            Arrival(self.products[0].pk, 4, stock),
            Arrival(self.products[0].pk, 4, receiving_bin),
        ):
            where = self.warehouses[place].pk
            self.attempt(receiving.receive, warehouse_id=where, arrivals=[arrival], document="")
            self.on_hand[0, place] += arrival.quantity

    def level(self, product: int, warehouse: int) -> UUID:
        pair = self.products[product].pk, self.warehouses[warehouse].pk
        return levels.ensure(pairs=[pair])[pair]

    def attempt(self, verb: Any, **words: Any) -> Any:
        """Run a command; a refusal must leave every figure as it was."""
        words = {"command_id": ids.new(), "actor": books.ACTOR, "at": books.AT, **words}
        before = self.figures()
        try:
            result = verb(**words)
        except REFUSALS:
            assert self.figures() == before
            return None
        self.last = verb, words
        return result

    def figures(self) -> list[Any]:
        return [
            list(
                StockLevel.objects.order_by("id").values_list("on_hand", "unavailable", "reserved")
            ),
            list(Reservation.objects.order_by("id").values_list("id", "quantity")),
            StockMovement.objects.count(),
        ]

    @rule(product=product, warehouse=warehouse, quantity=units, code=bin_code, lot=lot, target=done)
    def receive(self, product: int, warehouse: int, quantity: int, code: str, lot: Any) -> Any:
        arrival = Arrival(self.products[product].pk, quantity, self.bins[warehouse, code], lot)
        where = self.warehouses[warehouse].pk
        self.attempt(receiving.receive, warehouse_id=where, arrivals=[arrival], document="")
        self.on_hand[product, warehouse] += quantity
        return self.last

    @rule(product=product, warehouse=warehouse, quantity=units, target=done)
    def restock(self, product: int, warehouse: int, quantity: int) -> Any:
        arrival = Arrival(self.products[product].pk, quantity)
        where = self.warehouses[warehouse].pk
        self.attempt(receiving.restock, warehouse_id=where, arrivals=[arrival], document="")
        self.on_hand[product, warehouse] += quantity
        return self.last

    @rule(
        product=product, warehouse=warehouse, change=st.integers(-6, 6).filter(bool),
        code=st.none() | bin_code, target=done,
    )  # fmt: skip
    def adjust(self, product: int, warehouse: int, change: int, code: str | None) -> Any:
        posted = self.attempt(
            adjustments.adjust,
            product_id=self.products[product].pk,
            warehouse_id=self.warehouses[warehouse].pk,
            quantity=change,
            reason="machine",
            bin_id=code and self.bins[warehouse, code],
        )
        return self.booked(posted, product, warehouse, change)

    @rule(
        product=product, warehouse=warehouse, counted=st.integers(0, 8), code=bin_code,
        stale=st.booleans(), target=done,
    )  # fmt: skip
    def count(
        self,
        product: int,
        warehouse: int,
        counted: int,
        code: str,
        stale: bool,  # noqa: FBT001
    ) -> Any:
        contents = self.products[product].bin_contents.filter(
            bin=self.bins[warehouse, code], lot=None, condition="good"
        )
        present = contents.values_list("quantity", flat=True).first() or 0
        posted = self.attempt(
            adjustments.count_bin,
            product_id=self.products[product].pk,
            bin_id=self.bins[warehouse, code],
            counted=counted,
            based_on=present + stale,
        )
        assert posted is None or not stale
        return self.booked(posted, product, warehouse, counted - present)

    def booked(self, posted: Any, product: int, warehouse: int, change: int) -> Any:
        if posted is None:
            return multiple()
        self.on_hand[product, warehouse] += change
        return self.last

    @rule(
        product=product, warehouse=warehouse, quantity=units, code=bin_code,
        to=st.sampled_from(["damaged", "good"]), target=done,
    )  # fmt: skip
    def change_condition(
        self, product: int, warehouse: int, quantity: int, code: str, to: str
    ) -> Any:
        posted = self.attempt(
            adjustments.change_condition,
            product_id=self.products[product].pk,
            bin_id=self.bins[warehouse, code],
            quantity=quantity,
            to=to,
            reason="machine",
        )
        return self.booked(posted, product, warehouse, 0)

    @rule(
        product=product, warehouse=warehouse, quantity=units, origin=bin_code, to=bin_code, lot=lot,
        target=done,
    )  # fmt: skip
    def move(
        self, product: int, warehouse: int, quantity: int, origin: str, to: str, lot: Any
    ) -> Any:
        if origin == to:
            return multiple()
        posted = self.attempt(
            moves.move,
            product_id=self.products[product].pk,
            from_bin_id=self.bins[warehouse, origin],
            to_bin_id=self.bins[warehouse, to],
            quantity=quantity,
            lot=lot,
        )
        return self.booked(posted, product, warehouse, 0)

    @rule(warehouse=warehouse, kind=st.sampled_from(["bulk", "quarantine"]))
    def change_bin(self, warehouse: int, kind: str) -> None:
        before = self.figures()
        try:
            warehouses.change_bin_kind(
                bin_id=self.bins[warehouse, "RECEIVING"], kind=kind, actor=books.ACTOR, at=books.AT
            )
        except errors.ShortfallError:
            assert self.figures() == before

    @rule(
        wanted=st.lists(st.tuples(product, warehouse, units), min_size=1, max_size=4),
        target=promises,
    )
    def reserve(self, wanted: list[tuple[int, int, int]]) -> Any:
        demand = ids.new()
        asked = [Promise(demand, self.level(p, w), quantity) for p, w, quantity in wanted]
        result = self.attempt(reservations.reserve, promises=asked, subject_id=None, document="")
        if result is None:
            return multiple()
        self.promised.update({(one.demand_id, one.level_id): 0 for one in asked})
        for one in asked:
            self.promised[demand, one.level_id] += one.quantity
        return demand

    @rule(demand=promises, quantity=units, target=done)
    def release(self, demand: UUID, quantity: int) -> Any:
        result = self.attempt(
            reservations.release, quantities={demand: quantity}, subject_id=None, document=""
        )
        return self.gave_up(demand, result)

    @rule(demand=promises, quantity=units, pick=st.integers(0, 3), target=done)
    def consume(self, demand: UUID, quantity: int, pick: int) -> Any:
        held = [key for key, left in self.promised.items() if key[0] == demand and left]
        if not held:
            return multiple()
        level_id = held[pick % len(held)][1]
        result = self.attempt(
            reservations.consume,
            promises=[Promise(demand, level_id, quantity)],
            subject_id=None,
            document="",
        )
        if result is not None:
            self.on_hand[self.pair(level_id)] -= quantity
        return self.gave_up(demand, result)

    def gave_up(self, demand: UUID, result: Any) -> Any:
        if result is None:
            return multiple()
        for level_id, quantity in result.items():
            self.promised[demand, level_id] -= quantity
        return self.last

    def pair(self, level_id: UUID) -> tuple[int, int]:
        if level_id not in self.pairs:
            level = StockLevel.objects.get(pk=level_id)
            products = [one.pk for one in self.products]
            houses = [one.pk for one in self.warehouses]
            self.pairs[level_id] = (
                products.index(level.product_id),
                houses.index(level.warehouse_id),
            )
        return self.pairs[level_id]

    @rule(product=product, warehouse=warehouse, quantity=units, target=sent)
    def send(self, product: int, warehouse: int, quantity: int) -> Any:
        transfer = self.attempt(
            transfers.send,
            source_id=self.warehouses[warehouse].pk,
            destination_id=self.warehouses[1 - warehouse].pk,
            parcels=[Parcel(self.products[product].pk, quantity)],
        )
        if transfer is None:
            return multiple()
        self.on_hand[product, warehouse] -= quantity
        self.in_transit += quantity
        return transfer.pk, product, 1 - warehouse

    @rule(transfer=sent, quantity=units, lost=st.booleans(), target=done)
    def settle(self, transfer: tuple[UUID, int, int], quantity: int, lost: bool) -> Any:  # noqa: FBT001
        key, product, destination = transfer
        quantities = {self.products[product].pk: quantity}
        if lost:
            words = {"quantities": quantities, "reason": "machine"}
            result = self.attempt(transfers.write_off, transfer_id=key, **words)
        else:
            result = self.attempt(transfers.receive, transfer_id=key, quantities=quantities)
        if result is None:
            return multiple()
        self.in_transit -= quantity
        self.on_hand[product, destination] += 0 if lost else quantity
        return self.last

    @rule(earlier=done)
    def repeat(self, earlier: tuple[Any, dict[str, Any]]) -> None:
        verb, words = earlier
        before = self.figures()
        verb(**words)
        assert self.figures() == before

    @rule(demand=consumes(promises))
    def release_all(self, demand: UUID) -> None:
        held = {key: left for key, left in self.promised.items() if key[0] == demand and left}
        one_by_one = [Promise(demand, level_id, left) for (_, level_id), left in held.items()]
        if one_by_one:
            result = self.attempt(
                reservations.release_promises, promises=one_by_one, subject_id=None, document=""
            )
            self.gave_up(demand, result)

    @invariant()
    def all_books_agree(self) -> None:
        assert disagreements.find() == []
        for level in StockLevel.objects.all():
            assert level.on_hand == self.on_hand[self.pair(level.pk)]
            assert 0 <= level.reserved + level.unavailable <= level.on_hand

    @invariant()
    def promises_are_those_of_the_model(self) -> None:
        kept = {(one.demand_id, one.level_id): one.quantity for one in Reservation.objects.all()}
        assert kept == {key: left for key, left in self.promised.items() if left}

    @invariant()
    def what_was_sent_is_somewhere(self) -> None:
        lines = TransferLine.objects.values_list("sent", "received", "lost")
        assert sum(one[0] - one[1] - one[2] for one in lines) == self.in_transit
        assert not StockDifference.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db
def test_every_sequence_of_commands_keeps_every_book() -> None:
    run_state_machine_as_test(
        StockMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
