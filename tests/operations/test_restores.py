"""Restoring: checked first, filled aside, settled, swapped; what was there is set aside."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.kernel import installation
from config.kernel.models import Event
from config.operations import databases
from config.operations.backups import making
from config.operations.models import Backup
from config.operations.restores import restoring, swapping, target
from orders.models import Order
from tests import feeds
from tests.factories.orders import line

pytestmark = pytest.mark.usefixtures("swappable", "folders")


@pytest.fixture
def backup(shop):
    """A backup of a system with two orders; a third comes in after it."""
    shop.put("MUG", 9)
    shop.place()
    shop.place(line(quantity=2))
    made = making.make(kind="by_hand")
    shop.place()
    return made.path


def restore(*words):
    said = io.StringIO()
    call_command("restore", *words, stdout=said)
    return said.getvalue()


def numbers():
    return sorted(Order.objects.values_list("number", flat=True))


def test_the_data_is_what_it_was_and_numbers_go_on(backup, shop):
    before = numbers()

    said = restore(backup, "--yes")

    assert numbers() == before[:2]
    assert "no differences in the books of stock" in said
    assert f"orders_order_number goes on after {before[2].removeprefix('SO-')}" in said
    placed = shop.place()
    assert int(placed.number.removeprefix("SO-")) == int(before[2].removeprefix("SO-")) + 1
    assert Backup.objects.get().path == backup
    assert installation.webhooks_paused()


def test_events_of_both_times_are_in_the_feed_in_order(backup, shop):
    restore(backup, "--yes")
    old = list(Event.objects.order_by("id").values_list("id", flat=True))
    shop.place()
    feeds.settle()

    seen = shop.get("/api/v1/events/", limit="100").json()["results"]
    told = [event["id"] for event in seen]

    assert [one for one in told if one in set(map(str, old))] == told[: len(told) - 2]
    assert [event["type"] for event in seen][-2:] == ["order.placed", "order.released"]


def test_what_was_there_is_set_aside_until_it_is_dropped(backup, folders):
    name = connection.settings_dict["NAME"]
    (folders / "media/products/mug.png").write_bytes(b"another mug")

    said = restore(backup, "--yes")

    (former,) = swapping.former_databases(name)
    assert f"set aside as the database {former}" in said
    with databases.connect(name=former) as session:
        assert session.execute("SELECT count(*) FROM orders_order").fetchone() == (3,)
    assert (folders / "media/products/mug.png").read_bytes() == b"a mug"

    restore("--drop-former")

    assert swapping.former_databases(name) == []
    assert [folder.name for folder in folders.glob("media*")] == ["media"]


def test_a_filled_system_is_not_replaced_without_a_clear_yes(backup):
    with pytest.raises(CommandError, match=r"this system holds 3 orders, .* say --yes"):
        restore(backup)
    assert len(numbers()) == 3


def test_at_a_terminal_the_word_is_asked_for(backup, monkeypatch):
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())
    monkeypatch.setattr("builtins.input", lambda _asked: "yes")
    with pytest.raises(CommandError, match="nothing was changed"):
        restore(backup)

    monkeypatch.setattr("builtins.input", lambda _asked: "replace")
    restore(backup)
    assert len(numbers()) == 2


def test_a_damaged_file_is_refused_before_anything_is_touched(backup, monkeypatch):
    monkeypatch.setattr(target, "look", lambda: pytest.fail("looked at the database"))
    with open(backup, "r+b") as file:  # noqa: PTH123 - changed in place
        file.seek(5000)
        file.write(b"\0\0\0\0")

    with pytest.raises(CommandError, match="is damaged"):
        restore(backup, "--yes")
    assert len(numbers()) == 3


def test_a_backup_of_a_newer_version_is_refused(backup, monkeypatch):
    ours = restoring.MigrationLoader(None).disk_migrations
    older = {key: one for key, one in ours.items() if key[0] != "customers"}
    loader = type("Loader", (), {"disk_migrations": older})
    monkeypatch.setattr(restoring, "MigrationLoader", lambda _connection: loader)

    with pytest.raises(CommandError, match=r"knows customers\.0001.* install the newer one"):
        restore(backup, "--yes")
    assert len(numbers()) == 3


def test_what_fails_half_way_leaves_the_system_as_it_is(backup, monkeypatch):
    def broken(*_args, **_options):
        raise restoring.NotAsDumped

    monkeypatch.setattr(restoring.roles, "sync", broken)
    name = connection.settings_dict["NAME"]
    with pytest.raises(CommandError, match="does not hold what was dumped"):
        restore(backup, "--yes")

    assert len(numbers()) == 3
    with databases.connect() as session:
        rest = session.execute(
            "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)",
            [name + swapping.FRESH],
        ).fetchone()
    assert rest == (0,)


def test_while_a_program_uses_the_database_nothing_is_restored(backup):
    with (
        databases.connect(application_name="kapell-worker"),
        pytest.raises(CommandError, match="kapell-worker still use"),
    ):
        restore(backup, "--yes")


def test_a_role_that_may_not_make_databases_is_told_what_to_do(backup, monkeypatch):
    monkeypatch.setattr(target, "_one", lambda _session, asked: asked is None)
    with pytest.raises(CommandError, match=r"may not make databases.*ALTER ROLE kapell CREATEDB"):
        restore(backup, "--yes")


def test_an_older_schema_is_brought_up_to_date(shop):
    shop.put("MUG", 9)
    call_command("migrate", "customers", "0006", verbosity=0)
    with databases.connect() as session:
        older = making.applied(session)["customers"]
    made = making.make(kind="by_hand")
    call_command("migrate", "customers", verbosity=0)

    restore(made.path, "--yes")

    with databases.connect() as session:
        assert making.applied(session)["customers"][: len(older)] == older
        assert len(making.applied(session)["customers"]) > len(older)


def test_the_secret_of_another_key_is_kept_for_a_person_to_add(backup, settings, tmp_path):
    settings.KAPELL_HOME = tmp_path
    settings.SECRET_KEY = "another"

    said = restore(backup, "--yes")

    assert f"KAPELL_SECRET_KEY_FALLBACKS from {tmp_path}/secrets/restored_settings.json" in said
    assert (tmp_path / "secrets/restored_settings.json").stat().st_mode & 0o777 == 0o600


def test_a_file_is_needed():
    with pytest.raises(CommandError, match="name the backup's file"):
        restore()
