"""`morelike serve` under load: requests for the next character and for a few scores, on 50 connections at once."""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.harness.benchmark import Target
from benchmarks.harness.errors import FailedError
from benchmarks.harness.processes import morelike

CONNECTIONS = 50
REQUESTS = 5000
LONG = {"count": 10_000, "min_length": 30, "max_length": 30, "unique": False, "novel": False}
TARGETS = (
    Target(
        "`morelike serve`: next and score of three words, 50 connections", "requests_per_second", 300, "/s",
        "5,000 requests; the client runs on the same cores", bound="FastAPI and h11",
    ),
    Target(
        "answers 503 among them", "refused", 0, "", "none may be refused", at_most=True, bound="the queue",
    ),
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Return requests a second without and beside long samples, and how many were refused."""
    import morelike as library

    with tempfile.TemporaryDirectory() as folder:
        path = library.train(library.read_lines("names"), "gru", steps=20).save(Path(folder) / "model")
        command = morelike("serve", str(path), "--port", "0", "--json")
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert server.stdout is not None
            said = ""
            while not said.endswith("}\n"):
                said += server.stdout.readline()
            port = int(json.loads(said)["url"].rpartition(":")[2])
            alone, statuses = asyncio.run(_load(port, long=0))
            beside, more = asyncio.run(_load(port, long=2))
        finally:
            server.kill()
            server.communicate()
    statuses += more
    if statuses[200] + statuses[503] != 2 * REQUESTS:
        raise FailedError(f"some answers were neither 200 nor 503: {dict(statuses)}")
    return {
        "requests_per_second": round(REQUESTS / alone),
        "requests_per_second_beside_long_samples": round(REQUESTS / beside),
        "refused": statuses[503],
    }


async def _load(port: int, long: int) -> tuple[float, Counter[int]]:
    """Return the seconds of all requests, and how many answers had each status; `long` samples run beside them."""
    statuses: Counter[int] = Counter()
    left = iter(range(REQUESTS))
    samples = [asyncio.create_task(_repeat(port, _post("/v1/sample", LONG))) for _ in range(long)]
    start = time.perf_counter()
    await asyncio.gather(*(_connection(port, left, statuses) for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - start
    for sample in samples:
        sample.cancel()
    return seconds, statuses


async def _connection(port: int, left: Any, statuses: Counter[int]) -> None:
    """Send requests on one connection, each after the answer to the last, until none is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in left:
        if number % 2:
            writer.write(b"GET /v1/next?prefix=em HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % port)
        else:
            writer.write(_post("/v1/score", {"words": ["emma", "xqzt", "noah"]}) % port)
        statuses[await _answer(reader)] += 1
    writer.close()


async def _repeat(port: int, request: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        writer.write(request % port)
        await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> int:
    """Return the status of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(int(length.rpartition(b":")[2]))
    return int(head.split(b" ", 2)[1])


def _post(address: str, body: dict[str, Any]) -> bytes:
    data = json.dumps(body).encode().replace(b"%", b"%%")
    head = f"POST {address} HTTP/1.1\r\nHost: localhost:%d\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data
