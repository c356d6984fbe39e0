"""Write flights.json: Evidently's own scores of the flights, from whole pandas tables.

Run it at the repository's root when Evidently's version changes, and look at the difference:
`python -m tests.golden.make_flights`.
"""

import json
from pathlib import Path

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

from examples.flights import TRAINED_UNTIL, read_flights

GOLDEN = Path(__file__).parent / "flights.json"
WEEK = (pd.Timestamp("2013-06-24"), pd.Timestamp("2013-07-01"))
CONFIGURED: list[dict[str, str]] = [
    {"distance": "psi", "dep_delay": "ks", "carrier": "chisquare", "origin": "z"},
    {"distance": "hellinger", "dep_delay": "t_test", "carrier": "hellinger", "origin": "psi"},
    {
        "distance": "jensenshannon",
        "dep_delay": "kl_div",
        "dest": "kl_div",
        "air_time": "wasserstein",
    },
    {"arr_delay": "psi", "hour": "hellinger", "dest": "psi", "tailnum": "jensenshannon"},
]
"""Methods by column, a report each; the first of all has none: Evidently chooses."""


def reference_and_week() -> pd.DataFrame:
    """Return the flights that the two tables are made of."""
    flights = read_flights()
    day = pd.to_datetime(flights[["year", "month", "day"]])
    return flights[(day < TRAINED_UNTIL) | ((day >= WEEK[0]) & (day < WEEK[1]))]


def scores(methods: dict[str, str]) -> dict[str, dict[str, object]]:
    """Let Evidently score the week against the reference."""
    flights = reference_and_week()
    is_reference = pd.to_datetime(flights[["year", "month", "day"]]) < TRAINED_UNTIL
    scored = [
        name
        for name in flights
        if flights[name].dtype.kind in "iufO" and (not methods or name in methods)
    ]
    flights = flights[scored]
    definition = DataDefinition(
        numerical_columns=[name for name in scored if flights[name].dtype.kind != "O"],
        categorical_columns=[name for name in scored if flights[name].dtype.kind == "O"],
    )
    snapshot = Report([DataDriftPreset(columns=scored, per_column_method=methods)]).run(
        Dataset.from_pandas(flights[~is_reference].reset_index(drop=True), definition),
        Dataset.from_pandas(flights[is_reference].reset_index(drop=True), definition),
    )
    return {
        config["column"]: {
            "method": config["method"],
            "score": float(metric["value"]),
            "threshold": config["threshold"],
        }
        for metric in snapshot.dict()["metrics"]
        if "column" in (config := metric["config"])
    }


if __name__ == "__main__":
    reports = [{"methods": methods, "scores": scores(methods)} for methods in [{}, *CONFIGURED]]
    GOLDEN.write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")
