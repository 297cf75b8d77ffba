"""A wire that can be cut: a proxy on loopback that passes bytes on until it is told otherwise."""

import asyncio
import contextlib
import threading
from collections.abc import Callable

HOST = "127.0.0.1"
Rule = Callable[[bytes], bool]


class Proxy:
    """Forwards connections to a port; runs in a thread of its own while in its context.

    `swallow_when` sees what clients send: from the first piece it is true for, that connection goes
    dark in both directions and stays open. `drop_when` sees what servers send: from the first piece
    it is true for, the client's connection is closed without it.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.port = 0
        self.swallow_when: Rule = lambda _piece: False
        self.drop_when: Rule = lambda _piece: False
        self.dark = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        assert self._listening.wait(10)
        return self

    def __exit__(self, *_error):
        self.heal()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def heal(self) -> None:
        """Forget the rules and end every connection, as a mended network does with dead ones."""
        self.swallow_when = self.drop_when = lambda _piece: False
        self.dark.clear()
        self._loop.call_soon_threadsafe(self._end_all)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, HOST, 0))
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _end_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            up_reader, up_writer = await asyncio.open_connection(HOST, self.target)
            gone = asyncio.Event()  # this connection went dark
            self._writers |= {writer, up_writer}
            try:
                await asyncio.gather(
                    self._pass(reader, up_writer, gone, self._is_swallowed),
                    self._answer(up_reader, writer, gone),
                )
            finally:
                self._writers -= {writer, up_writer}
                writer.transport.abort()
                up_writer.transport.abort()

    def _is_swallowed(self, piece: bytes) -> bool:
        return self.swallow_when(piece)

    async def _pass(self, source, sink, gone, rule) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if rule(piece):
                    gone.set()
                    self.dark.set()
                if not gone.is_set():
                    sink.write(piece)
                    await sink.drain()
        if not gone.is_set():
            sink.transport.abort() if sink.is_closing() else sink.write_eof()

    async def _answer(self, source, sink, gone) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65536):
                if gone.is_set():
                    continue
                if self.drop_when(piece):
                    self.dark.set()
                    sink.transport.abort()
                    return
                sink.write(piece)
                await sink.drain()
        if not gone.is_set():
            sink.close()
