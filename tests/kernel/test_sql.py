"""Rows of several tables in one prepared statement, and plain errors of Django's."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.kernel import ids, sql
from config.kernel.models import Channel, LegalEntity

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def entity_row(**changes):
    row = {
        "id": ids.new(),
        "code": "HOUSE",
        "name": "Kapell Ltd “é” \\ 'quoted'",
        "address": {"line1": "1 A St", "nested": [1, None]},
        "country": "GB",
        "currency": "GBP",
        "vat_numbers": {},
        "eori": "",
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return row | changes


def channel_row(entity, **changes):
    row = {
        "id": ids.new(),
        "entity_id": entity["id"],
        "code": "WEB",
        "name": "Web",
        "kind": Channel.Kind.API,
        "currencies": ["GBP", "EUR"],
        "time_zone": "Europe/London",
        "shortage_policy": "backorder",
        "unknown_sku_policy": "hold",
        "price_tolerance_percent": Decimal("2.50"),
        "payment_required": True,
        "default_tax_rate": Decimal(20),
        "prices_include_tax": True,
        "is_test": False,
        "duplicate_check": False,
        "messages_enabled": False,
        "settings": {},
        "is_active": True,
        "version": 1,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return row | changes


def test_values_of_every_kind_arrive_as_they_were():
    entity = entity_row()
    sql.insert((LegalEntity, [entity]), (Channel, [channel_row(entity)]))

    stored = LegalEntity.objects.get()
    assert (stored.pk, stored.name, stored.address) == (
        entity["id"],
        entity["name"],
        entity["address"],
    )
    assert stored.created_at == NOON
    channel = Channel.objects.get()
    assert channel.entity == stored
    assert channel.currencies == ["GBP", "EUR"]
    assert channel.price_tolerance_percent == Decimal("2.50")
    assert channel.payment_required is True


def test_several_tables_are_one_statement_and_empty_ones_none():
    entity = entity_row()
    channels = [channel_row(entity, code=f"C{number}") for number in range(50)]
    with CaptureQueriesContext(connection) as captured:
        sql.insert((Channel, []), (LegalEntity, [entity]), (Channel, channels))
        sql.insert((Channel, []))
        sql.insert()
    assert len(captured) == 1
    assert Channel.objects.count() == 50


def test_a_foreign_key_that_holds_nowhere_is_refused():
    sql.insert((Channel, [channel_row({"id": uuid.uuid4()})]))
    with pytest.raises(IntegrityError):
        connection.check_constraints()


def test_a_violated_constraint_is_djangos_error_and_nothing_is_stored():
    rows = [entity_row(), entity_row(code="OTHER"), entity_row()]
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.insert((LegalEntity, rows))
    assert not LegalEntity.objects.exists()


def test_update_sets_columns_of_many_rows_in_one_statement():
    rows = [entity_row(code=f"E{number}") for number in range(3)]
    sql.insert((LegalEntity, rows))
    changes = [{"id": row["id"], "name": f"New {row['code']}"} for row in rows[:2]]

    assert sql.update(LegalEntity, changes) == 2
    assert sql.update(LegalEntity, []) == 0
    assert sorted(LegalEntity.objects.values_list("code", "name")) == [
        ("E0", "New E0"),
        ("E1", "New E1"),
        ("E2", rows[2]["name"]),
    ]


def test_answers_come_as_rows_one_row_or_by_name():
    assert sql.fetch("SELECT n, n * 2 FROM generate_series(1, 2) n") == [(1, 2), (2, 4)]
    assert sql.fetch_one("SELECT %s::int", [7]) == (7,)
    assert sql.fetch_one("SELECT 1 WHERE false") is None
    assert sql.fetch_dicts("SELECT 1 AS one, 'x' AS word") == [{"one": 1, "word": "x"}]
    assert sql.run("SELECT 1 FROM generate_series(1, 3)") == 3


def test_json_from_the_database_is_passed_on_unread():
    assert sql.to_json({"lines": sql.raw("[ 1,2]"), "none": sql.raw(None)}) == (
        '{"lines":[ 1,2],"none":null}'
    )


def test_json_is_compact_with_decimals_as_strings():
    key = uuid.UUID(int=1)
    value = {"amount": Decimal("2.50"), "id": key, "at": NOON}
    assert sql.to_json(value) == f'{{"amount":"2.50","id":"{key}","at":"2026-11-22T12:00:00Z"}}'


def test_arrays_of_keys_and_numbers_arrive_in_order():
    keys = [ids.new(), ids.new()]
    found = sql.fetch_one("SELECT %s::uuid[], %s::int[]", [sql.array(keys), sql.array((3, 1))])

    assert found == (keys, [3, 1])
    assert sql.fetch_one("SELECT %s::int[]", [sql.array([])]) == ([],)


def test_a_statement_works_after_one_that_failed():
    with pytest.raises(DataError), transaction.atomic():
        sql.fetch("SELECT 1 / %s", [0])

    assert sql.fetch("SELECT 1 / %s", [1]) == [(1,)]
