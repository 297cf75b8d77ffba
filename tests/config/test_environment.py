import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment

URL = "postgresql://kapell:p%40ss@db.example:6432/orders?sslmode=require"


@pytest.fixture(autouse=True)
def url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", URL)


def test_a_missing_variable_is_named(monkeypatch):
    monkeypatch.setenv("KAPELL_SECRET_KEY", " ")
    with pytest.raises(ImproperlyConfigured, match="KAPELL_SECRET_KEY is required and not set"):
        environment.text("KAPELL_SECRET_KEY")


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("Yes", True), ("0", False), ("", False)]
)
def test_a_flag_is_yes_or_no(monkeypatch, value, expected):
    monkeypatch.setenv("KAPELL_FLAG", value)
    assert environment.flag("KAPELL_FLAG", default=not expected) is expected


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda: environment.flag("KAPELL_X"), "perhaps", "KAPELL_X must be 1 or 0, not perhaps"),
        (lambda: environment.number("KAPELL_X", 1), "many", "KAPELL_X must be a whole number"),
        (lambda: environment.required_words("KAPELL_X"), "", "KAPELL_X is required and not set"),
    ],
)
def test_a_malformed_variable_is_named(monkeypatch, read, value, message):
    monkeypatch.setenv("KAPELL_X", value)
    with pytest.raises(ImproperlyConfigured, match=message):
        read()


def test_a_list_is_separated_by_commas(monkeypatch):
    monkeypatch.setenv("KAPELL_X", "a.example, b.example,,")
    assert environment.words("KAPELL_X") == ["a.example", "b.example"]


def test_the_database_address_is_taken_apart():
    entry = environment.database()

    assert {name: entry[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "orders",
        "USER": "kapell",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6432",
    }
    assert entry["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("value", ["mysql://me@host/x", "postgresql://host", "orders"])
def test_an_address_that_is_none_is_refused_without_showing_it(monkeypatch, value):
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like") as refusal:
        environment.database()
    assert value not in str(refusal.value)


@pytest.mark.parametrize(
    ("role", "limits", "pool", "age"),
    [
        ("web", {"lock_timeout=2s", "statement_timeout=10s"}, 4, 0),
        ("worker", {"lock_timeout=5s", "statement_timeout=5min"}, None, 600),
        ("command", {"lock_timeout=5s", "statement_timeout=0"}, None, 600),
    ],
)
def test_the_role_decides_how_long_a_process_may_wait(monkeypatch, role, limits, pool, age):
    monkeypatch.setenv("KAPELL_ROLE", role)
    entry = environment.database()
    session = set(entry["OPTIONS"]["options"].removeprefix("-c ").split(" -c "))

    assert limits | {"random_page_cost=1.1", "plan_cache_mode=force_generic_plan"} <= session
    assert ("idle_in_transaction_session_timeout=15s" in session) is (role == "web")
    assert entry["OPTIONS"].get("pool", {}).get("max_size") == pool
    assert entry["CONN_MAX_AGE"] == age


def test_an_unknown_role_is_refused(monkeypatch):
    monkeypatch.setenv("KAPELL_ROLE", "boss")
    with pytest.raises(ImproperlyConfigured, match="KAPELL_ROLE must be web, worker or command"):
        environment.database()


def test_cache_and_queue_never_share_a_redis_database():
    assert environment.next_database("redis://:x@host:6379/2") == "redis://:x@host:6379/3"
    assert environment.next_database("redis://host") == "redis://host/1"
