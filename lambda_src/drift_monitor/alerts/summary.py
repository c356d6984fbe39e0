"""The body of the email about a run, for a phone's width, and parts that a chat message shares."""

from textwrap import wrap

from drift_monitor.alerts.decision import AlertDecision, AlertState
from drift_monitor.config.methods import MethodName
from drift_monitor.results.drift import ColumnDrift, Status
from drift_monitor.results.run import DriftResult
from drift_monitor.results.severity import worst_first
from drift_monitor.results.words import (
    direction,
    failed_lines,
    quality_lines,
    role_lines,
    slice_lines,
    whole_table_words,
    window_words,
)
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.text import count, names, one_line, percent

WIDTH = 65
WORST = 5
"""Columns that are described; others that drifted are named, the first of them."""
NAMED = 20
"""Columns that one list names, at most: the JSON has the others."""


def title(decision: AlertDecision) -> str:
    """Return the state in a word or two: what a subject begins with."""
    if decision.state is AlertState.DRIFT:
        return "Critical drift" if decision.severity == "critical" else "Drift"
    if decision.state is AlertState.STILL:
        return "Still critical" if decision.severity == "critical" else "Still drifting"
    return _TITLES[decision.state]


_TITLES = {
    AlertState.NO_DATA: "No data",
    AlertState.NOT_SCORED: "Not scored",
    AlertState.WORSE: "Critical drift",
    AlertState.RECOVERED: "Recovered",
    AlertState.UNCONFIRMED: "Unconfirmed drift",
    AlertState.QUIET: "No drift",
    AlertState.BROKEN: "Broken",
    AlertState.CHECK_FAILED: "Check failed",
}


def headline(result: DriftResult, decision: AlertDecision) -> str:
    """Return what is broken, how many other checks failed, and the verdict, in one line."""
    if decision.state is AlertState.NO_DATA:
        return "No data: nothing was compared"
    is_failed = decision.state in (AlertState.BROKEN, AlertState.CHECK_FAILED)
    drift = result.verdict if is_failed else _of_drift(result, decision)
    return ". ".join([*result.failures, drift])


def _of_drift(result: DriftResult, decision: AlertDecision) -> str:
    if decision.state is AlertState.NOT_SCORED:
        return f"Not scored: {result.verdict[0].lower()}{result.verdict[1:]}"
    weight = " of the importance" if result.is_weighted else ""
    return (
        f"{title(decision)}: {result.drifted_columns} of {result.scored_columns} columns "
        f"drifted ({percent(result.drifted_share)}{weight}){result.muted}{result.together}"
    )


def body(result: DriftResult, decision: AlertDecision, site_url: str) -> str:
    """Return the body of the email: what a person reads before the JSON."""
    links = MonitorFiles(result.monitor, site_url)
    lines = [
        *wrap(headline(result, decision), WIDTH),
        f"{result.monitor}, {window_words(result.window)}",
        f"{count(result.current.rows, 'row')} against {result.reference.rows:,} of reference",
        *_reference(result),
        *wrap(result.reason or _bounds(result), WIDTH),
        *_gaps("the window", result.current.missing_files),
        *_gaps("the reference's window", result.reference.missing_files),
        *failed_lines(result.checks, WIDTH),
        *_besides_columns(result),
        *_worst(result, decision),
        *slice_lines(result.slices, WIDTH),
        *_news(result, decision),
        "",
        "Report",
        links.report(result.run_id),
        "History",
        links.history_page,
    ]
    return "\n".join(lines)


def worst_columns(result: DriftResult) -> list[ColumnDrift]:
    """Return the columns that drifted, the worst first."""
    drifted = result.having(Status.DRIFTED)
    return sorted(drifted, key=lambda column: worst_first(column.column, column))


def described(column: ColumnDrift, decision: AlertDecision) -> str:
    """Return a column's score beside its threshold, and its score in the run before."""
    before = decision.previous.columns.get(column.column) if decision.previous else None
    was = ""
    if before and before.score is not None and before.method == column.method:
        was = f", was {before.score:.3g}"
    return f"{column.bound} ({column.method}){was}"


def news(result: DriftResult, decision: AlertDecision) -> dict[str, list[str]]:
    """Return the columns whose status has changed since the run before, by what they are now."""
    if decision.previous is None:
        return {}
    before = {name: entry.status for name, entry in decision.previous.columns.items()}
    changed = [each for each in result.columns if before.get(each.column) != each.status]
    turned = {
        "Newly drifted": [each for each in changed if each.status is Status.DRIFTED],
        "Recovered": [
            each
            for each in changed
            if each.status is Status.OK and before.get(each.column) is Status.DRIFTED
        ],
        "Muted": [each for each in changed if each.status is Status.MUTED],
        "Unsure": [each for each in changed if each.status is Status.UNSURE],
        "Missing": [each for each in changed if each.status is Status.MISSING],
        "New columns": [each for each in changed if each.status is Status.NEW],
        "No longer scored": [each for each in changed if each.status is Status.ERROR],
    }
    return {
        what: [one_line(each.column) for each in columns]
        for what, columns in turned.items()
        if columns
    }


def _bounds(result: DriftResult) -> str:
    share = result.drifted_share_threshold
    enough = "by one column"
    if any(column.method == MethodName.HISTORY for column in result.columns):
        enough += " twice as unusual as it takes, or by more columns than chance gives"
    bounds = f"The table counts as drifted {f'from {percent(share)}' if share else enough}"
    if result.critical_share_threshold is not None:
        bounds += f", critically from {percent(result.critical_share_threshold)}"
    return f"{bounds}."


def _besides_columns(result: DriftResult) -> list[str]:
    whole = result.whole_table
    lines = [
        *(wrap(whole_table_words(whole), WIDTH, subsequent_indent="  ") if whole else []),
        *(line for each in role_lines(result) for line in wrap(each, WIDTH)),
        *quality_lines(result.model_quality, WIDTH),
    ]
    return ["", *lines] if lines else []


def _reference(result: DriftResult) -> list[str]:
    """Return a line on the time that reference is of, where it is not pinned."""
    window = result.reference_window
    return [] if window is None else [f"Reference: {window_words(window)}"]


def _gaps(window: str, missing: list[str]) -> list[str]:
    if not missing:
        return []
    return ["", f"Missing from {window}: {count(len(missing), 'file')}, the first is", missing[0]]


def _worst(result: DriftResult, decision: AlertDecision) -> list[str]:
    worst = worst_columns(result)
    lines = ["", "Worst columns"] if worst else []
    for column in worst[:WORST]:
        critical = " (critical)" if column.severity == "critical" else ""
        lines.append(f"{one_line(column.column)}{critical}")
        details = [described(column, decision), *direction(column), column.reason or ""]
        lines += [line for detail in details for line in _indented(detail)]
    rest = [one_line(column.column) for column in worst[WORST:]]
    if rest:
        lines += wrap(f"and {len(rest)} more: {names(rest, NAMED)}", WIDTH)
    muted = result.having(Status.MUTED)
    for column in muted[:NAMED]:
        said = f"{one_line(column.column)}: {column.bound}, {one_line(column.reason or '')}"
        lines += ["", *wrap(said, WIDTH, subsequent_indent="  ")]
    rest = [one_line(column.column) for column in muted[NAMED:]]
    if rest:
        verb = "is" if len(rest) == 1 else "are"
        lines += ["", *wrap(f"and {len(rest)} more {verb} muted: {names(rest, NAMED)}", WIDTH)]
    unsure = [one_line(column.column) for column in result.having(Status.UNSURE)]
    if unsure:
        lines += ["", *wrap(f"Too few rows to tell from chance: {names(unsure, NAMED)}", WIDTH)]
    return lines


def _news(result: DriftResult, decision: AlertDecision) -> list[str]:
    if decision.state is AlertState.NO_DATA:
        return []
    if decision.previous is None:
        problems = result.having(Status.MISSING, Status.NEW, Status.ERROR)
        said = [f"{one_line(each.column)}: {each.status}, {each.reason}" for each in problems]
        shown = [line for each in said[:NAMED] for line in wrap(each, WIDTH)]
        return ["", "Not compared", *shown] if said else []
    found = news(result, decision)
    lines = [
        line
        for what, columns in found.items()
        for line in wrap(f"{what}: {names(columns, NAMED)}", WIDTH, subsequent_indent="  ")
    ]
    day = f"{decision.previous.scheduled_at:%-d %b %Y}"
    return ["", f"Since the run of {day}", *(lines or ["No column's status has changed."])]


def _indented(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
