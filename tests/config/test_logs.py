import io
import json
import logging

import pytest
import structlog
from django.conf import settings
from django.http import HttpResponse

from config import logs


@pytest.fixture
def lines():
    """What the configured logging writes, one parsed line per entry."""
    stream = io.StringIO()
    configuration = logs.configuration(level="INFO", as_json=True)
    configuration["handlers"]["stderr"]["stream"] = stream
    logs.configure(configuration)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logs.configure(settings.LOGGING)


@pytest.mark.parametrize(
    "secret",
    [
        "kapell_a1b2c3d4_0123456789abcdef",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "ada.lovelace@example.org",
        "Bearer abc.def-ghi_jkl",
    ],
)
@pytest.mark.parametrize("logger", [logging.getLogger("plain"), structlog.get_logger("struct")])
def test_secrets_never_reach_the_log(lines, logger, secret):
    logger.warning("it failed for %s today", secret)
    try:
        int(secret)
    except ValueError:
        logger.exception("and again")

    written = json.dumps(lines())
    assert len(lines()) == 2
    assert secret.removeprefix("Bearer ") not in written
    assert written.count("[redacted]") >= 2


def test_a_field_with_a_telling_name_is_blackened(lines):
    structlog.get_logger().info("signed in", password="plain", email="somebody", user="u1")

    (line,) = lines()
    assert (line["password"], line["email"], line["user"]) == ("[redacted]", "[redacted]", "u1")


def test_a_password_in_an_address_is_blackened(lines):
    logging.getLogger().error("cannot reach postgresql://kapell:pa55w0rd@db.example:5432/kapell")

    assert "pa55w0rd" not in json.dumps(lines())


def test_a_line_break_cannot_forge_a_line(lines):
    logging.getLogger().error("first\nsecond %s", "a\r\nb")

    assert len(lines()) == 1


def test_each_line_of_a_request_carries_its_id(lines, rf):
    def view(_request):
        logging.getLogger("a.view").warning("seen")
        return HttpResponse()

    request = rf.get("/", headers={"X-Request-ID": "caller-0001"})
    response = logs.RequestMiddleware(view)(request)

    assert response.headers["X-Request-ID"] == "caller-0001"
    assert lines()[-1]["request_id"] == "caller-0001"


@pytest.mark.parametrize("sent", ["", "short", "a" * 65, "with blank in it", "break\r\nin-it"])
def test_an_insane_request_id_is_replaced(rf, sent):
    request = rf.get("/", headers={"X-Request-ID": sent})

    response = logs.RequestMiddleware(lambda _: HttpResponse())(request)

    assert response.headers["X-Request-ID"] != sent
    assert len(response.headers["X-Request-ID"]) == 32
