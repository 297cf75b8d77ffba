"""Every refusal is a problem document with a stable code."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions

from config.kernel import callers, errors, keys
from config.kernel.api import problems
from config.kernel.errors import Fault


def handled(error):
    response = problems.handler(error, {})
    assert response is not None
    return response


class TestDocuments:
    def test_a_refusal_carries_code_title_and_parameters(self):
        response = handled(errors.StaleState(number="SO-1"))
        assert response.status_code == 409
        assert response.content_type == "application/problem+json"
        assert response.data == {
            "type": "/api/docs/errors/#stale_state",
            "title": errors.StaleState.title,
            "status": 409,
            "code": "stale_state",
            "detail": errors.StaleState.title,
            "number": "SO-1",
        }

    def test_all_faults_of_a_content_are_listed(self):
        faults = [Fault("$.a", "required", "Needed."), Fault("$.b[0]", "odd", "Odd.")]
        data = handled(errors.Invalid(faults)).data
        assert data["status"] == 422
        assert data["errors"] == [
            {"path": "$.a", "code": "required", "detail": "Needed."},
            {"path": "$.b[0]", "code": "odd", "detail": "Odd."},
        ]

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (exceptions.NotAuthenticated(), 401, "not_authenticated"),
            (exceptions.AuthenticationFailed(), 401, "invalid_key"),
            (exceptions.PermissionDenied(), 403, "not_allowed"),
            (PermissionDenied(), 403, "not_allowed"),
            (Http404("Order matching query"), 404, "not_found"),
            (exceptions.NotFound(), 404, "not_found"),
            (errors.NotFound(), 404, "not_found"),
            (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
            (exceptions.NotAcceptable(), 406, "not_acceptable"),
            (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
            (exceptions.ParseError(), 400, "malformed"),
            (exceptions.ValidationError({"sku": ["x"]}), 400, "malformed"),
            (exceptions.Throttled(0.2), 429, "throttled"),
            (problems.ScopeMissing(scope="stock:write"), 403, "scope_missing"),
            (errors.Busy(), 503, "busy"),
            (OperationalError("terminating connection"), 503, "busy"),
        ],
    )
    def test_the_frameworks_errors_look_the_same(self, error, status, code):
        response = handled(error)
        assert (response.status_code, response.data["code"]) == (status, code)
        assert response.data["status"] == status

    def test_an_unknown_and_a_hidden_record_look_alike(self):
        assert handled(Http404("Order 7")).data == handled(errors.NotFound()).data

    def test_the_databases_words_stay_inside(self):
        response = handled(OperationalError("password=secret host=10.0.0.1"))
        assert "secret" not in json.dumps(response.data)

    def test_what_is_our_fault_is_left_to_the_server(self):
        assert problems.handler(ValueError("bug"), {}) is None


class TestHeaders:
    @pytest.mark.parametrize(
        ("error", "seconds"),
        [(errors.Busy(), "1"), (exceptions.Throttled(0.2), "1"), (exceptions.Throttled(7.1), "8")],
    )
    def test_who_may_come_back_is_told_when_in_whole_seconds(self, error, seconds):
        assert handled(error)["Retry-After"] == seconds

    def test_a_missing_key_is_challenged(self):
        assert handled(exceptions.NotAuthenticated())["WWW-Authenticate"].startswith("Bearer")

    def test_others_are_not(self):
        response = handled(errors.NotFound())
        assert not response.has_header("Retry-After")
        assert not response.has_header("WWW-Authenticate")


def test_outside_the_framework_it_looks_the_same():
    request = RequestFactory().get("/api/nowhere/")
    unknown, failed = problems.not_found(request), problems.server_error(request)

    assert json.loads(unknown.content) == handled(errors.NotFound()).data
    assert unknown["Content-Type"] == "application/problem+json"
    assert failed.status_code == 500
    assert json.loads(failed.content)["code"] == "server_error"


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete"])
def test_an_unknown_address_is_not_found_by_any_method_and_without_a_cookie(method):
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/orders/A%2FB/cancel/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_a_fault_of_ours_is_a_problem_below_the_api(client, monkeypatch, db):  # noqa: ARG001
    def fail(*_args, **_kwargs):
        raise ZeroDivisionError

    client.raise_request_exception = False
    monkeypatch.setattr(callers, "identify", fail)
    key = "kapell_" + "a" * 58
    monkeypatch.setattr(keys, "looks_right", bool)
    answer = client.get("/api/v1/events/", headers={"Authorization": f"Bearer {key}"})

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "server_error"
