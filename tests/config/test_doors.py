"""The addresses that belong to no app: health, pictures, and the headers every answer carries."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.db.models.functions import Now

from config.operations import health
from config.operations.models import Pulse

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    user = get_user_model().objects.create_user("ada", password="x", is_staff=True)
    client.force_login(user)
    return client


@pytest.fixture
def picture(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "products").mkdir()
    (tmp_path / "products/mug.svg").write_text("<svg onload='alert(1)'/>")
    return "/media/products/mug.svg"


def test_a_well_process_says_so(client):
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"database": True}}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def alive():
    for kind in ("worker", "beat", "queue"):
        Pulse.objects.create(kind=kind, name=kind)


@pytest.mark.usefixtures("alive")
def test_a_ready_system_says_so(client):
    assert client.get("/readyz").json() == {
        "status": "ok",
        "checks": dict.fromkeys(("database", "schema", "cache", "worker", "beat", "queue"), True),
    }


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("kind", ["worker", "beat", "queue"])
def test_a_system_is_not_ready_when_a_program_fell_silent(client, kind):
    Pulse.objects.filter(kind=kind).update(at=Now() - timedelta(seconds=121))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert [name for name, well in answer.json()["checks"].items() if not well] == [kind]
    assert client.get("/healthz").status_code == 200


def test_a_process_without_its_database_is_not_well(client, monkeypatch):
    def unreachable():
        raise OperationalError

    monkeypatch.setattr(health.connection, "cursor", unreachable)
    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["checks"] == {"database": False}


def test_a_system_without_its_cache_is_not_ready(client, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["cache"] is False


def test_a_picture_is_shown_to_staff_but_never_runs(staff, picture):
    answer = staff.get(picture)

    assert b"".join(answer.streaming_content).startswith(b"<svg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_for_staff_only(client, picture):
    answer = client.get(picture)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.usefixtures("picture")
def test_nothing_outside_the_pictures_is_served(staff, tmp_path):
    (tmp_path.parent / "secret").write_text("x")

    assert staff.get("/media/../secret").status_code == 400
    assert staff.get("/media/%2e%2e/secret").status_code == 400
    assert staff.get("/media/products/").status_code == 404


def test_only_the_console_may_evaluate(client):
    console = client.get("/admin/login/").headers["Content-Security-Policy"]
    elsewhere = client.get("/healthz").headers["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-eval'" in console
    assert "style-src 'self' 'unsafe-inline'" in console
    assert "unsafe" not in elsewhere
    for policy in (console, elsewhere):
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy


def test_data_has_a_policy_without_anything(client):
    policy = client.get("/api/v1/nothing-here/").headers["Content-Security-Policy"]

    assert policy == "default-src 'none'; frame-ancestors 'none'"
