"""Starts the suite's own PostgreSQL and Redis before Django reads its settings.

Loaded by `-p tests.servers`: a conftest would be too late. The process that runs the suite uses the
servers; xdist's workers inherit their addresses. When it ends, by whatever death, they are stopped
and their folder is deleted.
"""

import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

SETTINGS = "config.settings.test"
DATABASES_PER_WORKER = 2  # queue and cache
WITHOUT_SERVERS = frozenset({"--version", "--help", "-h", "--markers", "--fixtures"})


def _start() -> None:
    # Here, not above: config loads Celery, which wants to know the settings first.
    from config.local import catalogues, home, servers  # noqa: PLC0415
    from config.local.plan import Plan  # noqa: PLC0415

    catalogues.compile_stale(Path(__file__).resolve().parents[1])
    folder = Path(tempfile.mkdtemp(prefix="kapell-tests-", dir=_open_folder()))
    folder.chmod(0o711)
    home.prepare(folder)
    addresses = servers.join(folder, Plan(throwaway=True))
    os.environ["KAPELL_HOME"] = str(folder)
    os.environ["DATABASE_URL"] = addresses.database_url
    os.environ["REDIS_URL"] = addresses.redis_url


def _open_folder() -> str | None:
    """Root's servers run as another user, who must be able to reach the folder."""
    from config.local import home  # noqa: PLC0415

    if os.geteuid() != 0 or home.is_open(Path(tempfile.gettempdir())):
        return None
    return "/var/tmp"  # mkdtemp makes a folder of our own in it


def _own_redis_databases(worker: int) -> str:
    """Each worker has its own queue and cache."""
    url = urlsplit(os.environ["REDIS_URL"])
    return url._replace(path=f"/{worker * DATABASES_PER_WORKER}").geturl()


def _prepare() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["REDIS_URL"] = _own_redis_databases(int(worker.removeprefix("gw")) + 1)
    elif not WITHOUT_SERVERS & set(sys.argv):
        for name in ("KAPELL_ROLE", "KAPELL_CACHE_URL", "KAPELL_POSTGRES_OPTIONS"):
            os.environ.pop(name, None)
        _start()


_prepare()
