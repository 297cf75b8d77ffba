"""What Django looks for in a database backend: its own for PostgreSQL, with our pool."""

from collections.abc import Callable
from typing import ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base

from config.postgresql.pool import Pool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, except for the pool."""

    _connection_pools: ClassVar[dict[str, Pool]]
    _configure_connection: Callable[..., bool]

    @property
    def pool(self) -> Pool | None:
        """The process's pool of this database, made at first use and opened by Django."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = Pool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                open=False,
                configure=self._configure_connection,
                **options,
            )
            self._connection_pools.setdefault(self.alias, pool)  # threads may get here together
        return self._connection_pools[self.alias]
