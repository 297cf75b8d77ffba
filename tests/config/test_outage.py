"""What callers and staff are told while the database is away."""

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client

from config.kernel import errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff():
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_superuser("ada"))
    return client


def breaking(error):
    def view(*_args, **_kwargs):
        raise error

    return view


@pytest.mark.parametrize("error", [OperationalError("gone"), errors.Busy()])
def test_the_console_says_one_moment(staff, monkeypatch, error):
    monkeypatch.setattr("config.console.middleware.Middleware.__call__", breaking(error))

    answer = staff.get("/admin/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert b"<h1>One moment</h1>" in answer.content
    assert "script-src" in answer.headers["Content-Security-Policy"]


def test_a_fault_of_ours_is_none_of_the_databases(staff, monkeypatch):
    monkeypatch.setattr("config.console.middleware.Middleware.__call__", breaking(KeyError("x")))

    answer = staff.get("/admin/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert b"<h1>Something went wrong</h1>" in answer.content


def test_the_api_answers_a_problem_to_come_back_with(monkeypatch):
    monkeypatch.setattr("config.audit.Middleware.__call__", breaking(OperationalError("gone")))
    client = Client(raise_request_exception=False)

    answer = client.get("/api/v1/orders/")

    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_missing_static_files_do_not_hide_what_is_wrong(staff, monkeypatch):
    monkeypatch.setattr("config.console.middleware.Middleware.__call__", breaking(errors.Busy()))
    monkeypatch.setattr("config.outage.static", breaking(ValueError("no manifest")))

    answer = staff.get("/admin/")

    assert answer.status_code == 503
    assert b"stylesheet" not in answer.content
