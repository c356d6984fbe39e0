"""A loop of scipy's wasserstein_distance over the numeric columns of whole pandas tables."""

import sys

import pandas as pd
from scipy.stats import wasserstein_distance

reference = pd.read_parquet(sys.argv[1])
current = pd.read_parquet(sys.argv[2])
for name in reference.select_dtypes("number"):
    print(name, wasserstein_distance(reference[name].dropna(), current[name].dropna()))
