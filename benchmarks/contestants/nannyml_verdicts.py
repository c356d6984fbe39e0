"""NannyML's univariate verdicts on all columns: Wasserstein for numbers, Jensen-Shannon for words.

Chunks have current's size, so that its thresholds are learned from reference as it advises.
"""

import json
import sys
import warnings

import pandas as pd
from nannyml.chunk import SizeBasedChunker
from nannyml.drift.univariate import UnivariateDriftCalculator

warnings.simplefilter("ignore")
reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
calculator = UnivariateDriftCalculator(
    column_names=list(reference.columns),
    continuous_methods=["wasserstein"],
    categorical_methods=["jensen_shannon"],
    chunker=SizeBasedChunker(min(len(current), len(reference))),
)
calculator.fit(reference)
found = calculator.calculate(current).filter(period="analysis").to_df()
methods = {column: found[column].columns[0][0] for column in reference.columns}
said = {
    "drifted": [bool(found[name][method]["alert"].iloc[0]) for name, method in methods.items()],
    "scores": [float(found[name][method]["value"].iloc[0]) for name, method in methods.items()],
}
print(json.dumps(said))
