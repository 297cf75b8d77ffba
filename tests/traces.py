"""Everything a request could leave behind, to be compared before and after."""

from typing import Any

from django.apps import apps
from django.db import connection

from inventory.models import StockLevel


def of_everything() -> dict[str, Any]:
    """Return the rows of every table, where every sequence stands, and what stock was moved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences")
        sequences: dict[str, Any] = dict(cursor.fetchall())
    tables = {model._meta.db_table: model.objects.count() for model in apps.get_models()}
    levels = list(StockLevel.objects.order_by("id").values_list("pk", "reserved", "version"))
    return {**sequences, **tables, "levels": levels}
