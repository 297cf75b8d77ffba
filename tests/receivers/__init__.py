"""Other companies' servers on loopback: they answer, refuse, hang, drip or break off, as told.

with Receiver() as shop:
    shop.answers = [500, 200]
    …
    assert [one.id for one in shop.received] == […]
"""

import contextlib
import itertools
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.receivers import certificates

HANG, DRIP, DRIP_HEAD, CLOSE, GARBAGE, ENDLESS = (
    "hang", "drip", "drip the head", "close", "garbage", "endless"
)  # fmt: skip


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")


class Receiver:
    """A server on a port of its own; the last of `answers` is given for ever.

    An answer is a status, a status with headers and a body, or one of the ways to misbehave.
    """

    def __init__(self, certificate: str = "") -> None:
        self.answers: Sequence[Any] = [200]
        self.delay = 0.0
        self.received: list[Received] = []
        self._turns = itertools.count()
        self._ended = threading.Event()
        self._context = _server_context(certificate) if certificate else None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.place}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), self._secured(plain) as connection:
            request = _read(connection)
            if request is None:
                return
            self.received.append(request)
            time.sleep(self.delay)
            answer = self.answers[min(next(self._turns), len(self.answers) - 1)]
            for part in _parts(answer):
                connection.sendall(part)
                if len(part) == 1 and self._ended.wait(0.1):
                    return
            if answer == HANG:
                self._ended.wait(60)

    def _secured(self, plain: socket.socket) -> socket.socket:
        return self._context.wrap_socket(plain, server_side=True) if self._context else plain


def _read(connection: socket.socket) -> Received | None:
    whole = b""
    while b"\r\n\r\n" not in whole:
        part = connection.recv(65536)
        if not part:
            return None
        whole += part
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    method, path, _ = first.split(" ")
    return Received(method, path, headers, body)


def _parts(answer: Any) -> Iterator[bytes]:
    """What is sent, piece by piece; a tenth of a second lies between single bytes."""
    if answer in (HANG, CLOSE):
        return
    if answer == GARBAGE:
        yield b"SSH-2.0-OpenSSH_9.2\r\n"
    elif answer == DRIP_HEAD:
        yield from (bytes([one]) for one in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000)
    elif answer == DRIP:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n"
        yield from (b"x" for _ in range(10_000))
    elif answer == ENDLESS:
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        yield from itertools.repeat(b"x" * 65536)
    else:
        status, headers, body = (answer, {}, b"thank you") if isinstance(answer, int) else answer
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        yield "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def _server_context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "chain")
        place.write_text(certificate + certificates.KEY)
        context.load_cert_chain(place)
    return context
