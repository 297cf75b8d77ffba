"""The doctor: a line for each thing, what to do about it, and an exit status."""

import contextlib
import io
import json
import socket
import ssl
import threading
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models.functions import Now

from config.kernel import clock, installation
from config.kernel.models import Delivery, Event
from config.operations import doctor, facts
from config.operations.doctor import State, known, live
from config.operations.models import Backup, Pulse
from tests.kernel.test_dispatch import publish
from tests.receivers import certificates

pytestmark = pytest.mark.django_db
ROUND = [
    "database", "schema", "worker", "beat", "queue", "outbox", "deliveries", "transactions",
    "backup", "clock", "redis", "mail", "disk", "certificate",
]  # fmt: skip


def pulse(kind, name="one@host", *, seconds=0, **details):
    return Pulse.objects.create(
        kind=kind, name=name, at=Now() - timedelta(seconds=seconds), **details
    )


@pytest.fixture
def well(settings, tmp_path):
    """A system with nothing to complain of; mail is in memory."""
    installation.settle()
    for kind in ("worker", "beat", "queue"):
        pulse(kind, kind)
    made = tmp_path / "kapell.zip"
    made.write_text("x" * 1500)
    settings.BACKUPS_FOLDER = tmp_path
    return Backup.objects.create(
        kind="nightly", began_at=clock.now(), ended_at=clock.now(), path=made, size=1500
    )


def found(name):
    return next(one for one in doctor.examine() if one.check == name)


def run(*words):
    said, status = io.StringIO(), 0
    try:
        call_command("doctor", *words, stdout=said)
    except SystemExit as end:
        status = end.code
    return said.getvalue(), status


def judge(check):
    """Return how one check by facts turns out now."""
    finding = check(facts.read())
    return finding.state, finding.said


@pytest.mark.usefixtures("well")
class TestRound:
    def test_a_well_system_has_a_line_for_each_thing_and_ends_with_0(self):
        said, status = run()

        lines = said.splitlines()
        assert [line.split()[1] for line in lines] == ROUND
        assert {line.split()[0] for line in lines} <= {"ok", "warning"}
        assert status == 0

    def test_what_failed_is_named_with_what_to_do_and_ends_with_1(self):
        Pulse.objects.filter(kind="worker").update(at=Now() - timedelta(seconds=90))

        said, status = run()

        (line,) = [line for line in said.splitlines() if line.startswith("FAILED")]
        assert line.startswith("FAILED   worker        worker has been silent for 90 s.")
        assert line.endswith("Start the worker again; its log says why it ended.")
        assert status == 1

    def test_programs_read_json(self):
        said, status = run("--json")

        told = json.loads(said)
        assert [one["check"] for one in told] == ROUND
        assert set(told[0]) == {"check", "title", "state", "said", "remedy"}
        assert status == 0

    def test_without_a_database_every_thing_still_has_its_line(self, monkeypatch):
        def unreachable():
            raise OperationalError("connection refused")

        monkeypatch.setattr(connection, "cursor", unreachable)
        told = doctor.examine()

        assert [one.check for one in told] == ROUND
        states = {one.check: one.state for one in told}
        assert states["database"] == State.FAILED
        assert states["worker"] == states["clock"] == State.WARNING
        assert states["redis"] in {State.OK, State.WARNING}


class TestPrograms:
    def test_a_worker_nobody_ever_heard_of(self):
        assert judge(known.worker)[0] == State.FAILED
        assert judge(known.beat)[0] == State.FAILED
        assert judge(known.queue)[0] == State.WARNING

    def test_of_several_workers_the_silent_one_is_named(self):
        pulse("worker", "a@host")
        pulse("worker", "b@host", seconds=300)

        state, said = judge(known.worker)

        assert (state, said) == (State.WARNING, "b@host has been silent for 5 min.")

    def test_two_beats_are_one_too_many(self):
        pulse("beat", "beat@a")
        pulse("beat", "beat@b")

        state, said = judge(known.beat)

        assert (state, said) == (State.WARNING, "2 run: beat@a, beat@b.")

    def test_a_queue_that_stands_still(self):
        pulse("queue", seconds=121)

        assert judge(known.queue) == (State.FAILED, "No task has been done for 2 min.")

    def test_a_clock_that_is_off_is_found_wherever_it_runs(self):
        pulse("worker", "a@host", skew=0.2)
        pulse("beat", "beat@host", skew=-7200.0)

        state, said = judge(live.time_of_day)

        assert state == State.FAILED
        assert said == "The clock of beat@host is −7,200 s off the database's."

    def test_an_impossible_moment_is_not_believed(self, monkeypatch):
        monkeypatch.setattr(clock, "now", lambda: datetime(1970, 1, 1, tzinfo=live.UTC))

        assert judge(live.time_of_day)[0] == State.FAILED


class TestWork:
    def test_a_fresh_event_is_no_backlog(self):
        publish()

        assert judge(known.outbox)[0] == State.OK
        assert judge(known.outbox)[1].startswith("1 waits, the oldest for ")

    @pytest.mark.parametrize(("minutes", "state"), [(2, State.WARNING), (6, State.FAILED)])
    def test_work_that_is_overdue_is_told(self, minutes, state):
        publish()
        at = Now() - timedelta(minutes=minutes)
        event = publish_fanned()
        Delivery.objects.create(event=event, handler="x", next_at=at)

        assert judge(known.outbox) == (
            state,
            f"2 wait, the oldest for {minutes} min.",
        )

    def test_a_retry_that_is_not_due_yet_is_no_backlog(self):
        at = Now() + timedelta(minutes=9)
        Delivery.objects.create(event=publish_fanned(), handler="x", next_at=at)

        assert judge(known.outbox) == (State.OK, "Nothing waits.")

    def test_what_was_given_up_is_told(self):
        assert judge(known.deliveries) == (State.OK, "None.")
        Delivery.objects.create(event=publish_fanned(), handler="x", state="parked")

        state, said = judge(known.deliveries)

        assert state == State.WARNING
        assert said == "1 was given up after several tries."


def publish_fanned():
    publish()
    event = Event.objects.latest("id")
    Event.objects.filter(pk=event.pk).update(fanned_out=True)
    return event


class TestBackup:
    def test_none_yet_is_a_warning(self):
        assert judge(known.backup) == (State.WARNING, "None has been made yet.")

    def test_one_of_last_night_is_well(self, well):
        state, said = judge(known.backup)

        assert state == State.OK
        assert said == f"0 s ago, 1.5 kB: {well.path}"

    @pytest.mark.usefixtures("well")
    @pytest.mark.parametrize(("hours", "state"), [(28, State.WARNING), (60, State.FAILED)])
    def test_an_old_one_is_told(self, hours, state):
        Backup.objects.update(ended_at=Now() - timedelta(hours=hours))

        assert judge(known.backup)[0] == state

    def test_a_file_that_is_gone_is_no_backup(self, well):
        well.path.unlink()

        assert judge(known.backup) == (State.FAILED, f"{well.path} is gone.")

    @pytest.mark.usefixtures("well")
    def test_a_failed_one_is_told_even_though_the_one_before_is_there(self):
        Backup.objects.create(
            kind="nightly", began_at=Now(), ended_at=Now() + timedelta(seconds=1),
            failure="disk full",
        )  # fmt: skip

        assert judge(known.backup) == (State.FAILED, "The last one failed: disk full")

    def test_whoever_makes_them_elsewhere_is_left_alone(self, settings):
        settings.BACKUPS_KEPT = 0

        assert judge(known.backup)[0] == State.OK


@pytest.fixture
def untrusted(tmp_path):
    """The address of something that speaks TLS with a certificate of an unknown authority."""
    place = tmp_path / "certificate"
    place.write_text(certificates.GOOD + certificates.KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        threading.Thread(target=greet, args=[listener, context], daemon=True).start()
        yield f"localhost:{listener.getsockname()[1]}"


def greet(listener, context):
    with contextlib.suppress(OSError), listener.accept()[0] as client:
        context.wrap_socket(client, server_side=True).close()


class TestServers:
    def test_mail_that_reaches_nobody(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"

        mail = found("mail")

        assert mail.state == State.WARNING
        assert mail.said.startswith("Not set up: mails are kept in ")

    def test_a_mail_server_that_is_gone(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", closed_port()

        mail = found("mail")

        assert mail.state == State.FAILED
        assert "takes no mail" in mail.said

    def test_a_redis_that_is_gone(self, settings):
        settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"

        assert found("redis").state == State.FAILED

    def test_a_schema_behind_the_code(self, monkeypatch):
        monkeypatch.setattr(live.MigrationExecutor, "migration_plan", lambda *_: [1, 2])

        schema = found("schema")

        assert (schema.state, schema.said) == (State.FAILED, "2 migrations are due.")

    def test_a_certificate_nobody_signed(self, settings, untrusted):
        settings.CERTIFICATE_ADDRESS = untrusted

        certificate = found("certificate")

        assert certificate.state == State.FAILED
        assert "unable to get local issuer certificate" in certificate.said

    def test_a_certificate_that_lasts(self, settings, untrusted, tmp_path, monkeypatch):
        settings.CERTIFICATE_ADDRESS = untrusted
        authority = tmp_path / "authority"
        authority.write_text(certificates.AUTHORITY)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))

        certificate = found("certificate")

        assert certificate.state == State.OK
        assert "is good for" in certificate.said

    def test_an_address_that_does_not_answer(self, settings):
        settings.CERTIFICATE_ADDRESS = f"127.0.0.1:{closed_port()}"

        assert found("certificate").state == State.FAILED

    @pytest.mark.parametrize(
        ("free", "state"), [(0.5, State.OK), (0.05, State.WARNING), (0.01, State.FAILED)]
    )
    def test_a_disk_that_fills_up(self, monkeypatch, tmp_path, free, state):
        total = 100 * 1000**3
        usage = type("Usage", (), {"total": total, "free": int(total * free)})
        monkeypatch.setattr(live.shutil, "disk_usage", lambda _place: usage)

        assert live.disk(tmp_path).state == state


def closed_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
