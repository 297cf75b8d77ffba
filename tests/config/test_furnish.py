import io
import stat

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core.management import call_command

from config.kernel.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KAPELL_HOME = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = []
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return tmp_path


def furnish(**options):
    said = io.StringIO()
    call_command("furnish", stdout=said, **options)
    return said.getvalue()


def login_of(home):
    return (home / "secrets/staff_login").read_text().split()


def test_a_new_system_gets_roles_and_somebody_who_can_sign_in(home, rf):
    said = furnish(administrator=True)

    name, password = login_of(home)
    assert Group.objects.count() >= 5
    assert User.objects.get().is_superuser
    assert authenticate(rf.post("/"), username=name, password=password) == User.objects.get()
    assert stat.S_IMODE((home / "secrets/staff_login").stat().st_mode) == 0o600
    assert password not in said
    assert [line.split(" …")[0] for line in said.splitlines()] == [
        "kapell: translations",
        "kapell: database schema",
        "kapell: roles",
        "kapell: administrator",
        "kapell: static files",
    ]


def test_a_second_run_changes_nothing(home):
    furnish(administrator=True)
    before = (
        login_of(home),
        User.objects.values_list("pk", "password").get(),
        Group.objects.count(),
    )

    furnish(administrator=True)

    after = (
        login_of(home),
        User.objects.values_list("pk", "password").get(),
        Group.objects.count(),
    )
    assert after == before


def test_a_changed_password_is_not_shown(home):
    furnish(administrator=True)
    user = User.objects.get()
    user.set_password("another")
    user.save()

    furnish(administrator=True)

    assert login_of(home) == ["as", "you", "set", "it"]


def test_no_administrator_is_made_where_there_is_one(home):
    User.objects.create_superuser("ada", "", "x")

    furnish(administrator=True)

    assert [user.username for user in User.objects.all()] == ["ada"]
    assert login_of(home) == ["as", "you", "set", "it"]


def test_an_upgrade_makes_nobody():
    furnish()

    assert not User.objects.exists()
