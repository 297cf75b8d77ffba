"""Closed-loop HTTP load over loopback: a coroutine a client, keep-alive, bounded in time or count.

Clients are dealt out over the ports in turn, so that no server process gets more of them than
another.
"""

import asyncio
import itertools
import random
import socket
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks import processes

HOST = "127.0.0.1"
PATIENCE = 30.0
REFUSED = 409


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def wire(self, port: int) -> bytes:
        """Return the bytes that are sent."""
        head = [f"{self.method} {self.path} HTTP/1.1", f"Host: {HOST}:{port}"]
        head += ["Accept: application/json"]
        head += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            head += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*head, "", ""]).encode() + self.body


Flow = Callable[[random.Random], Call]


@dataclass(frozen=True, slots=True)
class Load:
    """How hard, for how long: `seconds` after the warm-up, or exactly `limit` calls.

    With `per_second` the calls of a limit begin at that pace, as long as a client is free.
    """

    clients: int
    seconds: float = 0
    limit: int = 0
    warm: float = 0.5
    per_second: float = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a load run showed: `done` are 2xx, `refused` are 409, `failed` is anything else."""

    done: int
    refused: int
    failed: int
    faults: tuple[str, ...]
    seconds: float
    latencies: tuple[float, ...]
    cpu: Mapping[str, float]

    @property
    def calls(self) -> int:
        return self.done + self.refused

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU of application and database per call."""
        return 1000 * (self.cpu["app"] + self.cpu["database"]) / max(self.calls, 1)

    def cpu_ms_of(self, part: str) -> float:
        return 1000 * self.cpu[part] / max(self.calls, 1)

    def percentile(self, share: int) -> float:
        """The latency in ms that so many of a hundred calls stay below."""
        return 1000 * statistics.quantiles(self.latencies or (0.0, 0.0), n=100)[share - 1]


@dataclass(frozen=True, slots=True)
class Server:
    """Where one side answers, and whose CPU time it costs."""

    ports: Sequence[int]
    trees: Mapping[str, Sequence[int]]


def drive(server: Server, flow: Flow, load: Load) -> Sample:
    """Put the load on and return what it showed."""
    return asyncio.run(_Run(server, flow, load).sample())


class _Run:
    """One load run under way."""

    def __init__(self, server: Server, flow: Flow, load: Load) -> None:
        self.server, self.flow, self.load = server, flow, load
        self.start = time.perf_counter() + (0 if load.limit else load.warm)
        self.end = self.start + (load.seconds or 3600)
        self.tickets = itertools.count()
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.latencies: list[float] = []

    async def sample(self) -> Sample:
        clock = asyncio.create_task(self._watch_cpu())
        await asyncio.gather(*(self._client(number) for number in range(self.load.clients)))
        took = time.perf_counter() - self.start if self.load.limit else self.load.seconds
        before, after = await clock
        after = after or self._cpu()
        return Sample(
            done=self.answers["done"],
            refused=self.answers["refused"],
            failed=self.answers["failed"],
            faults=tuple(self.faults[:3]),
            seconds=took,
            latencies=tuple(self.latencies),
            cpu={name: after[name] - before[name] for name in before},
        )

    async def _watch_cpu(self) -> tuple[dict[str, float], dict[str, float]]:
        """Read the CPU clocks at both ends of the window; what is under way at each cancels out."""
        await asyncio.sleep(max(0, self.start - time.perf_counter()))
        before = self._cpu()
        if self.load.limit:
            return before, {}
        await asyncio.sleep(max(0, self.end - time.perf_counter()))
        return before, self._cpu()

    def _cpu(self) -> dict[str, float]:
        trees = self.server.trees.items()
        return {name: processes.cpu_seconds(roots) for name, roots in trees}

    async def _client(self, number: int) -> None:
        port = self.server.ports[number % len(self.server.ports)]
        chance = random.Random(f"{time.time_ns()} {number}")
        connection = _Connection(port)
        while await self._goes_on():
            call = self.flow(chance)
            began = time.perf_counter()
            try:
                async with asyncio.timeout(PATIENCE):
                    status, body = await connection.send(call)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                connection.close()
                self._note(began, 0, repr(error).encode())
            else:
                self._note(began, status, body)
        connection.close()

    async def _goes_on(self) -> bool:
        if not self.load.limit:
            return time.perf_counter() < self.end
        ticket = next(self.tickets)
        if self.load.per_second and ticket < self.load.limit:
            turn = self.start + ticket / self.load.per_second
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
        return ticket < self.load.limit

    def _note(self, began: float, status: int, body: bytes) -> None:
        """Count what ended inside the window, whenever it began."""
        now = time.perf_counter()
        if not self.load.limit and not self.start <= now < self.end:
            return
        if 200 <= status < 300:
            self.answers["done"] += 1
        elif status == REFUSED:
            self.answers["refused"] += 1
        else:
            self.answers["failed"] += 1
            self.faults.append(f"{status}: {body[:300]!r}")
        self.latencies.append(now - began)


class _Connection:
    """One keep-alive connection, opened when first needed and again when the server closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def send(self, call: Call) -> tuple[int, bytes]:
        reader, writer = self.reader, self.writer
        if reader is None or writer is None:
            reader, writer = await self._open()
        writer.write(call.wire(self.port))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1").split("\r\n")
        fields = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in head)
        }
        body = await _body(reader, fields)
        if fields.get("connection", "").lower() == "close":
            self.close()
        return int(head[0].split()[1]), body

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.reader, self.writer = await asyncio.open_connection(HOST, self.port)
        plain = self.writer.get_extra_info("socket")
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.reader, self.writer

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def _body(reader: asyncio.StreamReader, fields: Mapping[str, str]) -> bytes:
    if "chunked" not in fields.get("transfer-encoding", ""):
        return await reader.readexactly(int(fields.get("content-length", 0)))
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        parts.append((await reader.readexactly(size + 2))[:-2])
    await reader.readuntil(b"\r\n")
    return b"".join(parts)
