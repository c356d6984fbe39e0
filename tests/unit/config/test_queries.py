"""Mistakes in a table that is a query, or lies in a lake, come with their line."""

from pathlib import Path

import pytest

from drift_monitor.config.load import InvalidMonitorError, load_monitor
from drift_monitor.config.monitor import Monitor
from drift_monitor.config.tables import ReferenceTable

QUERY = "database: sky, output: s3://out/athena/"


@pytest.mark.parametrize(
    ("current", "mistake"),
    [
        ("{}", "current: give a location, or a query as sql"),
        (f"{{sql: SELECT 1, location: t.csv, {QUERY}}}", "current: give a location, or a query as"),
        ("{sql: SELECT 1}", "current: sql needs a database and an output, such as output: s3:"),
        ("{sql: SELECT 1, database: sky}", "current: sql needs a database and an output, such as"),
        (f"{{location: t.csv, {QUERY}}}", "current: database, output: only with sql"),
        (f"{{sql: DROP TABLE t, {QUERY}}}", "current.sql: should be a SELECT: Athena's UNLOAD tak"),
        (
            f"{{sql: \"SELECT '{{start}}'\", {QUERY}}}",
            "current: sql with {start} and {end} needs a window, such as window: 7d",
        ),
        (
            f"{{sql: \"SELECT '{{start}}'\", window: 7d, {QUERY}}}",
            "current: sql with a window needs both {start} and {end} in it",
        ),
        (f"{{sql: SELECT 1, window: 7d, {QUERY}}}", "current: sql with a window needs both {start"),
        (
            f"{{sql: \"SELECT '{{start:day}}'\", window: 7d, {QUERY}}}",
            "current.sql: {start:day} has no code such as %Y, %m or %d",
        ),
        (
            f"{{sql: SELECT 1, {QUERY}, format: {{type: csv}}}}",
            "current: Athena writes what sql returns: leave out format and wait_for_success",
        ),
        (
            "{sql: SELECT 1, database: sky, output: out/}",
            "current.output: out/: name a folder in S3, such as s3://BUCKET/FOLDER/",
        ),
        (
            "{sql: SELECT 1, database: sky, output: 's3://out/*/'}",
            "current.output: s3://out/*/: name a folder in S3, such as s3://BUCKET/FOLDER/",
        ),
        (
            f"{{sql: SELECT 1, {QUERY}, reads: [flights]}}",
            "current.reads.0: flights: name a folder",
        ),
        (
            f"{{sql: SELECT 1, {QUERY}, workgroup: a b}}",
            "current.workgroup: should be letters, digits, ",
        ),
        (
            "{location: 'lake/*', format: {type: delta}}",
            "current: a table of type delta is one folder, without wildcard and {date:…}: for a w",
        ),
        (
            "{location: lake, format: {type: iceberg}, wait_for_success: true}",
            "current: of type iceberg nothing is read half: leave out wait_for_success",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, current: str, mistake: str) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(f"name: m\nreference:\n  location: r.csv\ncurrent: {current}\n", "utf-8")
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitor(file)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{file}:4: {mistake}")


@pytest.mark.parametrize(
    ("reference", "mistake"),
    [
        (
            f"{{sql: \"SELECT '{{start}}'\", {QUERY}}}",
            "a reference's sql takes no {start} and {end}",
        ),
        (
            f"{{sql: SELECT 1, location: r.csv, {QUERY}}}",
            "give a location, or a window of current's t",
        ),
        (
            f"{{sql: SELECT 1, window: previous, {QUERY}}}",
            "give a location, or a window of current's t",
        ),
        (f"{{sql: SELECT 1, cache: true, {QUERY}}}", "only a reference with a location has a cach"),
    ],
)
def test_a_reference_that_is_a_query_is_pinned(
    tmp_path: Path, reference: str, mistake: str
) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(f"name: m\ncurrent: {{location: c.csv}}\nreference: {reference}\n", "utf-8")
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitor(file)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{file}:3: reference: {mistake}")


@pytest.mark.parametrize(
    "sql",
    [
        "with t as (select 1) select * from t;",
        "(SELECT 1) UNION (SELECT 2)",
        "-- of the week\n-- SELECT\nSELECT 1",
        "/* why\n*/ SELECT 1",
    ],
)
def test_a_query_may_begin_with_more_than_select(sql: str) -> None:
    table = {"sql": sql, "database": "sky", "output": "s3://out/athena/"}
    assert ReferenceTable.model_validate(table).sql == sql.removesuffix(";")


@pytest.mark.parametrize("sql", ["-- SELECT 1", "/* SELECT 1 */ DROP TABLE t", "selected", "("])
def test_what_is_no_select_is_refused(sql: str) -> None:
    table = {"sql": sql, "database": "sky", "output": "s3://out/athena/"}
    with pytest.raises(ValueError, match="should be a SELECT: Athena's UNLOAD takes nothing else"):
        ReferenceTable.model_validate(table)


def test_what_a_monitor_reads_is_told_by_field() -> None:
    monitor = Monitor.model_validate(
        {
            "name": "m",
            "reference": {
                "location": "s3://lake/t/metadata/v3.metadata.json",
                "format": {"type": "iceberg"},
            },
            "current": {
                "sql": "SELECT 1",
                "database": "sky",
                "output": "s3://out/athena",
                "reads": ["s3://out/flights", "s3://third/planes/"],
            },
        }
    )
    assert monitor.locations == {
        # The metadata names files beside it.
        "reference.location": "s3://lake/t/",
        "current.output": "s3://out/athena/",
        "current.reads.0": "s3://out/flights/",
        "current.reads.1": "s3://third/planes/",
    }


def test_a_snapshots_id_is_not_rounded_on_its_way_through_json() -> None:
    lake = {"location": "s3://lake/t/", "format": {"type": "iceberg", "version": 2**63 - 1}}
    monitor = Monitor.model_validate({"name": "m", "reference": lake, "current": lake})
    event = monitor.model_dump(mode="json", exclude_none=True)
    # The CDK writes numbers as JavaScript has them, exact up to 2^53.
    assert event["current"]["format"]["version"] == "9223372036854775807"
    assert Monitor.model_validate(event) == monitor
