"""Evidently's drift preset over whole pandas tables, and its page."""

import sys

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

reference_path, current_path, folder = sys.argv[1:]
reference = pd.read_parquet(reference_path)
current = pd.read_parquet(current_path)
result = Report([DataDriftPreset()]).run(current, reference)
result.save_html(f"{folder}/index.html")
print(result.json())
