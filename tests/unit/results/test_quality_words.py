"""What people read of roles and model quality: in the email, in chat, on the pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape
from support.builders import HOSTILE, MONDAY, WEEK, a_column, a_decision, a_result

from drift_monitor.alerts.chat import compose_chat
from drift_monitor.alerts.email import compose
from drift_monitor.config.quality import METRICS
from drift_monitor.results.drift import DriftByRole, RoleDrift, Status
from drift_monitor.results.quality import ModelQuality, QualityMetric, RowsWithLabels
from drift_monitor.results.run import DriftResult
from drift_monitor.results.words import quality_lines, role_lines
from drift_monitor.site.history import HistoryYear, RunEntry
from drift_monitor.site.overview import Overview
from drift_monitor.site.pages.html import overview_page, report_page
from drift_monitor.site.pages.report import Report

SITE = "https://example.com/"
DRAWN = Report("<html><head></head><body></body></html>", [], (1, 1))
NOT_DRAWN = Report("", [], (0, 0))


def _with_roles(prediction: Status, target: Status | None, name: str = "p") -> DriftResult:
    columns = [a_column(name, "drifted"), a_column("x")]
    roles = DriftByRole(
        scored_covariates=4,
        drifted_covariates=3,
        prediction=RoleDrift(column=name, status=prediction, severity="critical"),
        target=RoleDrift(column="y", status=target) if target else None,
    )
    return a_result(columns).model_copy(update={"by_role": roles})


def _quality(*reasons: str, current: int = 1_234, **metrics: tuple[float, float]) -> ModelQuality:
    return ModelQuality(
        task="classification",
        rows_with_labels=RowsWithLabels(reference=5_000, current=current),
        metrics={
            name: QualityMetric(reference=reference, current=now)
            for name, (reference, now) in metrics.items()
        },
        reasons=list(reasons),
    )


@pytest.mark.parametrize(
    ("prediction", "target", "lines"),
    [
        (
            Status.DRIFTED,
            Status.OK,
            ["Prediction drifted (critical): p, 0.25 ≥ 0.1", "Target: no drift"],
        ),
        (Status.OK, Status.MISSING, ["Prediction: no drift", "Target: not scored (missing)"]),
        (Status.ERROR, None, ["Prediction: not scored (error)"]),
    ],
)
def test_prediction_and_target_have_a_line_each(
    prediction: Status, target: Status | None, lines: list[str]
) -> None:
    assert role_lines(_with_roles(prediction, target)) == [*lines, "Covariates: 3 of 4 drifted"]


def test_where_neither_is_named_nothing_is_said_of_roles() -> None:
    roles = DriftByRole(scored_covariates=4, drifted_covariates=3)
    assert role_lines(a_result().model_copy(update={"by_role": roles})) == []
    assert role_lines(a_result()) == []


def test_quality_is_a_line_of_changes() -> None:
    quality = _quality("current: f1: …", accuracy=(0.94123, 0.91), roc_auc=(0.9, 0.85))
    words = "Model quality: accuracy 0.941 → 0.91, ROC AUC 0.9 → 0.85 (1,234 labels)"
    assert quality_lines(quality, 100) == [words]


def test_a_table_that_could_not_be_measured_says_why() -> None:
    quality = _quality("reference: mape: …", "current: there are no labels yet", current=0)
    assert quality_lines(quality, 100) == [
        "Model quality: not measured",
        "  current: there are no labels yet",
    ]


@given(
    st.dictionaries(st.sampled_from(list(METRICS)), st.tuples(st.floats(), st.floats())),
    st.lists(st.text("abc_ \n", max_size=200), max_size=3),
)
def test_lines_fit_a_phone(metrics: dict[str, tuple[float, float]], reasons: list[str]) -> None:
    quality = _quality(*(f"current: {reason}" for reason in reasons), current=0, **metrics)
    assert all(len(line) <= 65 for line in quality_lines(quality, 65))


def test_the_email_and_the_chat_message_tell_of_both() -> None:
    result = _with_roles(Status.DRIFTED, Status.OK, "p\n@all").model_copy(
        update={"model_quality": _quality(accuracy=(0.94, 0.91))}
    )
    email = compose(result, a_decision(), SITE).body.splitlines()
    assert "Prediction drifted (critical): p @all, 0.25 ≥ 0.1" in email
    assert "Model quality: accuracy 0.94 → 0.91 (1,234 labels)" in email
    chat = compose_chat(result, a_decision(), SITE).json
    assert "Target: no drift" in chat
    assert "accuracy 0.94 → 0.91" in chat
    assert "@all" not in chat


@pytest.mark.parametrize("report", [DRAWN, NOT_DRAWN])
def test_the_page_shows_both_and_runs_nothing_that_a_name_holds(report: Report) -> None:
    result = _with_roles(Status.DRIFTED, Status.OK, HOSTILE).model_copy(
        update={"model_quality": _quality(f"current: {HOSTILE}", accuracy=(0.94, 0.91))}
    )
    page = report_page(report, result, home="").decode()
    assert "Prediction drifted (critical)</span>" in page
    assert "Target: no drift</span>" in page
    assert "<td>0.94</td><td>0.91</td>" in page
    assert f"current: {escape(HOSTILE)}</td>" in page
    assert HOSTILE not in page


def test_a_page_without_weights_says_nothing_of_them() -> None:
    weighed = a_result().model_copy(update={"is_weighted": True})
    words = "weighs columns by their importance"
    assert words in report_page(DRAWN, weighed, home="").decode()
    assert words not in report_page(DRAWN, a_result(), home="").decode()


def test_the_history_remembers_what_the_overview_shows() -> None:
    plain = a_result()
    told = _with_roles(Status.DRIFTED, Status.OK).model_copy(
        update={"is_weighted": True, "scheduled_at": MONDAY + WEEK, "run_id": "20130701T093000Z"}
    )
    year = HistoryYear(monitor="flights", year=2013)
    for result in (plain, told):
        year.add(RunEntry.of(result))
    before, newest = HistoryYear.from_json(year.to_json()).runs
    assert (before.drifted_roles, before.is_weighted) == ([], False)
    assert (newest.drifted_roles, newest.is_weighted) == (["prediction"], True)
    overview = Overview().including("flights", newest, None)
    card = overview_page(overview).decode()
    assert ">prediction drifted</span>" in card
    assert "columns drifted, by importance" in card
    other = overview_page(Overview().including("flights", before, None)).decode()
    assert "prediction drifted" not in other
    assert "by importance" not in other
