"""Statements run by libpq: values, names, transactions and errors as psycopg's cursor has them."""

from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import pq

from config.kernel import prepared

pytestmark = pytest.mark.django_db
NAMES = "SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'kapell_%%' OR %s"


@pytest.fixture
def session(db):  # noqa: ARG001 - the database must be there
    """A connection of its own to the tests' database, as Django opens it."""
    entry = connections[DEFAULT_DB_ALIAS].copy()
    entry.connect()
    entry.set_autocommit(False)
    yield entry.connection
    entry.close()


def ask(session, statement, params=None, **options):
    return prepared.run(session, statement, params, **options).rows


def test_values_are_found_by_name_or_by_place(session):
    by_name = "SELECT %(a)s::int, %(b)s::text, %(a)s::int + 1, '100%%'"

    assert ask(session, by_name, {"b": "two", "a": 1, "unused": 3}) == [(1, "two", 2, "100%")]
    assert ask(session, "SELECT %s::int, %s::text", [1, None]) == [(1, None)]
    assert ask(session, "SELECT 'a%b'") == [("a%b",)]


def test_a_statement_is_prepared_once_whatever_its_values(session):
    statement = "SELECT %s::int AS prepared_once"
    for number in range(3):
        ask(session, statement, [number])

    found = ask(session, NAMES, [False])
    assert len([text for _, text in found if "prepared_once" in text]) == 1


def test_the_oldest_statement_gives_way(session, monkeypatch):
    monkeypatch.setattr(prepared, "MOST", 2)
    for number in range(4):
        ask(session, f"SELECT {number}, %s::int", [number])

    assert len(ask(session, NAMES, [False])) == 2
    assert ask(session, "SELECT 0, %s::int", [7]) == [(0, 7)]


def test_numbers_and_keys_come_as_themselves_in_text_and_binary(session):
    statement = "SELECT 1.50::numeric, '0198d7b0-0000-7000-8000-000000000000'::uuid, true"
    expected = [(Decimal("1.50"), UUID("0198d7b0-0000-7000-8000-000000000000"), True)]

    assert ask(session, statement) == expected
    assert ask(session, statement, binary=True) == expected


def test_columns_have_names_and_touched_rows_are_counted(session):
    assert prepared.run(session, "SELECT 1 AS one, 2 AS two").names == ["one", "two"]
    ask(session, "CREATE TEMP TABLE counted (n int)")
    inserted = prepared.run(session, "INSERT INTO counted VALUES (%s), (%s)", [1, 2])

    assert (inserted.count, inserted.rows, inserted.names) == (2, [], [])


def test_it_opens_a_transaction_unless_the_session_commits_itself(session):
    ask(session, "SELECT 1")
    assert session.info.transaction_status == pq.TransactionStatus.INTRANS

    session.rollback()
    session.autocommit = True
    ask(session, "SELECT 1")
    assert session.info.transaction_status == pq.TransactionStatus.IDLE


def test_what_was_prepared_outlives_a_rollback(session):
    ask(session, "SELECT %s::int AS kept", [1])
    session.rollback()

    assert ask(session, "SELECT %s::int AS kept", [2]) == [(2,)]


def test_refusals_are_psycopgs_with_code_and_constraint(session):
    ask(session, "CREATE TEMP TABLE twins (n int CONSTRAINT only_once UNIQUE)")
    statement = "INSERT INTO twins VALUES (%s)"
    ask(session, statement, [1])
    with pytest.raises(psycopg.errors.UniqueViolation) as refusal:
        ask(session, statement, [1])

    assert refusal.value.sqlstate == "23505"
    assert refusal.value.diag.constraint_name == "only_once"


def test_a_text_that_is_no_statement_is_refused(session):
    with pytest.raises(psycopg.errors.SyntaxError):
        ask(session, "SELEKT %s", [1])


def test_a_lost_connection_is_an_operational_error(session):
    ask(session, "SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        ask(session, "SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(psycopg.OperationalError):
        ask(session, "SELECT 1")


def test_a_plan_made_on_an_empty_table_uses_its_index(session):
    ask(session, "CREATE TEMP TABLE young (n int PRIMARY KEY)")
    ask(session, "ANALYZE young")
    session.commit()
    ask(session, "SET plan_cache_mode = force_generic_plan")
    find = "SELECT n FROM young WHERE n = %s"
    for text in (f"EXPLAIN {find}", f"EXPLAIN /* again */ {find}"):
        plan = "\n".join(row[0] for row in prepared.run(session, text, [1], by_index=True).rows)
        assert "Seq Scan" not in plan
    session.commit()

    assert ask(session, "SHOW enable_seqscan") == [("on",)]
