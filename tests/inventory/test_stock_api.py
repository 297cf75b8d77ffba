"""Stock over the API: goods in, corrections, counts that know what they were compared with."""

from typing import Any

import pytest

from config.kernel import dispatch, keys
from inventory.models import Bin, BinStock, Product, StockLevel, StockMovement
from tests.factories.inventory import BinFactory, WarehouseFactory
from tests.factories.orders import Shop, buckets, counters, line
from tests.inventory import books
from tests.threads import at_once

RECEIPTS, ADJUSTMENTS = "/api/v1/stock/receipts/", "/api/v1/stock/adjustments/"


def receive(shop: Shop, *lines: dict[str, Any], key: str | None = "r", **more: Any) -> Any:
    body = {"warehouse": "MAIN", "document": "ASN-7", "lines": list(lines), **more}
    return shop.post(body, path=RECEIPTS, key=key)


def adjust(shop: Shop, *, key: str | None = "a", **more: Any) -> Any:
    body = {"warehouse": "MAIN", "sku": "mug", "reason": "stock check", **more}
    return shop.post(body, path=ADJUSTMENTS, key=key)


class TestReceipts:
    def test_goods_come_in_and_the_answer_tells_the_figures(self, shop: Shop) -> None:
        mug, tea = shop.put("MUG", 2), shop.put("TEA")
        shelf = BinFactory(warehouse=shop.warehouse, code="A-1")
        shop.place(line("MUG", 2))
        answer = receive(
            shop,
            {"sku": "mug", "quantity": 5, "bin": "A-1", "lot": "L1"},
            {"sku": "MUG", "quantity": 1, "condition": "damaged"},
            {"sku": "TEA", "quantity": 7},
        )

        assert answer.status_code == 201, answer.content
        shown = answer.json()
        movement = StockMovement.objects.get(level=mug, kind="receipt", document="ASN-7")
        assert shown.pop("id") == str(movement.command_id)
        assert shown == {
            "warehouse": "MAIN",
            "document": "ASN-7",
            "lines": [
                {
                    "sku": "MUG", "warehouse": "MAIN", "quantity": 6, "on_hand": 8,
                    "unavailable": 1, "allocated": 2, "available": 5,
                },
                {
                    "sku": "TEA", "warehouse": "MAIN", "quantity": 7, "on_hand": 7,
                    "unavailable": 0, "allocated": 0, "available": 7,
                },
            ],
        }  # fmt: skip
        assert BinStock.objects.get(bin=shelf, lot="L1").quantity == 5
        assert counters(tea) == (7, 0, 0)
        assert movement.actor_label == shop.channel.name
        books.assert_agree()

    def test_who_waits_for_them_gets_them(self, shop: Shop) -> None:
        shop.put("MUG")
        order = shop.place(line("MUG", 3))
        receive(shop, {"sku": "MUG", "quantity": 5})
        dispatch.deliver_due()

        assert buckets(order) == [{"reserved": 3}]

    def test_a_retry_books_nothing_and_repeats_the_answer(self, shop: Shop) -> None:
        level = shop.put("MUG")
        first = receive(shop, {"sku": "MUG", "quantity": 5})
        again = receive(shop, {"quantity": 5, "sku": "MUG"})

        assert (again.status_code, again.content) == (201, first.content)
        assert again["Idempotent-Replayed"] == "true"
        assert counters(level) == (5, 0, 0)
        other = receive(shop, {"sku": "MUG", "quantity": 6})
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        elsewhere = adjust(shop, key="r", quantity=5)
        assert elsewhere.json()["code"] == "idempotency_key_reused"

    def test_without_a_key_nothing_is_booked(self, shop: Shop) -> None:
        level = shop.put("MUG")
        for answer in (
            receive(shop, {"sku": "MUG", "quantity": 5}, key=None),
            adjust(shop, key=None, quantity=5),
        ):
            assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
        assert counters(level) == (0, 0, 0)

    def test_every_unknown_name_is_told_and_a_corrected_retry_goes_through(
        self, shop: Shop
    ) -> None:
        level = shop.put("MUG")
        shop.put("POST", is_stocked=False)
        elsewhere = WarehouseFactory()
        BinFactory(warehouse=elsewhere, code="B-9")
        wrong = [
            {"sku": "MUG", "quantity": 1, "bin": "B-9"},
            {"sku": "NEW", "quantity": 1},
            {"sku": "POST", "quantity": 1},
        ]
        answer = receive(shop, *wrong)

        assert answer.status_code == 422
        assert [(fault["path"], fault["code"]) for fault in answer.json()["errors"]] == [
            ("$.lines[0].bin", "unknown_bin"),
            ("$.lines[1].sku", "unknown_product"),
            ("$.lines[2].sku", "not_stocked"),
        ]
        assert counters(level) == (0, 0, 0)
        assert receive(shop, {"sku": "MUG", "quantity": 1}).status_code == 201

    @pytest.mark.parametrize(
        ("body", "path"),
        [
            ({"warehouse": "NOWHERE"}, "$.warehouse"),
            ({"lines": []}, "$.lines"),
            ({"lines": [{"sku": "MUG", "quantity": 0}]}, "$.lines[0].quantity"),
            ({"lines": [{"sku": "MUG", "quantity": 1, "condition": "odd"}]},
             "$.lines[0].condition"),
            ({"lines": [{"sku": "MUG", "quantity": 1, "cost": 1}]}, "$.lines[0].cost"),
        ],
    )  # fmt: skip
    def test_nonsense_is_refused_with_its_path(
        self, shop: Shop, body: dict[str, Any], path: str
    ) -> None:
        shop.put("MUG")
        whole = {"warehouse": "MAIN", "lines": [{"sku": "MUG", "quantity": 1}], **body}
        answer = shop.post(whole, path=RECEIPTS, key="r")

        assert answer.status_code == 422
        assert [fault["path"] for fault in answer.json()["errors"]] == [path]


class TestAdjustments:
    def test_a_quantity_changes_stock_with_its_reason(self, shop: Shop) -> None:
        level = shop.put("MUG", 10)
        answer = adjust(shop, quantity=-3, document="INV-1")

        assert answer.status_code == 201, answer.content
        movement = StockMovement.objects.get(level=level, kind="adjustment")
        assert (movement.reason, movement.document) == ("stock check", "INV-1")
        assert answer.json() == {
            "id": str(movement.command_id), "document": "INV-1", "sku": "MUG",
            "warehouse": "MAIN", "quantity": -3, "on_hand": 7, "unavailable": 0, "allocated": 0,
            "available": 7,
        }  # fmt: skip
        books.assert_agree()

    def test_a_count_sets_what_is_on_hand(self, shop: Shop) -> None:
        level = shop.put("MUG", 10)
        answer = adjust(shop, counted=12, based_on=10)
        assert (answer.json()["quantity"], counters(level)) == (2, (12, 0, 0))
        confirmed = adjust(shop, key="b", counted=12, based_on=12)
        assert (confirmed.status_code, confirmed.json()["quantity"]) == (201, 0)
        kinds = StockMovement.objects.filter(level=level, kind="count")
        assert list(kinds.order_by("version").values_list("d_on_hand", flat=True)) == [2, 0]
        books.assert_agree()

    def test_a_count_of_one_bin(self, shop: Shop) -> None:
        level = shop.put("MUG", 10)
        shelf = BinFactory(warehouse=shop.warehouse, code="A-1")
        receive(shop, {"sku": "MUG", "quantity": 5, "bin": "A-1"})
        answer = adjust(shop, counted=4, based_on=5, bin="A-1")

        assert (answer.json()["quantity"], answer.json()["on_hand"]) == (-1, 14)
        assert BinStock.objects.get(bin=shelf).quantity == 4
        assert counters(level) == (14, 0, 0)

    @pytest.mark.parametrize("where", [{}, {"bin": Bin.STOCK}])
    def test_a_count_based_on_an_old_figure_changes_nothing(
        self, shop: Shop, where: dict[str, str]
    ) -> None:
        level = shop.put("MUG", 10)
        adjust(shop, quantity=-1)
        late = adjust(shop, key="late", counted=10, based_on=10, **where)

        assert (late.status_code, late.json()["code"]) == (409, "stale_count")
        assert (late.json()["present"], counters(level)) == (9, (9, 0, 0))
        assert adjust(shop, key="late", counted=10, based_on=9, **where).status_code == 201

    @pytest.mark.parametrize(
        "wrong",
        [
            {}, {"quantity": 0}, {"counted": 3}, {"based_on": 3},
            {"quantity": 1, "counted": 3, "based_on": 3}, {"quantity": 1, "counted": 3},
            {"quantity": 1, "lot": "L1"}, {"quantity": 1, "condition": "damaged"},
        ],
    )  # fmt: skip
    def test_it_is_one_thing_or_the_other(self, shop: Shop, wrong: dict[str, Any]) -> None:
        level = shop.put("MUG", 10)
        answer = adjust(shop, **wrong)

        assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "$")
        assert counters(level) == (10, 0, 0)

    def test_promised_stock_is_lost_only_if_orders_may_wait(self, shop: Shop) -> None:
        level = shop.put("MUG", 10)
        first, last = shop.place(line("MUG", 4)), shop.place(line("MUG", 4))
        refused = adjust(shop, quantity=-5)
        assert (refused.status_code, refused.json()["code"]) == (409, "stock_shortfall")
        assert (refused.json()["cause"], refused.json()["missing"]) == ("promised", 3)
        assert counters(level) == (10, 0, 8)

        answer = adjust(shop, quantity=-5, let_orders_wait=True)
        assert (answer.status_code, answer.json()["available"]) == (201, 0)
        assert buckets(first) == [{"reserved": 4}]
        assert buckets(last) == [{"backordered": 3, "reserved": 1}]
        again = adjust(shop, quantity=-5, let_orders_wait=True)
        assert (again.content, counters(level)) == (answer.content, (5, 0, 5))

    def test_what_is_not_there_cannot_be_lost(self, shop: Shop) -> None:
        shop.put("MUG", 2)
        answer = adjust(shop, quantity=-3, let_orders_wait=True)
        assert (answer.status_code, answer.json()["cause"]) == (409, "on_hand")


class TestReading:
    def test_every_figure_and_what_lies_where(self, shop: Shop) -> None:
        shop.put("MUG", 10)
        shop.place(line("MUG", 3))
        receive(shop, {"sku": "MUG", "quantity": 1, "condition": "damaged"})
        shop.put("TEA", 4, WarehouseFactory(code="NORTH"))

        page = shop.get("/api/v1/stock/").json()
        assert page["next"] is None
        assert page["results"] == [
            {
                "sku": "MUG", "warehouse": "MAIN", "on_hand": 11, "unavailable": 1,
                "allocated": 3, "available": 7, "incoming": 0,
                "bins": [
                    {"bin": "STOCK", "lot": None, "condition": "damaged", "quantity": 1},
                    {"bin": "STOCK", "lot": None, "condition": "good", "quantity": 10},
                ],
            },
            {
                "sku": "TEA", "warehouse": "NORTH", "on_hand": 4, "unavailable": 0,
                "allocated": 0, "available": 4, "incoming": 0,
                "bins": [{"bin": "STOCK", "lot": None, "condition": "good", "quantity": 4}],
            },
        ]  # fmt: skip

    def test_a_walk_sees_each_place_once(self, shop: Shop, django_assert_num_queries: Any) -> None:
        north = WarehouseFactory(code="NORTH")
        for number in range(3):
            shop.put(f"A{number}", 1)
            shop.put(f"A{number}", 1, north)
        seen, params = [], {"limit": "2"}
        while True:
            page = shop.get("/api/v1/stock/", **params).json()
            seen += [(one["sku"], one["warehouse"]) for one in page["results"]]
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
        places = [(f"A{number}", code) for number in range(3) for code in ("MAIN", "NORTH")]
        assert seen == places
        with django_assert_num_queries(3):
            shop.get("/api/v1/stock/")

    def test_it_is_narrowed(self, shop: Shop) -> None:
        north = WarehouseFactory(code="NORTH")
        for sku in ("MUG", "TEA"):
            shop.put(sku, 1)
            shop.put(sku, 1, north)

        def found(**params: str) -> list[tuple[str, str]]:
            rows = shop.get("/api/v1/stock/", **params).json()["results"]
            return [(one["sku"], one["warehouse"]) for one in rows]

        assert found(sku="mug") == [("MUG", "MAIN"), ("MUG", "NORTH")]
        assert found(warehouse="NORTH") == [("MUG", "NORTH"), ("TEA", "NORTH")]
        assert found(warehouse="north") == []
        assert shop.get("/api/v1/stock/", ware="x").status_code == 400


class TestLimitedToAWarehouse:
    @pytest.fixture
    def north(self, shop: Shop) -> Shop:
        """Return the shop with a key that reaches NORTH only; MAIN holds 5 mugs, NORTH 3."""
        shop.put("MUG", 5)
        shop.put("MUG", 3, WarehouseFactory(code="NORTH"))
        _, shop.key = keys.create(
            channel=shop.channel, name="north", scopes=keys.SCOPES, warehouses=["NORTH"]
        )
        return shop

    def test_it_reads_only_there(self, north: Shop) -> None:
        stock = north.get("/api/v1/stock/").json()["results"]
        assert [(one["warehouse"], one["on_hand"]) for one in stock] == [("NORTH", 3)]
        assert north.get("/api/v1/stock/", warehouse="MAIN").json()["results"] == []
        (told,) = north.get("/api/v1/availability/", sku="MUG").json()["results"]
        assert (told["available"], len(told["warehouses"])) == (3, 1)
        assert north.get("/api/v1/products/").json()["results"][0]["available"] == 3
        assert north.get("/api/v1/products/mug/").json()["available"] == 3

    def test_elsewhere_looks_like_nowhere(self, north: Shop) -> None:
        mug = {"sku": "MUG", "quantity": 1}
        foreign, unknown = (
            receive(north, mug, warehouse=code, key=code) for code in ("MAIN", "NOWHERE")
        )
        assert (foreign.status_code, foreign.content) == (422, unknown.content)
        foreign, unknown = (
            adjust(north, quantity=1, warehouse=code, key=code) for code in ("MAIN", "NOWHERE")
        )
        assert (foreign.status_code, foreign.content) == (422, unknown.content)
        assert sorted(StockLevel.objects.values_list("on_hand", flat=True)) == [3, 5]

    def test_there_it_books(self, north: Shop) -> None:
        assert receive(north, {"sku": "MUG", "quantity": 1}, warehouse="NORTH").status_code == 201
        assert adjust(north, quantity=1, warehouse="NORTH").status_code == 201


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_counts_on_one_figure_one_is_booked() -> None:
    shop = Shop()
    level = shop.put("MUG", 10)
    calls = [
        lambda number=number: adjust(shop, key=f"c{number}", counted=number, based_on=10)
        for number in range(8)
    ]
    codes = sorted(answer.status_code for answer in at_once(*calls))

    assert codes == [201] + [409] * 7
    level.refresh_from_db()
    assert level.on_hand < 8
    assert Product.objects.get().levels.count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_loss_sent_many_times_at_once_takes_promises_back_once() -> None:
    shop = Shop()
    level = shop.put("MUG", 10)
    orders = [shop.place(line("MUG", 2)) for _ in range(5)]
    lose = [lambda: adjust(shop, quantity=-4, let_orders_wait=True)] * 8
    codes = {answer.status_code for answer in at_once(*lose)}

    assert codes <= {201, 409}
    assert 201 in codes
    assert counters(level) == (6, 0, 6)
    waiting = [part.get("backordered", 0) for order in orders for part in buckets(order)]
    assert sum(waiting) == 4
