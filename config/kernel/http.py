"""The one way out to other companies' servers: gated, bounded in time and size, nothing followed.

A call never happens inside a transaction: nobody waits for a lock because a stranger is slow. The
time a call may take is that of the clock on the wall, from the name's look-up to the last byte, so
that a server that sends a byte a second is cut off like one that sends nothing. Neither proxies nor
certificates come from the environment, redirects are answers like any other, and what is told of a
failure is a code: no address, header or body of it ends in a log.
"""

import functools
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import httpcore
import httpx
from django.conf import settings
from django.db import connection

from config.kernel import commands, gate

WITHIN = 15.0
CONNECT_WITHIN = 3.0
MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: the names of the headers in small letters, the first 64 kB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CallFailed(Exception):
    """There was no answer; `reason` is timeout, connect, tls, certificate or protocol."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def send(
    method: str,
    address: str,
    *,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    within: float = WITHIN,
) -> Reply:
    """Make one request on a connection of its own and return the answer, whatever its status.

    `within` bounds the whole of it in seconds. Raises `gate.Forbidden`, `CallFailed`; RuntimeError
    inside a transaction.
    """
    if commands.inside() or connection.in_atomic_block:
        raise RuntimeError("the network is for errands, outside any transaction")
    until = time.monotonic() + within
    target = gate.judge(address, within=min(within, gate.PATIENCE))
    fields = [("User-Agent", "Kapell"), ("Accept-Encoding", "identity"), *(headers or {}).items()]
    try:
        return _exchange(method, target, fields, content, until)
    except httpcore.TimeoutException:
        raise CallFailed("timeout") from None
    except httpcore.NetworkError as error:
        raise _failure(error) from None
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol):
        raise CallFailed("protocol") from None


def _exchange(
    method: str,
    target: gate.Target,
    fields: Iterable[tuple[str, str]],
    content: bytes,
    until: float,
) -> Reply:
    line = _Line(target, until)
    with (
        httpcore.ConnectionPool(ssl_context=trust(settings.CA_FILE), network_backend=line) as pool,
        pool.stream(method, _url(target.url), headers=list(fields), content=content) as answer,
    ):
        head = {
            name.decode("latin1").lower(): value.decode("latin1") for name, value in answer.headers
        }
        return Reply(answer.status, head, _at_most(answer.iter_stream(), MOST_BYTES))


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _at_most(parts: Iterable[bytes], size: int) -> bytes:
    """What comes after that many bytes is not waited for."""
    body = b""
    for part in parts:
        body += part
        if len(body) >= size:
            break
    return body[:size]


def _failure(error: BaseException) -> CallFailed:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return CallFailed("certificate", cause.verify_message)
    if isinstance(cause, ssl.SSLError):
        return CallFailed("tls")
    return CallFailed("connect")


@functools.cache
def trust(ca_file: str) -> ssl.SSLContext:
    """Return whose certificates are believed: the public authorities', and those of a file."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


class _Line(httpcore.NetworkBackend):
    """Connects to the judged addresses, one after the other, and to nothing else."""

    def __init__(self, target: gate.Target, until: float) -> None:
        self.target = target
        self.until = until
        self.plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - the name was looked up and judged already
        port: int,  # noqa: ARG002
        timeout: float | None = None,  # noqa: ARG002 - there is one for the whole call
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        latest = min(self.until, time.monotonic() + CONNECT_WITHIN)
        failure: Exception = httpcore.ConnectError("no address")
        for address in self.target.addresses:
            try:
                stream = self.plain.connect_tcp(
                    address, self.target.port, _left(latest), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Bounded(stream, self.until)
        raise failure


class _Bounded(httpcore.NetworkStream):
    """A connection whose every wait ends at the same moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self.stream = stream
        self.until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self.stream.read(max_bytes, _left(self.until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self.stream.write(buffer, _left(self.until))

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self.stream.start_tls(ssl_context, server_hostname, _left(self.until))
        return _Bounded(stream, self.until)

    def close(self) -> None:
        self.stream.close()

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
