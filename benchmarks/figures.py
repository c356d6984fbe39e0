"""What was measured, kept as JSON so that a benchmark that was cut off can go on."""

import json
import statistics
from pathlib import Path

from measure import Run


class Figures:
    """All runs by table and contestant, in a file that is written after each run."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        """Read what is there; runs are marked with a new session, or with the last one again."""
        self._path = path
        self._runs: dict[str, dict[str, list[Run]]] = {}
        if path.exists():
            self._runs = json.loads(path.read_text(encoding="utf-8"))
        last = max(self.sessions(list(self._runs)), default=0)
        self._session = max(last, 1) if resume else last + 1

    def sessions(self, sizes: list[str]) -> set[int]:
        """Return the sessions from which runs on some tables are kept."""
        return {
            run["session"]
            for size in sizes
            for runs in self._runs.get(size, {}).values()
            for run in runs
        }

    def runs(self, size: str, contestant: str) -> list[Run]:
        """Return the runs of a contestant on a table."""
        return self._runs.get(size, {}).get(contestant, [])

    def add(self, size: str, contestant: str, run: Run) -> None:
        """Keep a run."""
        self._runs.setdefault(size, {}).setdefault(contestant, []).append(
            {**run, "session": self._session}
        )
        self._write()

    def forget(self, size: str, contestant: str) -> None:
        """Drop a contestant's runs on a table."""
        self._runs.get(size, {}).pop(contestant, None)
        self._write()

    def failure(self, size: str, contestant: str) -> str | None:
        """Return why a contestant failed on a table, if it did."""
        return next((run["failed"] for run in self.runs(size, contestant) if "failed" in run), None)

    def median(self, size: str, contestant: str, what: str) -> float | None:
        """Return the median of seconds or of mb; None where there is none, or a run failed."""
        runs = self.runs(size, contestant)
        if not runs or self.failure(size, contestant):
            return None
        return statistics.median(run["seconds" if what == "seconds" else "mb"] for run in runs)

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self._runs, indent=1), encoding="utf-8")
        unfinished.rename(self._path)


def fraction(ratio: float) -> str:
    """Write a ratio as a person says it: 1/52.3 or 1.31."""
    if ratio <= 1 / 2:
        return f"1/{1 / ratio:.1f}".removesuffix(".0")
    return f"{ratio:.2f}".removesuffix(".00")
