"""Mistakes in what a monitor says of its files come with their line."""

from pathlib import Path

import pytest

from drift_monitor.config.load import InvalidMonitorError, load_monitor


@pytest.mark.parametrize(
    ("option", "mistake"),
    [
        ("type: xlsx", "7: current.format.type: should be 'parquet', 'csv', 'jsonl', 'arrow', "),
        ("type: cvs", "7: current.format.type: should be 'parquet', 'csv', 'jsonl', 'arrow', "),
        ("delimter: x", "7: current.format.delimter: is not a key here; did you mean delimiter?"),
        ("delimiter: ';;'", "7: current.format.delimiter: should be one ASCII character, not ';;'"),
        ('delimiter: "\\n"', "7: current.format.delimiter: should be one ASCII character, not '"),
        ("quote: „", "7: current.format.quote: should be one ASCII character, not '„'"),
        (
            "encoding: utf8000",
            "7: current.format.encoding: utf8000 is not an encoding Python knows",
        ),
        ("encoding: rot13", "7: current.format.encoding: rot13 is not an encoding Python knows"),
        ("decimal: ;", "7: current.format.decimal: should be '.' or ','"),
        ("null_values: NA", "7: current.format.null_values: should be a valid list"),
        ("{type: parquet, decimal: ','}", "6: current.format: decimal: only for type csv, not p"),
        (
            "{type: delta, names: [a]}",
            "6: current.format: names: only for type sagemaker_capture, ",
        ),
        ("{names: [a]}", "6: current.format: names: only for type sagemaker_capture, which has to"),
        ("{type: csv, version: 1}", "6: current.format: version: only for type delta or iceberg, "),
        (
            "{delimiter: ;, as_of: 2026-11-01T00:00Z}",
            "6: current.format: as_of: only for type delta",
        ),
        (
            "{type: delta, version: 1, as_of: 2026-11-01T00:00Z}",
            "6: current.format: version and as_of both say which version to read: give one of them",
        ),
        ("as_of: 2026-11-01", "7: current.format.as_of: should have timezone info"),
        ("version: -1", "7: current.format.version: should be greater than or equal to 0"),
        ("names: [a, b, a]", "7: current.format.names: a: given twice, and each column needs its"),
        ("{delimiter: ',', decimal: ','}", "6: current.format: delimiter, quote and decimal shou"),
        ("{delimiter: '\"'}", "6: current.format: delimiter, quote and decimal should be differ"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, option: str, mistake: str) -> None:
    file = tmp_path / "m.yaml"
    text = "name: m\nreference:\n  location: r.csv\ncurrent:\n  location: c.csv\n  format:"
    file.write_text(text + (f" {option}" if option[0] == "{" else f"\n    {option}"), "utf-8")
    with pytest.raises(InvalidMonitorError) as caught:
        load_monitor(file)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{file}:{mistake}")
    assert "cvs" not in option or line.endswith("did you mean csv?")
