"""Measure how a table of many objects is read from S3, on a moto server; write it to RESULTS.md.

The table (2,000 objects, 5 GB) lies in the server's memory and is gone with it. In turn, each in a
process of its own: this project reads all columns, and the same parts of the same objects are read
with the bytes discarded, by the same client and as many at once.

  python benchmarks/s3.py                    some 10 minutes on 2 cores, and 7 GB of memory
  python benchmarks/s3.py --objects 100      does everything still run? (no results)
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from machine import machine
from measure import watch
from sections import write_section
from sizes import DATA, HERE

OBJECTS, ROUNDS, BUCKET = 2_000, 3, "benchmark"
OURS, RANGES = "s3_this_project", "s3_ranges"
TITLES = {OURS: "this project, every column", RANGES: "plain ranged reads"}
LOGS = DATA / "logs" / "s3"
START_SECONDS, PASS_SECONDS = 60.0, 3600.0
BUSY = 0.7
HEAD = """| | requests | time | throughput | own CPU | server's CPU | peak memory |
|---|---|---|---|---|---|---|"""
SECTION = """## A table in S3: {objects:,} objects of {mb:.1f} MB, {columns} columns

Written by `python benchmarks/s3.py`. The table lies in the memory of a moto server on loopback, a
process of its own; times are medians of {rounds}, in turn. Plain ranged reads are of the same parts
of the same objects, by the same S3 client and as many at once, and discard the bytes. Megabytes are
of 10⁶ bytes; peak memory is that of whole processes.

- Machine: {machine}

{head}
{rows}

- Throughput, as a share of plain ranged reads': {share:.0%}
- Listing {objects:,} objects: {list:.2f} s
- From open to the values of the first column: {first:.1f} s; {footers:.1f} s of it for the listing
  and every object's footer, at one request an object
- {bottleneck}
"""
Figures = dict[str, float]


@contextmanager
def served() -> Iterator[int]:
    """Run moto's server; give its process's id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "benchmark",
        "AWS_SECRET_ACCESS_KEY": "benchmark",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": url,
    }
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1"]
    with (LOGS / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "-p", str(port)], stdout=log, stderr=log)
    try:
        wait_for(f"{url}/moto-api/")
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(url):  # noqa: S310 - loopback
                return
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def put_table(objects: int) -> None:
    """Put the table into the server, by a process of its own: this one stays small."""
    print(f"putting {objects:,} objects", file=sys.stderr)
    command = [sys.executable, str(HERE / "s3_table.py"), BUCKET, str(objects)]
    subprocess.run(command, check=True)


def run(contestant: str, server: int) -> Figures:
    """Run a contestant once; return what it measured, and its peak memory."""
    log = LOGS / f"{contestant}.log"
    script = HERE / "contestants" / f"{contestant}.py"
    command = [sys.executable, str(script), f"s3://{BUCKET}/table/", str(server)]
    with log.open("wb") as output:
        done = watch(command, output.fileno(), log, PASS_SECONDS)
    if "failed" in done:
        sys.exit(f"{contestant}: {done['failed']}")
    figures: Figures = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    return {**figures, "mb": done["mb"]}


def medians(runs: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def row(title: str, figures: Figures, table: Figures) -> str:
    """Return a line of the section's table."""
    cells = [
        title,
        f"{table['requests']:,.0f}",
        f"{figures['seconds']:.1f} s",
        f"{table['bytes'] / figures['seconds'] / 1e6:.0f} MB/s",
        f"{figures['own']:.1f} s",
        f"{figures['server']:.1f} s",
        f"{figures['mb']:,.0f} MB",
    ]
    return f"| {' | '.join(cells)} |"


def bottleneck(ours: Figures, ranges: Figures) -> str:
    """Say whether the server is what both wait for."""
    cores = ranges["server"] / ranges["seconds"]
    own = (ours["own"] - ranges["own"]) / ours["seconds"]
    verdict = "is" if cores >= BUSY else "is not"
    return (
        f"The server {verdict} what both wait for: while plain ranges were read, its process used "
        f"{cores:.2f} of a core, and Python's threads get one core together. What this project "
        f"does beside reading takes {own:.2f} of a core."
    )


def section(objects: int, rounds: int, ours: Figures, ranges: Figures) -> str:
    """Return the text for RESULTS.md."""
    rows = [row(TITLES[OURS], ours, ranges), row(TITLES[RANGES], ranges, ranges)]
    return SECTION.format(
        objects=objects,
        mb=ranges["bytes"] / objects / 1e6,
        columns=f"{ranges['columns']:.0f}",
        rounds=rounds,
        machine=machine(),
        head=HEAD,
        rows="\n".join(rows),
        share=ranges["seconds"] / ours["seconds"],
        list=ours["list"],
        first=ours["first"],
        footers=ours["open"],
        bottleneck=bottleneck(ours, ranges),
    )


def main() -> None:
    """Serve, put, measure, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--objects", type=int, default=OBJECTS, help=f"default: {OBJECTS:,}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"default: {ROUNDS}")
    options = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[Figures]] = {OURS: [], RANGES: []}
    with served() as server:
        put_table(options.objects)
        for number in range(options.rounds):
            for contestant, figures in runs.items():
                figures.append(run(contestant, server))
                print(f"round {number + 1}: {contestant}: {figures[-1]}", file=sys.stderr)
    text = section(options.objects, options.rounds, *map(medians, runs.values()))
    if options.objects == OBJECTS:
        write_section("s3", text)
    else:
        print(text)


if __name__ == "__main__":
    main()
