"""A loop of scipy's ks_2samp over the numeric columns of whole pandas tables."""

import sys

import pandas as pd
from scipy.stats import ks_2samp

reference = pd.read_parquet(sys.argv[1])
current = pd.read_parquet(sys.argv[2])
for name in reference.select_dtypes("number"):
    print(name, ks_2samp(reference[name].dropna(), current[name].dropna()))
