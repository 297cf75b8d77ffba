"""A cache that answers "nothing here" while Redis is away: reads fail open, orders go on."""

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

Answer = TypeVar("Answer")


class FailOpenRedisCache(RedisCache):
    """Redis as a cache that may be away; a missed entry is always recomputable."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return _or(lambda: super(FailOpenRedisCache, self).get(key, default, version), default)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        return _or(lambda: super(FailOpenRedisCache, self).get_many(keys, version), {})

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return _or(lambda: super(FailOpenRedisCache, self).has_key(key, version), otherwise=False)

    def add(self, key: Any, value: Any, *args: Any, **options: Any) -> bool:
        return _or(
            lambda: super(FailOpenRedisCache, self).add(key, value, *args, **options),
            otherwise=True,
        )

    def set(self, key: Any, value: Any, *args: Any, **options: Any) -> None:
        with contextlib.suppress(RedisError):
            super().set(key, value, *args, **options)

    def set_many(self, data: dict[Any, Any], *args: Any, **options: Any) -> list[Any]:
        write = super().set_many
        return _or(lambda: write(data, *args, **options), list(data))

    def touch(self, key: Any, *args: Any, **options: Any) -> bool:
        return _or(
            lambda: super(FailOpenRedisCache, self).touch(key, *args, **options), otherwise=False
        )

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return _or(lambda: super(FailOpenRedisCache, self).incr(key, delta, version), delta)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return _or(lambda: super(FailOpenRedisCache, self).delete(key, version), otherwise=False)


def _or(ask: Callable[[], Answer], otherwise: Answer) -> Answer:
    try:
        return ask()
    except RedisError:
        return otherwise
