"""Making backups: of one moment, one at a time, noted whether they worked, thinned out."""

import json
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from config.kernel import clock
from config.operations import databases, tasks
from config.operations.backups import archive, keeping, making, programs
from config.operations.models import Backup, Pulse

NIGHT = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
class TestMaking:
    def test_it_holds_database_files_and_secrets_of_one_moment(self, folders, shop, settings):
        shop.put("MUG", 5)
        shop.place()
        Pulse.objects.create(kind="worker", name="one@host")

        made = making.make(kind="by_hand")

        with archive.opened(folders / "backups" / made.path.rpartition("/")[2]) as backup:
            backup.verify()
            rows = backup.manifest.rows
            assert (rows["orders_order"], rows["inventory_stocklevel"]) == (1, 1)
            assert "operations_pulse" not in rows
            assert "0001_initial" in backup.manifest.migrations["orders"]
            assert backup.names("media") == ["media/products/mug.png"]
            secrets = json.loads(backup.text(archive.SECRETS))
        assert secrets == {"SECRET_KEY": settings.SECRET_KEY, "SECRET_KEY_FALLBACKS": []}
        assert Backup.objects.values_list("kind", "path", "size", "failure").get() == (
            "by_hand", made.path, made.size, "",
        )  # fmt: skip
        assert stat.S_IMODE((folders / "backups").stat().st_mode) == 0o700

    def test_the_password_never_stands_on_a_command_line(self, folders, monkeypatch):  # noqa: ARG002
        words, start = [], subprocess.Popen

        def listen(arguments, **options):
            words.extend(map(str, arguments))
            return start(arguments, **options)

        monkeypatch.setattr(programs.subprocess, "Popen", listen)
        making.make(kind="by_hand")

        assert any("pg_dump" in word for word in words)
        assert databases.parameters()["password"] not in " ".join(words)

    def test_two_at_once_are_one(self, folders):
        with databases.connect() as other:
            other.execute("SELECT pg_advisory_lock(%s)", [making.ONE_AT_A_TIME])
            with pytest.raises(making.AlreadyRunning):
                making.make(kind="by_hand")

        assert not Backup.objects.exists()
        assert not (folders / "backups").exists()

    def test_what_failed_is_noted_and_leaves_no_file(self, folders, monkeypatch):
        def full(*_args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(archive.Writer, "path", full)
        with pytest.raises(making.BackupFailed, match="No space left"):
            making.make(kind="nightly")

        assert Backup.objects.get().failure == "[Errno 28] No space left on device"
        assert list((folders / "backups").iterdir()) == []

    def test_a_dump_that_fails_says_why(self, folders, monkeypatch):
        monkeypatch.setattr(making, "NOT_KEPT", ("orders_order", "--bad"))
        monkeypatch.setattr(programs, "_address", lambda _name="": "dbname=nowhere host=127.0.0.1")
        with pytest.raises(making.BackupFailed, match=r"^pg_dump: connection to server"):
            making.make(kind="by_hand")

        assert list((folders / "backups").iterdir()) == []

    def test_what_a_killed_one_left_is_taken_away(self, folders):
        (folders / "backups").mkdir()
        (folders / "backups/.kapell-20260101T000000.zip.part").write_text("half")

        made = making.make(kind="by_hand")

        assert [str(file) for file in (folders / "backups").iterdir()] == [made.path]

    def test_the_command_tells_the_file(self, folders, capsys):
        call_command("backup")

        said = capsys.readouterr().out
        assert said.startswith(f"kapell: {folders}/backups/kapell-")
        assert Backup.objects.get().path in said

    def test_the_nightly_task_makes_one_a_night(self, folders):
        tasks.back_up_when_due()
        tasks.back_up_when_due()

        assert Backup.objects.count() == len(list((folders / "backups").iterdir())) == 1

    def test_without_a_fitting_program_it_says_what_to_install(self, folders, monkeypatch):  # noqa: ARG002
        monkeypatch.setattr(programs, "_candidates", lambda _name: iter([]))
        with pytest.raises(CommandError, match=r"pg_dump \d+ or newer is needed, none is found"):
            call_command("backup")


def noted(at, *, kind="nightly", failure="", path=""):
    return Backup.objects.create(
        kind=kind, began_at=at, ended_at=at + timedelta(minutes=1), failure=failure, path=path
    )


@pytest.mark.django_db
class TestWhen:
    def test_the_first_is_due_at_once(self):
        assert keeping.is_due(at=clock.now())

    @pytest.mark.parametrize(
        ("made", "now", "due"),
        [
            (NIGHT + timedelta(minutes=5), NIGHT + timedelta(hours=23), False),
            (NIGHT + timedelta(minutes=5), NIGHT + timedelta(hours=24), True),
            (NIGHT - timedelta(minutes=5), NIGHT + timedelta(hours=9), True),  # was off at night
            (NIGHT - timedelta(minutes=5), NIGHT - timedelta(minutes=1), False),
        ],
    )
    def test_one_a_night_made_up_for_when_the_night_was_missed(self, made, now, due):
        noted(made)
        assert keeping.is_due(at=now) is due

    def test_after_a_failure_an_hour_passes(self):
        noted(NIGHT, failure="disk full")

        assert not keeping.is_due(at=NIGHT + timedelta(minutes=30))
        assert keeping.is_due(at=NIGHT + timedelta(minutes=62))

    def test_whoever_keeps_none_gets_none(self, settings):
        settings.BACKUPS_KEPT = 0
        assert not keeping.is_due(at=clock.now())


@pytest.mark.django_db
def test_the_newest_nightly_ones_are_kept_and_all_made_by_hand(settings, tmp_path):
    settings.BACKUPS_KEPT = 2
    files = [tmp_path / f"{number}.zip" for number in range(5)]
    for age, file in enumerate(files):
        file.write_text("x")
        noted(
            NIGHT - timedelta(days=age), path=str(file), kind="by_hand" if age == 4 else "nightly"
        )

    gone = keeping.thin_out()

    assert gone == files[2:4]
    assert [file.exists() for file in files] == [True, True, False, False, True]
    assert Backup.objects.count() == 3


def test_the_newest_fitting_program_is_found():
    with pytest.raises(programs.NoProgram, match="pg_dump 99 or newer is needed, found is"):
        programs.find("pg_dump", at_least=99)
    assert programs.find("pg_restore", at_least=16).name == "pg_restore"
