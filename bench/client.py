"""A small HTTP client that keeps its connections: each sends its next request once the last one was answered.

One process for all connections, because the machine's cores are shared with the server; requests are made before
the clock starts. Only what a benchmark needs of HTTP/1.1: answers with a Content-Length.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.table import percentile

PAUSE = 60  # seconds without any answer


@dataclass
class Seen:
    """What came back. latencies: seconds of each answered request; first: seconds from start to end."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        return self.statuses.get(200, 0)

    @property
    def errors(self) -> int:
        return len(self.latencies) - self.accepted

    @property
    def rate(self) -> float:
        """Accepted a second."""
        return self.accepted / self.seconds

    def milliseconds(self, share: float) -> float:
        return 1000 * percentile(self.latencies, share)


def request(
    method: str, path: str, *, body: bytes = b"", headers: Sequence[str] = (), kind: str = "application/json"
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Line:
    """One connection: what it still has to send, what it is waiting for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PAUSE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got, self.need, self.status, self.sent = b"", -1, 0, 0.0

    def send(self, raw: bytes) -> None:
        self.got, self.need = b"", -1
        self.sent = time.perf_counter()
        self.socket.sendall(raw)

    def read(self) -> bool:
        """Take what has come; True once the answer is whole."""
        some = self.socket.recv(1 << 17)
        if not some:
            raise ConnectionError("the server closed the connection")
        self.got += some
        if self.need < 0:
            head, found, _ = self.got.partition(b"\r\n\r\n")
            if not found:
                return False
            lines = head.decode("latin-1").split("\r\n")
            self.status = int(lines[0].split()[1])
            fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
            self.need = len(head) + 4 + int(fields.get("content-length", 0))
        return len(self.got) >= self.need

    def body(self) -> bytes:
        return self.got.partition(b"\r\n\r\n")[2]


def drive(port: int, requests: Sequence[bytes], connections: int, *, keep: bool = False) -> Seen:
    """Send all requests over so many connections; `keep` keeps the bodies of the answers."""
    seen, waiting = Seen(), iter(requests)
    lines = [_Line(port) for _ in range(connections)]
    with selectors.DefaultSelector() as ready:
        began, open_ = time.perf_counter(), 0
        for line in lines:
            ready.register(line.socket, selectors.EVENT_READ, line)
            open_ += _next(line, waiting)
        while open_:
            for key, _ in ready.select(PAUSE) or _silent():
                line = key.data
                if line.read():
                    seen.latencies.append(time.perf_counter() - line.sent)
                    seen.statuses[line.status] = seen.statuses.get(line.status, 0) + 1
                    if keep:
                        seen.bodies.append(line.body())
                    open_ -= not _next(line, waiting)
        seen.seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    return seen


def _next(line: _Line, waiting) -> bool:  # type: ignore[no-untyped-def]
    raw = next(waiting, None)
    if raw is not None:
        line.send(raw)
    return raw is not None


def _silent() -> list:  # type: ignore[type-arg]
    raise TimeoutError("the server did not answer for a minute")
