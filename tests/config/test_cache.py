import pytest

from config.cache import FailOpenRedisCache


@pytest.fixture
def away():
    """A cache whose server is not there."""
    return FailOpenRedisCache("redis://127.0.0.1:1/0", {"OPTIONS": {"socket_connect_timeout": 0.2}})


def test_a_cache_that_is_away_has_nothing_and_refuses_nothing(away):
    away.set("a", 1)
    away.set_many({"a": 1})

    assert away.get("a") is None
    assert away.get("a", "other") == "other"
    assert away.get_many(["a"]) == {}
    assert away.add("a", 1) is True
    assert away.incr("a", 2) == 2
    assert away.delete("a") is False
    assert away.touch("a") is False
    assert "a" not in away
    assert away.get_or_set("a", lambda: 5) == 5


def test_a_cache_that_is_there_is_a_cache(settings):
    there = FailOpenRedisCache(settings.CACHES["default"]["LOCATION"], {})
    there.set("test-cache", {"n": 1})

    assert there.get("test-cache") == {"n": 1}
    assert there.add("test-cache", 2) is False
    assert there.delete("test-cache") is True
