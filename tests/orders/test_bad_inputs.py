"""The bad inputs of the reliability page, each with the answer named there."""

import json
import time
from typing import Any

import pytest

from config.kernel.models import IdempotencyKey
from orders.models import Order
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import Shop, document, line


def paths(answer: Any) -> list[tuple[str, str]]:
    return [(fault["path"], fault["code"]) for fault in answer.json()["errors"]]


@pytest.mark.parametrize("quantity", [0, -1, 1.5, True, "2 ", "2", 2**31, None, 10**17], ids=repr)
def test_a_quantity_is_a_whole_number_above_zero(shop: Shop, quantity: object) -> None:
    answer = shop.post(document(line(), {**line(), "quantity": quantity}))

    assert answer.status_code == 422
    assert [path for path, _ in paths(answer)] == ["$.lines[1].quantity"]
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"shipping_amount": "19.999"}, "$.shipping_amount"),
        ({"discount_amount": "-1.00"}, "$.discount_amount"),
        ({"currency": "eur"}, "$.currency"),
        ({"currency": "USD"}, "$.currency"),
        ({"lines": [line(unit_price="-1.00")]}, "$.lines[0].unit_price"),
        ({"lines": [line(unit_price="1.1234567")]}, "$.lines[0].unit_price"),
        ({"lines": [line(unit_price="1e3")]}, "$.lines[0].unit_price"),
        ({"lines": [line(discount_amount="10.01")]}, "$.lines[0].discount_amount"),
        ({"lines": []}, "$.lines"),
        ({"payments": [{"method": "c", "status": "paid", "amount": "0"}]}, "$.payments[0].amount"),
        ({"customer": {"email": "a@b.test\r\nBcc: x@y.test"}}, "$.customer.email"),
        ({"reference": "A\r\nB"}, "$.reference"),
        ({"reference": ""}, "$.reference"),
        ({"placed_at": "2026-02-30T10:00:00Z"}, "$.placed_at"),
        ({"placed_at": "2026-02-03T10:00:00"}, "$.placed_at"),
        ({"placed_at": "0001-01-01T00:00:00Z"}, "$.placed_at"),
        ({"placed_at": "9999-12-31T23:59:59Z"}, "$.placed_at"),
        ({"placed_at": "2026-02-03T10:00:00+25:00"}, "$.placed_at"),
        ({"placed_at": 1795300000}, "$.placed_at"),
        ({"placed_at": "2099-01-01T00:00:00Z"}, "$.placed_at"),
        ({"lines": [line(quantity=1_000_000, unit_price="999999999.99")]}, "$.lines"),
    ],
)  # fmt: skip
def test_content_that_makes_no_sense_is_422_with_its_path(
    shop: Shop, change: dict[str, Any], path: str
) -> None:
    answer = shop.post(document(**change))

    assert answer.status_code == 422
    assert [found for found, _ in paths(answer)] == [path]
    assert Order.objects.count() == 0


def test_unknown_fields_are_refused_by_name_wherever_they_stand(shop: Shop) -> None:
    body = document({**line(), "unit_cost": "1"}, status="paid", channel_id="x", is_staff=True)
    answer = shop.post(body)

    assert sorted(paths(answer)) == [
        ("$.channel_id", "unknown_field"),
        ("$.is_staff", "unknown_field"),
        ("$.lines[0].unit_cost", "unknown_field"),
        ("$.status", "unknown_field"),
    ]


def test_all_faults_come_at_once(shop: Shop) -> None:
    answer = shop.post({"currency": "xxx", "lines": [{"quantity": 0}]})

    assert {path for path, _ in paths(answer)} == {
        "$.reference", "$.currency", "$.lines[0].sku", "$.lines[0].quantity",
        "$.lines[0].unit_price",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b'{"reference":"A","quantity":1,"quantity":100}',
        b'{"reference":NaN}',
        b'{"reference":Infinity}',
        b'{"total_amount":1e400}',
        b'{"total_amount":' + b"9" * 5000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"note":"\\u0000"}',
        b'{"note":"\\ud800"}',
        b'{"note":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"<order/>",
        b"[]",
    ],
)
def test_what_cannot_be_read_is_400_at_once(shop: Shop, body: bytes) -> None:
    started = time.monotonic()
    answer = shop.post(body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert time.monotonic() - started < 5
    assert Order.objects.count() == 0


def test_the_name_that_stands_twice_is_told(shop: Shop) -> None:
    assert '"quantity"' in shop.post(b'{"quantity":1,"quantity":100}').json()["detail"]


def test_too_many_lines_or_bytes_are_refused(shop: Shop) -> None:
    many = shop.post(document(*[line()] * 10_001))
    large = shop.post(json.dumps(document(note="x" * 20_000_000)))

    assert (many.status_code, large.status_code) == (413, 413)


@pytest.mark.parametrize("kind", ["text/xml", "application/x-www-form-urlencoded", "text/plain"])
def test_other_content_types_are_415(shop: Shop, kind: str) -> None:
    answer = shop.client.post(
        "/api/v1/orders/", b"{}", content_type=kind, headers={"Authorization": f"Bearer {shop.key}"}
    )

    assert answer.status_code == 415


def test_a_compressed_body_is_415(shop: Shop) -> None:
    assert shop.post(b"{}", headers={"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ü"])
def test_an_odd_key_is_400(shop: Shop, key: str) -> None:
    answer = shop.post(document(), key=key)

    assert answer.status_code == 400
    assert answer.json()["code"] == "idempotency_key_malformed"


def test_strange_text_is_kept_composed_and_within_bounds(shop: Shop) -> None:
    shop.put("MUG", 5)
    name = "e" + "\u0301" * 5_000 + "\u202e\u200b😀"
    answer = shop.post(document(customer={"name": "e\u0301", "reference": "1"}, note=name))

    assert answer.status_code == 201
    order = Order.objects.get()
    assert order.customer is not None
    assert order.customer.name == "\u00e9"
    assert len(order.note) < 20


def test_markup_is_only_text(shop: Shop) -> None:
    shop.put("MUG", 5)
    note = "<img src=x onerror=alert(1)>{{7*7}}${7*7}"

    assert shop.post(document(note=note)).json()["note"] == note


class TestForeignObjects:
    def test_another_channels_order_looks_like_an_unknown_one(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        theirs = Shop(channel=ChannelFactory(), warehouse=shop.warehouse).place()
        for path in ("", "timeline/"):
            foreign = shop.get(f"/api/v1/orders/{theirs.number}/{path}")
            unknown = shop.get(f"/api/v1/orders/SO-1/{path}")
            assert (foreign.status_code, foreign.content) == (404, unknown.content)
        foreign = shop.post({}, key="k", path=f"/api/v1/orders/{theirs.number}/cancel/")
        unknown = shop.post({}, key="k", path="/api/v1/orders/SO-1/cancel/")
        assert (foreign.status_code, foreign.content) == (404, unknown.content)

    def test_lists_show_only_the_callers_orders(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        Shop(channel=ChannelFactory(), warehouse=shop.warehouse).place()

        assert shop.get("/api/v1/orders/").json() == {"results": [], "next": None}
        assert shop.get("/api/v1/events/").json()["results"] == []


class TestListParameters:
    @pytest.mark.parametrize(
        "params",
        [
            {"limit": "0"},
            {"limit": "-1"},
            {"limit": "ten"},
            {"offset": "-1"},
            {"ordering": "password"},
            {"cursor": "forged"},
            {"status": "nonsense"},
            {"placed_after": "yesterday"},
            {f"filter{n}": "x" for n in range(200)},
            {"reference": "a\x00b"},
        ],
    )
    def test_nonsense_is_400(self, shop: Shop, params: dict[str, str]) -> None:
        answer = shop.get("/api/v1/orders/", **params)

        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"

    def test_a_huge_limit_is_capped(self, shop: Shop) -> None:
        assert shop.get("/api/v1/orders/", limit="1000000000").status_code == 200

    def test_a_cursor_belongs_to_its_filters(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        for _ in range(2):
            shop.place()
        following = shop.get("/api/v1/orders/", limit="1").json()["next"]

        assert shop.get("/api/v1/orders/", limit="1", cursor=following).status_code == 200
        answer = shop.get("/api/v1/orders/", limit="1", cursor=following, status="open")
        assert answer.status_code == 400

    def test_another_lists_cursor_is_not_ours(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        shop.put("TEA", 5)
        shop.place()
        for path in ("/api/v1/products/", "/api/v1/events/"):
            following = shop.get(path, limit="1").json()["next"]
            assert following, path
            answer = shop.get("/api/v1/orders/", limit="1", cursor=following)
            assert answer.status_code == 400


class TestKeysOnCancel:
    @pytest.mark.parametrize(
        ("key", "code"),
        [
            (None, "idempotency_key_missing"),
            ("x" * 300, "idempotency_key_malformed"),
            ("a\x01", "idempotency_key_malformed"),
        ],
    )
    def test_a_missing_or_odd_key_is_400(self, shop: Shop, key: str | None, code: str) -> None:
        shop.put("MUG", 5)
        order = shop.place()
        answer = shop.post({}, key=key, path=f"/api/v1/orders/{order.number}/cancel/")

        assert (answer.status_code, answer.json()["code"]) == (400, code)
        order.refresh_from_db()
        assert order.status == "open"

    def test_a_key_used_on_another_route_is_422(self, shop: Shop) -> None:
        shop.put("MUG", 5)
        order, body = shop.place(), document()
        shop.post(body, key="k")
        answer = shop.post({}, key="k", path=f"/api/v1/orders/{order.number}/cancel/")

        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert IdempotencyKey.objects.count() == 1


def test_without_a_key_or_with_a_wrong_one_it_is_401(shop: Shop) -> None:
    wrong = shop.key[:-1] + ("A" if shop.key[-1] != "A" else "B")
    for headers in ({}, {"Authorization": f"Bearer {wrong}"}, {"Authorization": "Basic eDp5"}):
        answer = shop.client.post(
            "/api/v1/orders/", "{}", content_type="application/json", headers=headers
        )
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("address", "customer"),
    [
        ({"postal_code": "ß" * 20}, {}),
        ({"name": "ß" * 200, "city": "ß" * 120}, {"name": "\ufdfa" * 200}),
        ({"phone": "x" * 40}, {"phone": "y" * 40}),
        ({}, {"vat_number": "ß" * 32, "email": "ß" * 120 + "@x.test"}),
    ],
    ids=["postcode", "names", "phones", "VAT number and e-mail"],
)
def test_letters_that_grow_when_compared_fit_all_the_same(
    shop: Shop, address: dict[str, str], customer: dict[str, str]
) -> None:
    order = document(line(sku="\ufdfa" * 60))
    order["shipping_address"] = {**order["shipping_address"], **address}
    order["customer"] = {"reference": "9", **customer}

    assert shop.post(order).status_code == 201
    assert Order.objects.count() == 1
