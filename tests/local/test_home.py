import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.local import home
from config.local.errors import LocalError
from config.local.locks import Lock


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = home.secret("some", tmp_path)

    assert home.secret("some", tmp_path) == first
    assert len(first) >= 43
    assert stat.S_IMODE((tmp_path / "secrets/some").stat().st_mode) == 0o600
    assert home.secret("other", tmp_path) != first


def test_a_secret_asked_for_at_once_is_one_secret(tmp_path):
    home.prepare(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: home.secret("some", tmp_path), range(64)))

    assert len(secrets) == 1
    assert [place.name for place in (tmp_path / "secrets").iterdir()] == ["some"]


def test_the_home_is_what_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("KAPELL_HOME", str(tmp_path / "there"))
    assert home.default() == tmp_path / "there"


@pytest.mark.parametrize(
    ("uid", "is_open", "expected"),
    [
        (0, True, home.CHECKOUT / "var"),
        (0, False, Path("/var/lib/kapell")),
        (1000, False, home.CHECKOUT / "var"),
    ],
)
def test_the_home_lies_where_the_servers_user_reaches_it(monkeypatch, uid, is_open, expected):
    monkeypatch.delenv("KAPELL_HOME", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: uid)
    monkeypatch.setattr(home, "is_open", lambda _folder: is_open)

    assert home.default() == expected


def test_a_folder_is_open_when_everybody_may_pass(tmp_path):
    inner = tmp_path / "closed/inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)

    assert home.is_open(Path("/"))
    assert not home.is_open(inner)


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(LocalError, match=r"cannot write to .*file/home \(Not a directory\)"):
        home.prepare(tmp_path / "file/home")


def test_a_long_log_is_set_aside(monkeypatch, tmp_path):
    home.prepare(tmp_path)
    monkeypatch.setattr(home, "LONGEST_LOG", 3)
    (tmp_path / "logs/web.log").write_text("long")
    (tmp_path / "logs/beat.log").write_text("ok")

    home.trim_logs(tmp_path)

    assert sorted(place.name for place in (tmp_path / "logs").iterdir()) == [
        "beat.log",
        "web.log.old",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_another_users_lock_is_told_in_one_line(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(LocalError, match="permission denied"):
        Lock(tmp_path / "lock").shared()


def test_a_lock_is_shared_or_alone(tmp_path):
    first, second, third = (Lock(tmp_path / "lock") for _ in range(3))

    assert first.shared()
    assert second.shared()
    assert not third.exclusively()
    assert not third.is_taken()
    first.release()
    second.release()
    assert third.exclusively()
    assert first.is_taken()
    assert not first.shared(within=0.05)
