"""A backup's file: whole and readable by its owner only, or not a backup."""

import io
import stat
import zipfile
from datetime import UTC, datetime

import pytest

from config.operations.backups import archive

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def manifest():
    return archive.Manifest(AT, "0.1.0", "18.6", {"kernel": ["0001_initial"]}, {"orders_order": 2})


@pytest.fixture
def place(tmp_path):
    return tmp_path / "kapell.zip"


@pytest.fixture
def made(place):
    with archive.written(place, manifest) as writer:
        writer.stream(archive.DATABASE, io.BytesIO(b"dump" * 1000))
        writer.text(archive.SECRETS, "{}")
        writer.stream("media/a/b.png", io.BytesIO(b"picture"))
    return place


def refusal(place):
    with pytest.raises(archive.NoBackup) as refused, archive.opened(place) as backup:
        backup.verify()
    return refused.value.detail


def repacked(place, change):
    """Write the file anew with its members changed."""
    with zipfile.ZipFile(place) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    with zipfile.ZipFile(place, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return place


def test_what_goes_in_comes_out(made, tmp_path):
    with archive.opened(made) as backup:
        backup.verify()
        backup.copy("media/a/b.png", tmp_path / "copy")

        assert backup.names("media") == ["media/a/b.png"]
        assert backup.text(archive.SECRETS) == "{}"
        read = backup.manifest
        assert (read.made_at, read.version, read.rows) == (AT, "0.1.0", {"orders_order": 2})
    assert (tmp_path / "copy").read_bytes() == b"picture"


def test_only_its_owner_reads_it(made):
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [file.name for file in made.parent.iterdir()] == ["kapell.zip"]


def test_a_broken_off_one_leaves_nothing(place):
    def fail():
        with archive.written(place, manifest) as writer:
            writer.text(archive.SECRETS, "{}")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert list(place.parent.iterdir()) == []


def test_a_file_cut_short_is_no_backup(made):
    made.write_bytes(made.read_bytes()[:-100])

    assert "no whole backup" in refusal(made)


def test_one_changed_byte_is_found(made):
    content = bytearray(made.read_bytes())
    content[content.index(b"dumpdump") + 10] ^= 1
    made.write_bytes(content)

    assert refusal(made) == "database.dump is damaged."


def test_a_member_that_was_replaced_is_found(made):
    def change(members):
        members["media/a/b.png"] = b"another"

    assert refusal(repacked(made, change)) == "media/a/b.png is damaged."


@pytest.mark.parametrize("name", ["media/x.png", "../outside"])
def test_a_member_nobody_knows_is_found(made, name):
    def change(members):
        members[name] = b"x"

    assert refusal(repacked(made, change)) == f"Members and manifest differ: {name}."


def test_a_way_out_of_the_folder_is_refused_even_if_the_manifest_names_it(place):
    with archive.written(place, manifest) as writer:
        writer.text(archive.DATABASE, "x")
        writer.text("media/../../outside", "x")

    assert refusal(place) == "media/../../outside is damaged."


@pytest.mark.parametrize("content", [b"", b"nothing of ours", b'{"format": 1}'])
def test_a_manifest_that_cannot_be_read_is_refused(made, content):
    def change(members):
        members[archive.MANIFEST] = content

    assert refusal(repacked(made, change)) == "The manifest cannot be read."


def test_a_later_format_is_refused_by_name(made):
    def change(members):
        members[archive.MANIFEST] = members[archive.MANIFEST].replace(
            b'"format": 1', b'"format": 9'
        )

    assert refusal(repacked(made, change)) == "The backup is of format 9, known is 1."


def test_another_zip_is_no_backup(place):
    with zipfile.ZipFile(place, "w") as other:
        other.writestr("readme", "x")

    assert refusal(place) == f"{place} has no manifest."


def test_a_file_that_is_not_there_is_named(place):
    assert refusal(place) == f"{place} does not exist."
