"""The chat message about a run, in the format of Amazon Q Developer in chat applications.

That is the "custom notification" of the service's administrator guide. The service shows it in
Slack or Teams, one thread per monitor.
"""

import json
from dataclasses import dataclass

from drift_monitor.alerts.decision import AlertDecision
from drift_monitor.alerts.email import attributes_of
from drift_monitor.alerts.summary import (
    WORST,
    described,
    headline,
    news,
    title,
    worst_columns,
)
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import (
    direction,
    quality_lines,
    role_lines,
    slice_lines,
    subject_of,
    whole_table_words,
    window_words,
)
from drift_monitor.site.layout import MonitorFiles
from drift_monitor.text import count, names, one_line, shorten

_LONGEST_NAME = 80
_LONGEST_DESCRIPTION = 3_000
_NAMED = 10

CHANNEL = "chat"
"""The message attribute `channel` of a chat message. An email has no such attribute."""


@dataclass(frozen=True)
class ChatMessage:
    """A message for a chat channel.

    Attributes:
        name: unique among a monitor's messages: MONITOR-RUN.
        subject: what its note says of it once it is sent.
        json: the custom notification.
        attributes: what subscriptions can filter on: monitor, status, severity, channel.
    """

    name: str
    subject: str
    json: str
    attributes: dict[str, str]


def compose_chat(result: DriftResult, decision: AlertDecision, site_url: str) -> ChatMessage:
    """Write the chat message about a run."""
    links = MonitorFiles(result.monitor, site_url)
    state = title(decision)
    notification = {
        "version": "1.0",
        "source": "custom",
        "id": f"{result.monitor}-{result.run_id}",
        "content": {
            "textType": "client-markdown",
            "title": f"{state}: {result.monitor}",
            "description": _description(result, decision),
            "nextSteps": [
                f"Report: {links.report(result.run_id)}",
                f"History: {links.history_page}",
            ],
            "keywords": [result.monitor, decision.severity or result.status],
        },
        "metadata": {
            "threadId": f"drift-monitor-{result.monitor}",
            "summary": headline(result, decision),
            "eventType": "drift",
            "relatedResources": [result.monitor],
            "additionalContext": {
                "run": result.run_id,
                "state": str(decision.state),
                "status": result.status,
                "result": links.result(result.run_id),
            },
        },
    }
    return ChatMessage(
        name=f"{result.monitor}-{result.run_id}",
        subject=f"{state}: {result.monitor} ({result.scheduled_at:%Y-%m-%d})",
        json=json.dumps(notification, ensure_ascii=False),
        attributes={**attributes_of(result, decision), "channel": CHANNEL},
    )


def _description(result: DriftResult, decision: AlertDecision) -> str:
    lines = [
        f"{headline(result, decision)}, {window_words(result.window)}",
        f"{count(result.current.rows, 'row')} against {result.reference.rows:,} of reference",
        *([] if result.reason is None else [result.reason]),
        *([_plain(whole_table_words(result.whole_table))] if result.whole_table else []),
        *map(_plain, role_lines(result)),
        *map(_plain, quality_lines(result.model_quality, _LONGEST_DESCRIPTION)),
        *(
            _plain(f"• {_name(subject_of(check))}: {one_line(check.reason or '')}")
            for check in result.checks[:WORST]
            if check.failed
        ),
        *(
            _plain(
                f"• {_name(column.column)}: "
                + ", ".join([described(column, decision), *direction(column)])
            )
            for column in worst_columns(result)[:WORST]
        ),
        *map(_plain, filter(None, slice_lines(result.slices, _LONGEST_DESCRIPTION))),
        *(
            _plain(f"{what}: {names([_name(column) for column in columns], _NAMED)}")
            for what, columns in news(result, decision).items()
        ),
    ]
    return "\n".join(lines)[:_LONGEST_DESCRIPTION]


def _name(name: str) -> str:
    """Return a column's name, shortened where it is very long."""
    return shorten(one_line(name), _LONGEST_NAME)


def _plain(text: str) -> str:
    """Replace what a chat client would take for markup: a mention, a link, bold type."""
    for mark, harmless in _MARKS.items():
        text = text.replace(mark, harmless)
    return text


# Names and scores may well hold `_` and `<`. The replacements look like what they replace.
_MARKS = {
    "<": "\N{FULLWIDTH LESS-THAN SIGN}",
    "@": "\N{FULLWIDTH COMMERCIAL AT}",
    "*": "\N{ASTERISK OPERATOR}",
    "`": "'",
    "~": "\N{TILDE OPERATOR}",
    "[": "(",
    "]": ")",
}
