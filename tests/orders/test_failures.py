"""Failed orders: kept whatever went wrong, closed by success, tried again, never beyond bounds."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.kernel import clock
from config.kernel.api import bodies
from config.kernel.errors import Busy, Invalid
from orders import refusals
from orders.errors import FailedOrderClosed, FailedOrderCut, RowsUnreadable
from orders.models import FailedOrder, Order
from orders.services import failures, intake, placement
from tests.factories.imports import ROWS, UNREADABLE, Importer
from tests.factories.kernel import ChannelFactory
from tests.factories.orders import AT, STAFF, Shop, document, line


def failed(**wanted: Any) -> FailedOrder:
    return FailedOrder.objects.get(**wanted)


def raising(error: Exception) -> Any:
    def fail(**_asked: Any) -> None:
        raise error

    return fail


class TestKept:
    def test_what_is_wrong_with_it_and_where(self, shop: Shop) -> None:
        body = document(line(quantity=0), line(unit_price="x"), reference="WEB-7", currency="XXX")
        answer = shop.post(body)
        kept = failed()

        assert answer.status_code == 422
        assert (kept.reference, kept.code, kept.http_status) == ("WEB-7", "invalid", 422)
        assert (kept.channel, kept.status, kept.attempts) == (shop.channel, "open", 1)
        assert kept.faults == answer.json()["errors"]
        assert [one["path"] for one in kept.faults] == [
            "$.currency", "$.lines[0].quantity", "$.lines[1].unit_price",
        ]  # fmt: skip
        assert kept.cause == "invalid $.currency currency"
        assert json.loads(kept.payload) == body

    def test_it_is_parsed_again_as_it_came(self, shop: Shop) -> None:
        text = json.dumps(document(reference="A", currency="XXX")).replace(
            '"10.00"', "10.10000000000000000001"
        )
        shop.post(text)

        assert intake.contents(failed()) == bodies.parse(text.encode())

    @pytest.mark.parametrize(
        ("policy", "code", "facts"),
        [
            (
                {"shortage_policy": "refuse"},
                "out_of_stock",
                {"short": [{"sku": "MUG", "missing": 1}]},
            ),
            ({"unknown_sku_policy": "refuse"}, "unknown_product", {"skus": ["NEW"]}),
        ],
    )  # fmt: skip
    def test_what_the_channels_rules_refuse(
        self, shop: Shop, policy: dict[str, str], code: str, facts: dict[str, Any]
    ) -> None:
        shop.change(**policy)
        shop.put("MUG", 0)
        shop.post(document(line("MUG" if code == "out_of_stock" else "NEW")), key="k")

        assert (failed().code, failed().params) == (code, facts)

    def test_other_content_under_a_used_reference_or_key(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        shop.post(document(reference="A"), key="k")
        shop.post(document(reference="A", note="another"))
        shop.post(document(reference="B"), key="k")

        assert failed(reference="A").code == "order_exists"
        assert failed(reference="B").code == "idempotency_key_reused"

    @pytest.mark.parametrize(
        ("error", "code", "status"),
        [
            (Busy(), "busy", 503),
            (OperationalError("gone"), "busy", 503),
            (ZeroDivisionError(), "server_error", 500),
        ],
    )
    def test_what_broke_on_our_side(
        self,
        shop: Shop,
        monkeypatch: pytest.MonkeyPatch,
        error: Exception,
        code: str,
        status: int,
    ) -> None:
        shop.put("MUG", 9)
        shop.client.raise_request_exception = False
        body = document(reference="A")
        with monkeypatch.context() as broken:
            broken.setattr(placement, "_place", raising(error))
            assert shop.post(body).status_code == status
        assert (failed().code, failed().http_status) == (code, status)

        assert shop.post(body).status_code == 201
        assert failed().status == "resolved"

    def test_a_body_without_a_reference_is_known_by_its_content(self, shop: Shop) -> None:
        body = document()
        del body["reference"]
        for _ in range(3):
            shop.post(body)
        shop.post({**body, "note": "another"})

        assert sorted(FailedOrder.objects.values_list("reference", "attempts")) == [
            ("", 1),
            ("", 3),
        ]

    def test_of_what_cannot_be_read_the_beginning(self, shop: Shop) -> None:
        assert shop.post('{"reference": "A", ' + " " * 10_000).status_code == 400
        kept = failed()

        assert (kept.code, kept.reference, kept.is_whole) == ("malformed", "", False)
        assert len(kept.payload) == failures.LONGEST_EXCERPT
        with pytest.raises(FailedOrderCut):
            intake.retry(failed_id=kept.pk, actor=STAFF, at=AT)

    def test_what_nobody_may_see_is_removed(self, shop: Shop) -> None:
        body = document(currency="XXX", metadata={"Card_Number": "4111", "deep": [{"cvv": "1"}]})
        shop.post({**body, "password": "x", "company": "y"})
        kept = json.loads(failed().payload)

        assert kept["metadata"] == {"Card_Number": "[removed]", "deep": [{"cvv": "[removed]"}]}
        assert (kept["password"], kept["company"]) == ("[removed]", "y")

    def test_not_what_was_only_tried_out_nor_what_came_without_a_key(self, shop: Shop) -> None:
        shop.post(document(currency="XXX"), path="/api/v1/orders/?dry_run=true")
        shop.key = "kapell_unknown"
        shop.post(document(currency="XXX"))

        assert FailedOrder.objects.count() == 0

    def test_a_failure_that_cannot_be_kept_changes_no_answer(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(failures, "_keep", raising(OperationalError("gone")))

        assert shop.post(document(currency="XXX")).status_code == 422
        assert "could not be kept" in caplog.text

    def test_an_order_that_succeeds_takes_no_statement_more(self, shop: Shop) -> None:
        shop.put("MUG", 90)
        shop.post(document(reference="other", currency="XXX"))
        shop.post(document())
        with CaptureQueriesContext(connection) as queries:
            assert shop.post(document()).status_code == 201
        assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 3


class TestClosing:
    def test_the_same_reference_succeeding_closes_it(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        for _ in range(2):
            shop.post(document(reference="A", currency="XXX"))
        assert (failed().attempts, failed().status) == (2, "open")
        shop.post(document(reference="A"))
        kept = failed()

        assert (kept.status, kept.closed_by) == ("resolved", shop.channel.name)
        assert kept.closed_at is not None

    def test_another_channels_reference_does_not(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        shop.post(document(reference="A", currency="XXX"))
        Shop(channel=ChannelFactory(), warehouse=shop.warehouse).post(document(reference="A"))

        assert failed().status == "open"

    def test_a_dismissed_one_stays_so_until_something_else_comes(self, shop: Shop) -> None:
        body = document(reference="A", currency="XXX")
        shop.post(body)
        failures.dismiss(failed_id=failed().pk, reason="a test", actor=STAFF, at=AT)
        with pytest.raises(FailedOrderClosed):
            failures.dismiss(failed_id=failed().pk, reason="again", actor=STAFF, at=AT)
        shop.post(body)
        kept = failed()
        assert (kept.status, kept.attempts, kept.reason) == ("dismissed", 2, "a test")

        shop.post({**body, "note": "another"})
        kept = failed()
        assert (kept.status, kept.reason, kept.closed_at) == ("open", "", None)

    def test_one_that_was_placed_at_that_moment_is_no_failure(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        body = document(reference="A")
        shop.post(body)
        fingerprint = Order.objects.get().intake.fingerprint
        sent = failures.Sent(shop.channel.pk, body, fingerprint)
        problem = {"code": "busy", "status": 503, "detail": "", "title": "", "type": ""}
        failures.keep(sent=sent, problem=problem, at=AT)
        assert FailedOrder.objects.count() == 0

        shop.post({**body, "currency": "XXX"})
        FailedOrder.objects.update(digest=fingerprint)
        assert failures.sweep(at=AT) == 1
        assert failed().status == "resolved"


class TestBounds:
    def test_the_oldest_are_dropped_closed_ones_first(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(failures, "MOST_KEPT", 3)
        monkeypatch.setattr(failures, "MOST_WITHOUT_REFERENCE", 2)
        for reference in "ABCD":
            shop.post(document(reference=reference, currency="XXX"))
            if reference == "B":
                failures.dismiss(failed_id=failed(reference="B").pk, reason="x", actor=STAFF, at=AT)
        assert set(FailedOrder.objects.values_list("reference", flat=True)) == {"A", "C", "D"}
        shop.post(document(reference="E", currency="XXX"))
        assert set(FailedOrder.objects.values_list("reference", flat=True)) == {"C", "D", "E"}
        for number in range(4):
            shop.post("{" * (number + 1))
        assert FailedOrder.objects.filter(reference="").count() == 2
        elsewhere = Shop(channel=ChannelFactory(), warehouse=shop.warehouse)
        elsewhere.post(document(reference="F", currency="XXX"))
        assert FailedOrder.objects.count() == 6

    def test_a_long_payload_is_cut_and_cannot_be_tried_again(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(failures, "LONGEST_PAYLOAD", 100)
        shop.post(document(reference="A", currency="XXX"))

        assert (len(failed().payload), failed().is_whole) == (100, False)
        with pytest.raises(FailedOrderCut):
            intake.retry(failed_id=failed().pk, actor=STAFF, at=AT)

    def test_old_ones_are_forgotten(self, shop: Shop) -> None:
        for reference in "ABC":
            shop.post(document(reference=reference, currency="XXX"))
        now = clock.now()
        failures.dismiss(failed_id=failed(reference="A").pk, reason="x", actor=STAFF, at=now)
        FailedOrder.objects.filter(reference="B").update(last_at=now - timezone.timedelta(days=60))

        assert failures.forget_old(at=now + timezone.timedelta(days=29)) == 0
        assert failures.forget_old(at=now + timezone.timedelta(days=31)) == 2
        assert failed().reference == "C"


class TestRetrying:
    def test_the_cause_being_gone_it_is_placed_once(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        body = document(reference="A", currency="EUR")
        shop.change(currencies=["GBP"])
        first = shop.post(body, key="k")
        shop.change(currencies=["GBP", "EUR"])
        kept = failed()
        answer = intake.retry(failed_id=kept.pk, actor=STAFF, at=AT)

        assert (first.status_code, answer.status) == (422, 201)
        order = Order.objects.get()
        assert (order.reference, order.currency, order.origin) == ("A", "EUR", "api")
        assert failed().status == "resolved"
        assert failed().closed_by == "Ann"
        told = shop.get(f"/api/v1/orders/{order.number}/timeline/").json()["results"]
        assert told[0]["actor"] == {"kind": "staff", "name": "Ann"}
        # the channel sends it again and gets the order
        assert shop.post(body, key="k").content.decode() == answer.body
        with pytest.raises(FailedOrderClosed):
            intake.retry(failed_id=kept.pk, actor=STAFF, at=AT)
        assert Order.objects.count() == 1

    def test_corrected_it_answers_for_what_was_sent(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        body = document(line(quantity=0), reference="A")
        shop.post(body)
        corrected = {**body, "lines": [line(quantity=2)]}
        answer = intake.retry(failed_id=failed().pk, document=corrected, actor=STAFF, at=AT)
        again = shop.post(body)

        assert (again.status_code, again.content.decode()) == (200, answer.body)
        assert Order.objects.get().lines.get().ordered == 2
        assert failed().status == "resolved"

    def test_failing_again_it_keeps_the_correction_and_the_new_errors(self, shop: Shop) -> None:
        shop.post(document(line(quantity=0), reference="A"))
        body = document(line(unit_price="x"), reference="A")
        with pytest.raises(Invalid):
            intake.retry(failed_id=failed().pk, document=body, actor=STAFF, at=AT)
        kept = failed()

        assert (kept.attempts, kept.status) == (2, "open")
        assert [one["path"] for one in kept.faults] == ["$.lines[0].unit_price"]
        assert json.loads(kept.payload) == body
        assert Order.objects.count() == 0

    def test_a_refusal_of_the_channels_rules_is_tried_on_fresh_figures(self, shop: Shop) -> None:
        shop.change(shortage_policy="refuse")
        shop.put("MUG", 0)
        body = document(reference="A")
        assert shop.post(body, key="k").status_code == 409
        assert intake.retry(failed_id=failed().pk, actor=STAFF, at=AT).status == 409
        assert failed().attempts == 2
        shop.put("MUG", 5)

        assert intake.retry(failed_id=failed().pk, actor=STAFF, at=AT).status == 201
        assert failed().status == "resolved"

    def test_a_reference_that_was_missing_is_added(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        body = document()
        del body["reference"]
        shop.post(body)
        added = {**body, "reference": "BY-HAND-1"}

        assert intake.retry(
            failed_id=failed().pk, document=added, actor=STAFF, at=AT
        ).status == 201  # fmt: skip
        assert failed().status == "resolved"
        assert shop.post(added).status_code == 200

    def test_a_dismissed_one_can_be_placed_after_all(self, shop: Shop) -> None:
        shop.put("MUG", 9)
        shop.post(document(line(quantity=0), reference="A"))
        failures.dismiss(failed_id=failed().pk, reason="x", actor=STAFF, at=AT)
        intake.retry(failed_id=failed().pk, document=document(reference="A"), actor=STAFF, at=AT)

        assert failed().status == "resolved"


def test_a_cause_has_one_name_wherever_the_fault_stands() -> None:
    first = [{"path": "$.lines[0].quantity", "code": "greater_than_equal"}]
    later = [{"path": "$.lines[41].quantity", "code": "greater_than_equal"}]

    assert refusals.cause("invalid", first) == refusals.cause("invalid", later)
    assert refusals.cause("invalid", first) == "invalid $.lines[].quantity greater_than_equal"
    assert refusals.cause("busy", []) == "busy"


def test_secrets_are_known_by_their_names() -> None:
    document = {"pan": Decimal(1), "company": "x", "span": "y", "client_secret": "z", "cvc": ""}

    assert refusals.without_secrets(document) == {
        "pan": "[removed]", "company": "x", "span": "y", "client_secret": "[removed]", "cvc": "",
    }  # fmt: skip


class TestImports:
    @pytest.fixture
    def importer(self, shop: Shop, tmp_path: Any) -> Importer:
        shop.put("MUG", 50)
        return Importer(shop, tmp_path)

    def test_orders_of_a_file_that_cannot_be_read_are_kept_with_their_rows(
        self, importer: Importer
    ) -> None:
        path = importer.write([ROWS[0], *UNREADABLE])
        for _ in range(2):
            with pytest.raises(RowsUnreadable):
                importer.bring(path)
        kept = failed(reference="6")

        assert FailedOrder.objects.count() == 3
        assert (kept.code, kept.origin, kept.attempts) == ("rows_refused", "history", 1)
        assert kept.faults == [{"row": 4, "code": "not_a_number", "path": "Qty", "value": "one"}]
        assert kept.params["file"] == "orders.csv"
        with pytest.raises(FailedOrderCut):
            intake.retry(failed_id=kept.pk, actor=STAFF, at=AT)

    def test_the_corrected_file_closes_them(self, importer: Importer) -> None:
        importer.bring(importer.write(UNREADABLE), skip_bad_rows=True)
        right = ["6", "2026-03-05 09:00:00", "MUG", "Mug", "1", "1", "", ""]
        importer.bring(importer.write([right], name="again.csv"))

        assert failed(reference="6").status == "resolved"
        assert failed(reference="5").status == "open"

    def test_what_a_rule_refuses_is_no_failure(self, importer: Importer) -> None:
        importer.bring(importer.write(ROWS[-1:]))

        assert FailedOrder.objects.count() == 0
