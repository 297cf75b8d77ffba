"""The health line and the getting-started list of *Today*, and the *System* page."""

import re

import pytest
from celery import current_app
from django.core import mail

from config.kernel import clock, installation
from config.kernel.models import Channel, Delivery, Installation, LegalEntity
from config.operations.models import Backup, Pulse
from tests.console import pages
from tests.operations.test_doctor import publish_fanned

SYSTEM = "/admin/kernel/installation/"
BUTTON = r'href="(/admin/kernel/installation/[\w-]+/)"'


@pytest.fixture
def well(db, tmp_path):  # noqa: ARG001 - the test database
    installation.settle()
    made = tmp_path / "kapell.zip"
    made.touch()
    for kind in ("worker", "beat", "queue"):
        Pulse.objects.create(kind=kind, name=kind)
    now = clock.now()
    return Backup.objects.create(kind="nightly", began_at=now, ended_at=now, path=made, size=2048)


def health(client):
    """Return the health line as label and word."""
    body = client.get("/admin/").content.decode()
    found = re.findall(r'class="k-dot k-(\w+)"[^>]*></span><a[^>]*>([^:<]+): <b>([^<]+)<', body)
    return {label: (tone, said) for tone, label, said in found}


def press(client, name, **answers):
    opened = client.get(f"{SYSTEM}{name}/")
    assert opened.status_code == 200
    fixed = dict(re.findall(r'name="(command_id)" value="([^"]+)"', opened.content.decode()))
    return client.post(f"{SYSTEM}{name}/", {**fixed, **answers}, follow=True)


@pytest.mark.usefixtures("well")
class TestHealthLine:
    def test_it_says_one_word_on_each_thing(self, as_role, shop):
        shop.put("MUG", 1)
        shop.place()

        assert health(as_role("manager")) == {
            "Last backup": ("good", "0 min ago"),
            "Mail": ("good", "goes out"),
            "Background work": ("good", "runs"),
            shop.channel.name: ("quiet", "last order 0 min ago"),
        }

    def test_what_is_wrong_stands_out(self, as_role, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        Pulse.objects.filter(kind="worker").delete()
        now = clock.now()
        Backup.objects.create(kind="nightly", began_at=now, ended_at=now, failure="disk full")
        Delivery.objects.create(event=publish_fanned(), handler="x", state="parked")
        Installation.objects.update(webhooks_paused_at=now)

        line = health(as_role("manager"))

        assert line["Last backup"] == ("bad", "failed")
        assert line["Mail"] == ("wait", "not set up")
        assert line["Background work"] == ("bad", "No worker has ever given a sign of life.")
        assert line["Deliveries"] == ("bad", "1 failed")
        assert line["Webhooks"] == ("wait", "paused after a restore")

    def test_channels_whose_orders_come_when_they_come_are_left_out(self, as_role, shop):
        Channel.objects.filter(pk=shop.channel.pk).update(kind="file")

        assert shop.channel.name not in health(as_role("manager"))

    def test_it_is_for_those_who_look_after_the_system(self, as_role):
        assert health(as_role("sales")) == {}


class TestGettingStarted:
    def test_each_step_is_seen_from_the_facts(self, as_role, shop):
        shop.put("MUG", 1)

        told = pages.text(as_role("administrator").get("/admin/"))

        assert "Getting started 5 of 8 done Put away" in told
        assert "Warehouses done" in told
        assert "Your company Name, address and VAT numbers" in told
        assert "The first order From the channel" in told

    def test_when_all_is_done_it_is_gone(self, as_role, shop):
        shop.put("MUG", 1)
        shop.place()
        LegalEntity.objects.update(address={"line1": "1 High Street"})
        as_role("sales")

        assert "Getting started" not in pages.text(as_role("administrator").get("/admin/"))

    def test_it_can_be_put_away_and_brought_back(self, as_role):
        client = as_role("administrator")

        press(client, "checklist")
        assert "Getting started" not in pages.text(client.get("/admin/"))

        press(client, "checklist")
        assert "Getting started" in pages.text(client.get("/admin/"))

    def test_who_may_not_change_it_may_read_it(self, as_role):
        client = as_role("manager")

        assert "Getting started" in pages.text(client.get("/admin/"))
        assert "Put away" not in pages.text(client.get("/admin/"))
        assert client.post(f"{SYSTEM}checklist/").status_code == 403

    def test_in_the_demo_company_the_way_out_is_told(self, as_role):
        installation.mark_demo()

        told = pages.text(as_role("manager").get("/admin/"))

        assert "You are in the demo company" in told
        assert "make reset" in told


@pytest.mark.usefixtures("well")
class TestSystemPage:
    def test_it_shows_what_the_doctor_finds_and_the_backups(self, as_role):
        answer = as_role("manager").get(SYSTEM)
        told = pages.text(answer)

        assert "well Database PostgreSQL" in told
        assert b"k-badge k-bad" not in answer.content
        assert re.search(r"Nightly 2\.0 kB \S+/kapell\.zip", told)

    def test_it_is_for_those_who_look_after_the_system(self, as_role):
        assert as_role("sales").get(SYSTEM).status_code == 403
        assert re.findall(BUTTON, as_role("manager").get(SYSTEM).content.decode()) == []

    def test_mail_that_reaches_nobody_is_told(self, as_role, settings, tmp_path):
        settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
        settings.EMAIL_FILE_PATH = tmp_path / "mail"
        client = as_role("administrator")

        assert "Mail is not set up" in pages.text(client.get(SYSTEM))
        told = pages.text(press(client, "test-mail", to="ann@example.test"))
        assert "Kept as a file" in told
        assert "ann@example.test" in next((tmp_path / "mail").iterdir()).read_text()

    def test_webhooks_are_resumed(self, as_role):
        client = as_role("administrator")
        assert "resume-webhooks" not in client.get(SYSTEM).content.decode()
        installation.note_restore(at=clock.now(), to=clock.now())

        assert "Webhooks are paused until you resume them." in pages.text(client.get(SYSTEM))
        told = pages.text(press(client, "resume-webhooks"))

        assert "Webhooks go out again." in told
        assert not installation.webhooks_paused()
        Installation.objects.all().delete()
        installation.settle()

    def test_a_backup_is_asked_of_a_worker(self, as_role, monkeypatch):
        sent = []
        monkeypatch.setattr(
            current_app, "send_task", lambda name, **how: sent.append((name, how["kwargs"]))
        )

        told = pages.text(press(as_role("administrator"), "back-up"))

        assert "A backup is being made" in told
        assert sent == [("config.operations.tasks.back_up", {"kind": "by_hand"})]

    def test_without_a_queue_that_is_told(self, as_role, monkeypatch):
        def away(*_args, **_how):
            raise ConnectionError

        monkeypatch.setattr(current_app, "send_task", away)

        answer = press(as_role("administrator"), "back-up")

        assert answer.status_code == 409
        assert "The queue does not answer" in pages.text(answer)


@pytest.mark.django_db(transaction=True)
class TestTestMail:
    def test_it_goes_to_whom_it_is_asked_for(self, as_role):
        client = as_role("administrator", email="ada@example.test")
        assert 'value="ada@example.test"' in client.get(f"{SYSTEM}test-mail/").content.decode()

        told = pages.text(press(client, "test-mail", to="ann@example.test"))

        assert "Sent. See whether it arrives at ann@example.test." in told
        assert mail.outbox[0].to == ["ann@example.test"]
        assert Pulse.objects.get(kind="mail").complaint == ""

    def test_a_server_that_refuses_is_told(self, as_role, monkeypatch):
        def refuse(_self):
            raise ConnectionRefusedError("Connection refused")

        monkeypatch.setattr(mail.EmailMessage, "send", refuse)

        answer = press(as_role("administrator"), "test-mail", to="ann@example.test")

        assert answer.status_code == 409
        assert "did not take it: Connection refused" in pages.text(answer)
        assert Pulse.objects.get(kind="mail").complaint == "Connection refused"
