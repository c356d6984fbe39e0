"""Publishing a run: its own files first, the pages that point at them last.

A reader never meets half a run, and the front page never goes back in time, whatever the order in
which runs end. See docs/decisions/0003-publishing.md.

    index.html                               the latest report; with several monitors, an overview
    error.html                               what the website shows in place of a missing page
    monitors/NAME/index.html, drift.json     the latest run
    monitors/NAME/history.html, .json        every run, short
    monitors/NAME/runs/RUN/drift.json        one run, kept for ever
    monitors/NAME/runs/RUN/email.json        whether the run's email is sent
    reports/NAME/RUN/index.html              one run's report, removed when it is old
"""

from drift_monitor.history import History, RunEntry, read_history
from drift_monitor.report.pages import error_page, history_page, overview_page, report_page
from drift_monitor.report.report import Report
from drift_monitor.results import DriftResult
from drift_monitor.store import Store, refresh, update


def publish(store: Store, result: DriftResult, report: Report) -> History:
    """Write a run's files and the pages that lead to them; return the history with the run in it.

    Repeating it writes the same keys: the same JSON, and pages that show the same.
    """
    folder = f"monitors/{result.monitor}"
    drift_json = _json(result)
    store.write("error.html", error_page())
    store.write(
        f"reports/{result.monitor}/{result.run_id}/index.html",
        report_page(report, result, home="../../../"),
    )
    store.write(f"{folder}/runs/{result.run_id}/drift.json", drift_json)

    update(store, f"{folder}/history.json", lambda body: _with_run(body, result))
    # From here on the run is in the history, and pages are made from it.

    def if_newest(page: bytes) -> bytes | None:
        newest = read_history(store, result.monitor).newest
        return page if newest is None or newest.run_id == result.run_id else None

    def home() -> bytes | None:
        names = store.folders("monitors/")
        if names == [result.monitor]:
            return if_newest(report_page(report, result, home=""))
        return overview_page([read_history(store, name) for name in names])

    front = report_page(report, result, home="../../")
    refresh(
        store, f"{folder}/history.html", lambda: history_page(read_history(store, result.monitor))
    )
    refresh(store, f"{folder}/drift.json", lambda: if_newest(drift_json))
    refresh(store, f"{folder}/index.html", lambda: if_newest(front))
    refresh(store, "index.html", home)
    return read_history(store, result.monitor)


def _with_run(body: bytes | None, result: DriftResult) -> bytes:
    history = History.model_validate_json(body) if body else History(monitor=result.monitor)
    return history.including(RunEntry.of(result)).model_dump_json(exclude_none=True).encode()


def _json(result: DriftResult) -> bytes:
    return result.model_dump_json(indent=2).encode()
