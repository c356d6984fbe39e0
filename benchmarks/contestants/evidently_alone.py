"""The flights by Evidently alone: its drift preset over whole pandas tables, and its page."""

import sys
from pathlib import Path

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

DATA = Path("demo/data")
LEFT_OUT = ["year", "month", "day", "flight", "tailnum", "time_hour"]

days = [DATA / "daily" / f"2013-06-{day}.parquet" for day in range(24, 31)]
reference = pd.read_parquet(DATA / "reference.parquet").drop(columns=LEFT_OUT)
current = pd.concat(map(pd.read_parquet, days)).drop(columns=LEFT_OUT)
Report([DataDriftPreset()]).run(current, reference).save_html(f"{sys.argv[1]}/index.html")
