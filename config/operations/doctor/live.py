"""Looks at what can be tried right now: servers, schema, mail, disk, clock, certificate."""

import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis import Redis
from redis.exceptions import RedisError

from config.kernel import clock, words
from config.kernel.models import Installation
from config.operations import databases, mail, pulses
from config.operations.doctor.findings import Finding, Look, check
from config.operations.facts import Facts

OLDEST_POSTGRESQL = 160000
SKEW_ODD, SKEW_WRONG = 5.0, 60.0
DISK_LOW, DISK_FULL = 0.10, 0.03  # of the disk
ENOUGH, HARDLY_ANY = 20 * 1000**3, 500 * 1000**2  # bytes: a large disk may be fuller
BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no clock is right that shows an earlier moment
CERTIFICATE_SOON = 14


@check("database", gettext_lazy("Database"))
def database(look: Look) -> Finding:
    """PostgreSQL answers and is new enough."""
    began = time.monotonic()
    try:
        name, version = _version()
    except DatabaseError as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        said = _("PostgreSQL does not answer: %(why)s") % {"why": reason[0]}
        return look.failed(said, _("Start PostgreSQL; see its log and DATABASE_URL."))
    if version < OLDEST_POSTGRESQL:
        said = _("PostgreSQL %(version)s is too old.") % {"version": name}
        return look.failed(said, _("Move to PostgreSQL 16 or newer."))
    took = (time.monotonic() - began) * 1000
    said = _("PostgreSQL %(version)s answers in %(count)d ms.")
    return look.ok(said % {"version": name, "count": took})


def _version() -> tuple[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('server_version_num')"
        )
        name, number = cursor.fetchone()
        return name.split()[0], int(number)


@check("schema", gettext_lazy("Schema"))
def schema(look: Look) -> Finding:
    """The schema is the code's."""
    executor = MigrationExecutor(connection)
    due = executor.migration_plan(executor.loader.graph.leaf_nodes())
    remedy = _("Run `manage.py furnish`, then restart web, worker and beat.")
    if due:
        return look.failed(_("%(count)d migrations are due.") % {"count": len(due)}, remedy)
    if not Installation.objects.exclude(cluster="").exists():
        return look.failed(_("This system was never furnished."), remedy)
    return look.ok(_("Up to date."))


@check("redis", gettext_lazy("Redis"))
def redis(look: Look) -> Finding:
    """The queue's server answers and forgets nothing; so does the cache's."""
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2
        ) as client:
            info = {**client.info("server"), **client.info("memory"), **client.info("persistence")}
    except (RedisError, ValueError) as error:
        said = _("Redis does not answer: %(why)s") % {"why": type(error).__name__}
        return look.failed(said, _("Start Redis; orders are taken, but nothing is delivered soon."))
    if info.get("maxmemory_policy") not in {None, "noeviction"}:
        said = _("It may forget tasks: maxmemory-policy is %(policy)s.")
        return look.warning(said % {"policy": info["maxmemory_policy"]}, _("Set it to noeviction."))
    cache.set("doctor", "here", timeout=10)
    if cache.get("doctor") != "here":
        return look.failed(_("The cache's Redis does not answer."), _("See KAPELL_CACHE_URL."))
    version = info.get("valkey_version") or info.get("redis_version", "")
    if not info.get("aof_enabled"):
        said = _("%(version)s answers, but a crash loses tasks: no append-only file.")
        return look.warning(said % {"version": version}, _("Set appendonly to yes."))
    return look.ok(_("%(version)s answers.") % {"version": version})


@check("mail", gettext_lazy("Mail"))
def post(look: Look) -> Finding:
    """Mails reach a server, or are known to stay here."""
    if not mail.is_set_up():
        said = _("Not set up: mails are kept in %(folder)s and reach nobody.")
        return look.warning(said % {"folder": settings.EMAIL_FILE_PATH}, _("Set KAPELL_SMTP_HOST."))
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        server = get_connection(timeout=5)
        server.open()
        server.close()
    except OSError as error:  # smtplib's errors are such
        said = _("%(place)s takes no mail: %(why)s") % {"place": place, "why": error}
        return look.failed(said, _("See the KAPELL_SMTP_… variables."))
    return look.ok(_("%(place)s answers.") % {"place": place})


def disks() -> Iterator[Finding]:
    """There is room for data and for backups; one line a disk."""
    devices: dict[int, Path] = {}
    for place in (settings.KAPELL_HOME, settings.BACKUPS_FOLDER):
        there = next(one for one in (place, *place.parents) if one.exists())
        devices.setdefault(there.stat().st_dev, there)
    return map(disk, devices.values())


@check("disk", gettext_lazy("Disk"))
def disk(look: Look, place: Path) -> Finding:
    """There is room on the disk of a folder."""
    usage = shutil.disk_usage(place)
    share = usage.free / usage.total
    said = _("%(free)s of %(total)s are free at %(place)s.") % {
        "free": words.size(usage.free),
        "total": words.size(usage.total),
        "place": place,
    }
    remedy = _("Make room: old backups, logs; or move KAPELL_HOME to a larger disk.")
    if usage.free < HARDLY_ANY or (share < DISK_FULL and usage.free < ENOUGH):
        return look.failed(said, remedy)
    return look.warning(said, remedy) if share < DISK_LOW and usage.free < ENOUGH else look.ok(said)


@check("clock", gettext_lazy("Time of day"))
def time_of_day(look: Look, facts: Facts) -> Finding:
    """This machine's clock and those of worker and beat show the database's moment."""
    remedy = _("Set the machine's clock by a time server.")
    here = clock.now()
    if here < BUILT:
        return look.failed(_("It cannot be %(moment)s.") % {"moment": here.isoformat()}, remedy)
    skews = {_("this machine"): _own_skew()}
    skews |= {sign.name: sign.skew for sign in facts.signs if facts.age(sign.at) <= pulses.STALE}
    name, skew = max(skews.items(), key=lambda one: abs(one[1]))
    if abs(skew) < SKEW_ODD:
        return look.ok(_("All clocks agree with the database's."))
    said = _("The clock of %(name)s is %(seconds)s s off the database's.") % {
        "name": name,
        "seconds": words.signed(round(skew)),
    }
    return look.failed(said, remedy) if abs(skew) > SKEW_WRONG else look.warning(said, remedy)


def _own_skew() -> float:
    """Seconds this clock is ahead; the way to the database and back is not counted against it."""
    before = clock.now()
    theirs = databases.now()
    ahead, behind = (before - theirs).total_seconds(), (theirs - clock.now()).total_seconds()
    return ahead if ahead > 0 else -max(behind, 0.0)


@check("certificate", gettext_lazy("Certificate"))
def certificate(look: Look) -> Finding:
    """What clients see at KAPELL_CERTIFICATE is trusted and lasts."""
    address = settings.CERTIFICATE_ADDRESS
    if not address:
        return look.ok(_("None to look at (KAPELL_CERTIFICATE is not set)."))
    remedy = _("Renew it where HTTPS ends.")
    try:
        left = _days_left(address)
    except ssl.SSLCertVerificationError as error:
        said = _("%(address)s: %(why)s.") % {"address": address, "why": error.verify_message}
        return look.failed(said, remedy)
    except OSError as error:
        said = _("%(address)s does not answer: %(why)s") % {"address": address, "why": error}
        return look.failed(said, _("See what ends HTTPS, and KAPELL_CERTIFICATE."))
    said = _("%(address)s is good for %(days)s more days.") % {
        "address": address,
        "days": words.count(left),
    }
    return look.ok(said) if left > CERTIFICATE_SOON else look.warning(said, remedy)


def _days_left(address: str) -> int:
    host, _colon, port = address.partition(":")
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, int(port or 443)), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert() or {}
    ends = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    return int((ends - time.time()) // 86400)
