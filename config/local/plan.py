"""How the servers are run: to keep data, or for a throw-away test run."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """What differs between a system to live with and one that is deleted when its user leaves."""

    throwaway: bool = False

    @property
    def postgres_options(self) -> list[str]:
        """Server settings; KAPELL_POSTGRES_OPTIONS adds more, separated by blanks."""
        lasting = ["max_connections=60", "wal_compression=on", "max_wal_size=2GB"]
        passing = ["max_connections=200", "fsync=off", "synchronous_commit=off",
                   "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"]  # fmt: skip
        both = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "shared_buffers=256MB",
                "timezone=UTC", "log_timezone=UTC", "cluster_name=kapell"]  # fmt: skip
        extra = os.environ.get("KAPELL_POSTGRES_OPTIONS", "").split()
        return [*both, *(passing if self.throwaway else lasting), *extra]

    @property
    def redis_options(self) -> dict[str, str]:
        """Server settings: the queue is never evicted and survives a crash."""
        return {
            "bind": "127.0.0.1",
            "databases": "64",
            "maxmemory-policy": "noeviction",
            "appendonly": "no" if self.throwaway else "yes",
            "save": '""',
        }

    @property
    def role_attributes(self) -> str:
        """The application is never a superuser; only tests make databases."""
        return "NOSUPERUSER NOCREATEROLE " + ("CREATEDB" if self.throwaway else "NOCREATEDB")
