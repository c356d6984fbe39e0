"""SageMaker's data capture: payloads of every sort become rows with the types of their values."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from support.builders import whole

from drift_monitor.analysis.drift.comparison import compare
from drift_monitor.config.formats import TableFormat
from drift_monitor.config.monitor import Monitor
from drift_monitor.errors import DriftMonitorError
from drift_monitor.tables.readers import json_lines
from drift_monitor.tables.table import open_table

CSV, JSON = "text/csv", "application/json"
# As AWS's guide shows it, "View captured data".
FROM_THE_GUIDE = (
    '{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT",'
    '"data":"69,0,153.7\\n","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv; '
    'charset=utf-8","mode":"OUTPUT","data":"0.0254181120544672","encoding":"CSV"}},'
    '"eventMetadata":{"eventId":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",'
    '"inferenceTime":"2022-02-14T17:25:49Z"},"eventVersion":"0"}'
)


def payload(data: object, encoding: str | None = None, content_type: str | None = None) -> object:
    text = data if isinstance(data, str) else json.dumps(data)
    kind = encoding or ("CSV" if isinstance(data, str) else "JSON")
    if kind == "BASE64":
        text = b64encode(text.encode()).decode()
    return {
        "observedContentType": content_type or (CSV if isinstance(data, str) else JSON),
        "data": text,
        "encoding": kind,
    }


def line(request: object, answer: object = None, **metadata: str) -> str:
    captured = {"endpointInput": request, "endpointOutput": answer}
    return json.dumps(
        {
            "captureData": {name: side for name, side in captured.items() if side},
            "eventMetadata": {"eventId": "e", "inferenceTime": "2022-02-14T17:25:49Z", **metadata},
            "eventVersion": "0",
        }
    )


def read(folder: Path, *lines: str, **options: object) -> dict[str, list[object]]:
    """Read lines as a table; return the columns but for what the capture says itself."""
    (folder / "t.jsonl").write_text("\n".join(lines), "utf-8")
    table_format = TableFormat.model_validate({"type": "sagemaker_capture", **options})
    with open_table(str(folder), table_format=table_format) as table:
        found = {name: whole(table, name) for name in table.columns}
    return {
        name: column.to_pylist()
        for name, column in found.items()
        if not name.startswith(("event_", "inference_"))
    }


def test_the_guides_line_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(f"{FROM_THE_GUIDE}\n", "utf-8")
    table_format = TableFormat(type="sagemaker_capture", names=["calls", "plan", "minutes"])
    with open_table(str(tmp_path), table_format=table_format) as table:
        assert [whole(table, name).to_pylist() for name in table.columns] == [
            ["aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"],
            [datetime(2022, 2, 14, 17, 25, 49, tzinfo=UTC)],
            [69],
            [0],
            [153.7],
            [0.0254181120544672],
        ]
        assert table.columns == [
            *("event_id", "inference_time", "calls", "plan", "minutes", "prediction")
        ]
        assert table.type_of("calls") == pa.int64()


@pytest.mark.parametrize(
    "request_payload",
    [
        payload("1,x\n2.5,y\n"),
        payload('1,"x"\r\n2.5,y'),
        payload("1,x\n2.5,y\n", "BASE64"),
        payload([{"n": 1, "w": "x"}, {"n": 2.5, "w": "y"}]),
        payload([{"n": 1, "w": "x"}, {"n": 2.5, "w": "y"}], "BASE64", "text/html; charset=utf-8"),
        payload('{"n": 1, "w": "x"}\n{"n": 2.5, "w": "y"}\n', "JSON", "application/jsonlines"),
        payload([[1, "x"], [2.5, "y"]]),
        payload({"instances": [[1, "x"], [2.5, "y"]]}),
        payload({"instances": [{"features": [1, "x"]}, {"features": [2.5, "y"]}]}),
        payload(
            {"instances": [{"data": {"features": {"values": [1, "x"]}}}, {"n": 2.5, "w": "y"}]}
        ),
        payload({"instances": [{"n": 1, "w": "x"}, {"n": 2.5, "w": "y"}]}),
        payload('{"features": [1, "x"]}\n{"features": [2.5, "y"]}', "JSON"),
    ],
)
@pytest.mark.parametrize(
    "answer",
    [
        payload("0.1\n0.9"),
        payload("0.1,0.9\n"),
        payload([0.1, 0.9]),
        payload([[0.1], [0.9]]),
        payload({"predictions": [0.1, 0.9]}, "BASE64"),
        payload("0.1\n0.9\n", "BASE64", "text/csv; charset=utf-8"),
    ],
)
def test_a_payload_of_two_records_is_two_rows(
    request_payload: object, answer: object, tmp_path: Path
) -> None:
    rows = read(tmp_path, line(request_payload, answer), names=["n", "w"])
    assert rows == {"n": [1.0, 2.5], "w": ["x", "y"], "prediction": [0.1, 0.9]}


@pytest.mark.parametrize(
    ("answer", "columns"),
    [
        (payload({"predictions": [0.5]}), {"score": [0.5]}),
        (payload("0.2,0.8"), {"score_0": [0.2], "score_1": [0.8]}),
        (payload([0.2, 0.8]), {"score_0": [0.2], "score_1": [0.8]}),
        (payload({"predictions": [[0.2, 0.8]]}), {"score_0": [0.2], "score_1": [0.8]}),
        (payload(0.5), {"score": [0.5]}),
        (
            payload({"predictions": [{"score": 0.5, "predicted_label": "yes"}]}),
            {"score.score": [0.5], "score.predicted_label": ["yes"]},
        ),
        (payload([{"score": 0.5}]), {"score.score": [0.5]}),
    ],
)
def test_an_answer_of_several_values_is_several_columns(
    answer: object, columns: dict[str, list[object]], tmp_path: Path
) -> None:
    rows = read(tmp_path, line(payload({"n": 1}), answer), prediction="score")
    assert rows == {"n": [1], **columns}


def test_one_side_alone_may_be_captured(tmp_path: Path) -> None:
    assert read(tmp_path, line(payload({"n": 1})), line(payload([{"n": 2}]))) == {"n": [1, 2]}
    assert read(tmp_path, line(None, payload("1\n2"))) == {"prediction": [1, 2]}


@pytest.mark.parametrize("block", [64, 4 << 20])
def test_types_are_those_of_all_payloads_together(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "_BLOCK", block)
    records = [
        {"code": "02134", "n": 1, "flag": True, "at": "2013-06-04", "deep": {"x": 1}, "some": [1]},
        {"code": "1", "n": 2.5, "flag": None, "at": None, "deep": {"x": None}, "some": []},
        {"code": "9", "flag": False, "deep": {"x": 2}, "more": "a"},
    ]
    rows = read(tmp_path, *(line(payload(record)) for record in records * 3))
    assert rows == {
        "code": ["02134", "1", "9"] * 3,  # JSON's text stays text
        "n": [1.0, 2.5, None] * 3,
        "flag": [True, None, False] * 3,
        "at": [datetime(2013, 6, 4), None, None] * 3,  # noqa: DTZ001 - it has none
        "deep.x": [1, None, 2] * 3,
        "some": [None] * 9,
        "more": [None, None, "a"] * 3,
    }


def test_files_may_order_their_columns_differently_and_lack_some(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [{"x": 1, "y": "a"}, {"y": "b", "z": 0.5, "x": 2}, {"x": 3}]
    for number, record in enumerate(records):
        (tmp_path / f"{number}.jsonl").write_text(line(payload(record)), "utf-8")
    with open_table(str(tmp_path), table_format=TableFormat(type="sagemaker_capture")) as table:
        assert table.columns == ["event_id", "inference_time", "x", "y", "z"]
        assert whole(table, "x").to_pylist() == [1, 2, 3]
        assert whole(table, "y").to_pylist() == ["a", "b", None]
        assert whole(table, "z").to_pylist() == [None, 0.5, None]


def test_clients_that_speak_csv_and_clients_that_speak_json_make_one_table(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        line(payload("1,02134,,NA\n"), payload("0.5")),
        line(payload({"n": 2, "code": "x", "gap": 3, "w": "a"}), payload({"predictions": [0.75]})),
        names=["n", "code", "gap", "w"],
    )
    assert rows == {
        "n": [1, 2],
        "code": ["02134", "x"],
        "gap": [None, 3],
        "w": [None, "a"],
        "prediction": [0.5, 0.75],
    }


def test_an_inference_id_is_a_column_to_join_labels_on(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text(line(payload({"n": 1}), inferenceId="order-7"), "utf-8")
    with open_table(str(tmp_path), table_format=TableFormat(type="sagemaker_capture")) as table:
        assert whole(table, "inference_id").to_pylist() == ["order-7"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", "as JSON Lines: "),
        ('{"n": 1}', "it has no 'captureData'"),
        (
            '{"captureData": {}, "eventMetadata": {}}',
            "it has neither endpointInput nor endpointOutput",
        ),
        (line({"data": "1", "mode": "INPUT"}), "it has no 'encoding'"),
        (line(payload("1,2,3")), "its input has 3 values and the format's names are 2: give one"),
        (line(payload([1, 2, 3])), "its input has 3 values and the format's names are 2: give one"),
        (line(payload("1,2"), payload("1\n2")), "its input has 1 records and its output has 2"),
        (line(payload("1,2\n3,4"), payload("1,2,3")), "its input has 2 records and its output"),
        (line(payload(f"{'x' * 200_000},2")), "field larger than field limit"),
        (line(payload("PNG", "BASE64", "image/png")), "its input, of image/png, is neither CSV "),
        (line(payload("1,2"), payload("{", "JSON")), "its output, of text/csv, is neither CSV nor"),
        (line(payload("1", "CSV") | {"data": "é", "encoding": "BASE64"}), ""),  # type: ignore[operator]
        (
            line(payload({"prediction": 1}), payload("1")),
            "its input has a column prediction and so has its output: name the output's by format",
        ),
    ],
)
def test_a_line_that_cannot_be_read_is_named(bad: str, reason: str, tmp_path: Path) -> None:
    good = line(payload("1,2"), payload("0.5"))
    with pytest.raises(DriftMonitorError, match=r"t\.jsonl:3 cannot be read as ") as caught:
        read(tmp_path, good, good, bad, names=["a", "b"])
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_values_without_names_ask_for_names(tmp_path: Path) -> None:
    with pytest.raises(DriftMonitorError, match=r"give the columns' names in order by format: {na"):
        read(tmp_path, line(payload("1,2")))


def test_captured_requests_are_compared_with_the_training_set(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text(
        "age,city\n" + "".join(f"{20 + n % 40},{'ab'[n % 2]}\n" for n in range(200)), "utf-8"
    )
    (tmp_path / "capture").mkdir()
    lines = [line(payload(f"{60 + n % 40},{'ab'[n % 2]}\n"), payload("0.5")) for n in range(200)]
    (tmp_path / "capture" / "1.jsonl").write_text("\n".join(lines), "utf-8")
    monitor = Monitor.model_validate(
        {
            "name": "m",
            "reference": {"location": str(tmp_path / "train.csv")},
            "current": {
                "location": str(tmp_path / "capture"),
                "format": {"type": "sagemaker_capture", "names": ["age", "city"]},
            },
            "columns": {"exclude": ["event_id", "inference_time"]},
        }
    )
    with (
        open_table(str(tmp_path / "train.csv")) as reference,
        open_table(str(tmp_path / "capture"), table_format=monitor.current.format) as current,
    ):
        compared = compare(reference, current, monitor)
    statuses = {column.column: column.status for column in compared.columns}
    assert (statuses["age"], statuses["city"]) == ("drifted", "ok")
    assert statuses["prediction"] == "new"
