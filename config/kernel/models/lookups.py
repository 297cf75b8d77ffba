"""A look-up of many values at once: one parameter, however many they are."""

from typing import Any

from django.db.models import Field, Lookup


@Field.register_lookup
class Among(Lookup):  # type: ignore[type-arg]  # it takes none when run
    """`field__among=values`: like `in`, which writes and reads a place for each of thousands."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Compare with an array."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*params, list(self.rhs)]
