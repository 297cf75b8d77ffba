"""Requests of the API pass by what only the console needs."""

import pytest
from django.test import RequestFactory
from django.utils import translation

from config import beside_api

pytestmark = pytest.mark.django_db
FOR_CONSOLE = (
    beside_api.StaticFiles,
    beside_api.Sessions,
    beside_api.Language,
    beside_api.SignIn,
    beside_api.Messages,
)


def test_the_api_neither_asks_for_nor_sets_cookies_and_language(client, django_assert_num_queries):
    client.cookies["sessionid"] = "some-session"
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/orders/", headers={"Accept-Language": "de"})

    assert answer.status_code == 401
    assert not answer.cookies
    assert "Content-Language" not in answer.headers
    assert not hasattr(answer.wsgi_request, "session")


def test_the_console_has_a_session_and_a_language(client):
    answer = client.get("/admin/login/")

    assert answer.wsgi_request.session is not None
    assert answer.headers["Content-Language"] == "en-gb"


def test_the_api_does_not_speak_the_language_of_the_threads_last_reader(settings):
    settings.LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
    spoken = []

    def answer(_request):
        spoken.append(translation.get_language())

    with translation.override("de"):
        beside_api.Language(answer)(RequestFactory().get("/api/v1/orders/"))

    assert spoken == ["en-gb"]


@pytest.mark.parametrize("middleware", FOR_CONSOLE)
def test_each_hands_requests_of_the_api_on_untouched(middleware):
    request = RequestFactory().get("/api/v1/orders/")
    before = set(vars(request))

    assert middleware(lambda _request: "answer")(request) == "answer"
    assert set(vars(request)) == before
