"""Is this process well, and is the system ready: two addresses.

`/healthz` is for load balancers and `make up`, `/readyz` for what wakes somebody at night.
"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.operations import facts
from config.operations.doctor import State, known

RETRY_AFTER = {"Retry-After": "5"}


@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """200 while this process reaches its database, else 503."""
    return _answer({"database": _database_answers()})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when database, cache, worker and beat are well and the schema is the code's, else 503."""
    database = _database_answers()
    schema = database and _schema_is_current()
    return _answer(
        {
            "database": database,
            "schema": schema,
            "cache": _cache_answers(),
            **_programs(look=schema),
        }
    )


def _answer(checks: dict[str, bool]) -> JsonResponse:
    well = all(checks.values())
    body = {"status": "ok" if well else "failing", "checks": checks}
    return JsonResponse(body, status=200 if well else 503, headers={} if well else RETRY_AFTER)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _schema_is_current() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _programs(*, look: bool) -> dict[str, bool]:
    """Whether worker and beat gave signs of life and tasks get through."""
    checks = (known.worker, known.beat, known.queue)
    seen = facts.read() if look else None
    return {
        check.look.check: seen is not None and check(seen).state != State.FAILED for check in checks
    }


def _cache_answers() -> bool:
    """The cache fails open, so only what it gives back proves that it is there."""
    cache.set("readyz", "here", timeout=10)
    return bool(cache.get("readyz") == "here")
