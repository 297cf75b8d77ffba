"""Leaving the demo behind: a backup first, then an empty company with its administrators."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.kernel import clock, installation
from config.kernel.models import Channel, Event, LegalEntity, User
from config.operations import checklist, databases
from config.operations.models import Backup
from orders.models import Order
from tests.factories.kernel import UserFactory
from tests.factories.orders import Shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folders")]


@pytest.fixture
def demo(shop, folders, settings):
    """A shop with orders that counts as the demo company."""
    settings.KAPELL_HOME = folders
    (folders / "demo_channel_key").write_text("kapell_x")
    shop.put("MUG", 9)
    shop.place()
    UserFactory(username="wanda")
    UserFactory(username="admin", is_superuser=True)
    installation.mark_demo()
    installation.show_checklist(shown=False, at=clock.now())
    return shop


def reset(**options):
    said = io.StringIO()
    call_command("reset", stdout=said, **{"company": "Ours", "yes": True, **options})
    return said.getvalue()


@pytest.mark.usefixtures("demo")
def test_an_empty_company_with_its_administrator_begins():
    said = reset(currency="EUR", country="de")

    assert [user.username for user in User.objects.all()] == ["admin"]
    assert [model for model in (Order, Channel, Event) if model.objects.exists()] == []
    assert LegalEntity.objects.values_list("name", "currency", "country").get() == (
        "Ours", "EUR", "DE",
    )  # fmt: skip
    here = installation.read()
    assert (here.is_demo, here.checklist_hidden_at) == (False, None)
    backup = Backup.objects.get()
    assert (backup.kind, Path(backup.path).exists()) == ("reset", True)
    assert backup.path in said


@pytest.mark.usefixtures("demo")
def test_numbers_begin_anew_and_files_of_the_demo_are_gone(folders):
    first = connection.cursor()
    first.execute("SELECT start_value FROM pg_sequences WHERE sequencename = 'orders_order_number'")
    (start,) = first.fetchone()

    reset()

    assert not (folders / "media").exists()
    assert not (folders / "demo_channel_key").exists()
    again = Shop()
    again.put("MUG", 1)
    assert again.place().number == f"SO-{start}"


@pytest.mark.usefixtures("demo")
def test_the_list_then_tells_what_is_to_be_done():
    reset()

    assert {step.name for step in checklist.steps() if step.done} <= {"mail"}


def test_what_is_no_demo_is_left_alone_unless_that_is_meant(demo):
    demo.place()
    installation.Installation.objects.update(is_demo=False)
    with pytest.raises(CommandError, match=r"not the demo company.*--although-real"):
        reset()
    assert Order.objects.count() == 2
    assert not Backup.objects.exists()

    reset(although_real=True)
    assert not Order.objects.exists()


@pytest.mark.usefixtures("demo")
def test_without_a_backup_nothing_is_emptied(monkeypatch):
    monkeypatch.setattr("config.operations.backups.programs._candidates", lambda _name: iter([]))
    with pytest.raises(CommandError, match="pg_dump"):
        reset()
    assert Order.objects.count() == 1


@pytest.mark.usefixtures("demo")
def test_a_running_system_is_left_alone():
    with (
        databases.connect(application_name="kapell-web"),
        pytest.raises(CommandError, match="kapell-web still use the database"),
    ):
        reset()
    assert Order.objects.count() == 1


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("options", [{"company": ""}, {"yes": False}, {"currency": "POUND"}])
def test_nothing_is_guessed_without_a_terminal(options):
    with pytest.raises(CommandError, match=r"say --company|say --yes|no currency"):
        reset(**options)
    assert Order.objects.count() == 1


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(("typed", "left"), [("yes", 1), ("reset", 0)])
def test_at_a_terminal_name_and_word_are_asked_for(monkeypatch, typed, left):
    answers = iter(["Ours & Co", typed])
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())
    monkeypatch.setattr("builtins.input", lambda _asked: next(answers))
    if left:
        with pytest.raises(CommandError, match="nothing was changed"):
            reset(company="", yes=False)
    else:
        reset(company="", yes=False)
        assert LegalEntity.objects.get().name == "Ours & Co"
    assert Order.objects.count() == left
