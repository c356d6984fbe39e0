"""NannyML's univariate drift: Wasserstein for numbers, Jensen-Shannon for categories.

Above 10,000 rows its Wasserstein is an estimate from 10,000 bins, by its own choice. All of
current is one chunk, as the other contestants see it.
"""

import sys

import pandas as pd
from nannyml.drift.univariate import UnivariateDriftCalculator

reference = pd.read_parquet(sys.argv[1])
current = pd.read_parquet(sys.argv[2])
calculator = UnivariateDriftCalculator(
    column_names=list(reference.columns),
    continuous_methods=["wasserstein"],
    categorical_methods=["jensen_shannon"],
    chunk_number=1,
)
calculator.fit(reference)
print(calculator.calculate(current).filter(period="analysis").to_df().T.to_string())
