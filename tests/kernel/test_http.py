"""The way out: bounded in time and size, nothing followed, only judged addresses."""

import socket
import ssl
import tempfile
import threading
import time
from pathlib import Path

import pytest

from config.kernel import commands, gate, http
from tests.receivers import (
    CLOSE,
    DRIP,
    DRIP_HEAD,
    ENDLESS,
    GARBAGE,
    HANG,
    Receiver,
    certificates,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver(settings):
    with Receiver() as one:
        settings.OUTBOUND_ALLOWED = frozenset({one.place})
        yield one


@pytest.fixture
def believed(settings):
    """Believe the tests' own authority."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "authority")
        place.write_text(certificates.AUTHORITY)
        settings.CA_FILE = str(place)
        yield


def failure(address, **options):
    with pytest.raises(http.CallFailed) as failed:
        http.send("POST", address, content=b"{}", **options)
    return failed.value


def test_the_very_bytes_arrive_and_the_answer_comes_back(receiver):
    receiver.answers = [(201, {"X-Seen": "yes"}, b"welcome")]
    reply = http.send(
        "POST", receiver.url + "?a=1", content=b'{"b": 2}', headers={"Content-Type": "text/x"}
    )
    assert (reply.status, reply.headers["x-seen"], reply.body) == (201, "yes", b"welcome")
    (request,) = receiver.received
    assert (request.method, request.path, request.body) == ("POST", "/hook?a=1", b'{"b": 2}')
    assert request.headers["host"] == receiver.place
    assert request.headers["content-type"] == "text/x"
    assert request.headers["user-agent"] == "Kapell"
    assert "cookie" not in request.headers


def test_it_refuses_to_wait_inside_a_transaction(receiver):
    def errand():
        http.send("POST", receiver.url)

    with pytest.raises(RuntimeError, match="outside any transaction"):
        commands.command(errand)()
    assert receiver.received == []


@pytest.mark.parametrize("status", [204, 301, 302, 307, 404, 410, 500])
def test_every_status_is_an_answer_and_nothing_is_followed(receiver, status):
    receiver.answers = [(status, {"Location": receiver.url + "/elsewhere"}, b"")]
    assert http.send("POST", receiver.url).status == status
    assert len(receiver.received) == 1


@pytest.mark.parametrize("manner", [HANG, DRIP, DRIP_HEAD])
def test_a_server_that_hangs_or_drips_is_cut_off_in_time(receiver, manner):
    receiver.answers = [manner]
    started = time.monotonic()
    assert failure(receiver.url, within=0.5).reason == "timeout"
    assert 0.4 < time.monotonic() - started < 2


def test_an_answer_without_end_is_read_so_far(receiver):
    receiver.answers = [ENDLESS]
    reply = http.send("POST", receiver.url)
    assert (reply.status, len(reply.body)) == (200, http.MOST_BYTES)


@pytest.mark.parametrize("manner", [CLOSE, GARBAGE])
def test_what_is_no_answer_is_told_so(receiver, manner):
    receiver.answers = [manner]
    assert failure(receiver.url).reason == "protocol"


def test_a_closed_port_is_no_connection(settings):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    settings.OUTBOUND_ALLOWED = frozenset({place})
    assert failure(f"http://{place}/").reason == "connect"


def test_nothing_of_the_address_is_told(receiver):
    receiver.answers = [CLOSE]
    assert "hook" not in str(failure(receiver.url + "?token=hidden"))


def test_the_environments_proxies_are_ignored(receiver, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert http.send("GET", receiver.url).status == 200


def test_a_name_that_changes_its_mind_is_called_where_it_was_judged(receiver, monkeypatch):
    """Rebinding: the second answer would lead elsewhere, and is never asked for."""
    port = receiver.port
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked = []

    def changing(_host, _port, **_options):
        asked.append(1)
        return [(socket.AF_INET, 1, 6, "", (one, port)) for one in next(answers)]

    monkeypatch.setattr(gate.socket, "getaddrinfo", changing)
    dialled = []

    def dial(_backend, host, port, *_):
        dialled.append((host, port))
        raise http.httpcore.ConnectError

    monkeypatch.setattr(http.httpcore.SyncBackend, "connect_tcp", dial)
    assert failure("https://shop.example/").reason == "connect"
    assert (dialled, len(asked)) == ([("93.184.216.34", 443)], 1)


def test_every_judged_address_is_tried(receiver, settings, monkeypatch):
    settings.OUTBOUND_ALLOWED = frozenset({f"receiver.test:{receiver.port}"})

    monkeypatch.setattr(gate, "_look_up", lambda *_: ("127.0.0.9", "127.0.0.1"))
    monkeypatch.setattr(socket, "create_connection", _only("127.0.0.1", socket.create_connection))
    reply = http.send("POST", f"http://receiver.test:{receiver.port}/hook")
    assert reply.status == 200
    assert receiver.received[0].headers["host"] == f"receiver.test:{receiver.port}"


def _only(address, connect):
    def dial(place, *args, **options):
        if place[0] != address:
            raise ConnectionRefusedError
        return connect(place, *args, **options)

    return dial


class TestCertificates:
    @pytest.fixture
    def calling(self, settings, monkeypatch):
        """Call a receiver with a certificate by a name of your choice."""

        def call(certificate, name="receiver.test"):
            with Receiver(certificate) as receiver:
                settings.OUTBOUND_ALLOWED = frozenset({f"{name}:{receiver.port}"})
                monkeypatch.setattr(gate, "_look_up", lambda *_: ("127.0.0.1",))
                return http.send("POST", f"https://{name}:{receiver.port}/hook")

        return call

    def _failure(self, calling, *args):
        with pytest.raises(http.CallFailed) as failed:
            calling(*args)
        return failed.value

    @pytest.mark.usefixtures("believed")
    def test_a_good_one_for_the_name_is_believed(self, calling):
        assert calling(certificates.GOOD).status == 200

    @pytest.mark.usefixtures("believed")
    def test_an_expired_one_is_not(self, calling):
        failed = self._failure(calling, certificates.EXPIRED)
        assert (failed.reason, failed.detail) == ("certificate", "certificate has expired")

    @pytest.mark.usefixtures("believed")
    def test_one_for_another_name_is_not(self, calling):
        failed = self._failure(calling, certificates.GOOD, "other.test")
        assert failed.reason == "certificate"
        assert "Hostname mismatch" in failed.detail

    def test_one_of_an_unknown_authority_is_not(self, calling):
        assert self._failure(calling, certificates.GOOD).reason == "certificate"

    def test_the_public_authorities_are_always_believed(self):
        assert http.trust("").verify_mode is ssl.CERT_REQUIRED
        assert http.trust("").check_hostname
        assert len(http.trust("").get_ca_certs()) > 50


def test_a_server_that_speaks_no_tls_is_no_secure_connection(settings):
    def answer():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        settings.OUTBOUND_ALLOWED = frozenset({place})
        threading.Thread(target=answer, daemon=True).start()
        assert failure(f"https://{place}/").reason == "tls"
