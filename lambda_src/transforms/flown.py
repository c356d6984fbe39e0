"""An example: the flights that took place, with what a model of delays is given."""

import pandas as pd


def transform(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out cancelled flights, and add the route and the speed."""
    flown = table[table["dep_time"].notna()]
    return flown.assign(
        route=flown["origin"] + "-" + flown["dest"],
        miles_per_hour=flown["distance"] / flown["air_time"] * 60,
    )
