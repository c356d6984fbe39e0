"""Put the S3 benchmark's table into a bucket: seeded Parquet objects, some of them again and again.

python benchmarks/s3_table.py BUCKET OBJECTS      where AWS_ENDPOINT_URL says
"""

import io
import sys

import boto3
import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq
from tables import SEED, column_names, make_values

ROWS, COLUMNS = 38_500, 10
"""Of an object: 2.5 MB."""
DIFFERENT = 20
"""So many objects differ: to read them it does not matter, and to make them takes seconds."""


def body_of(number: int) -> bytes:
    """Make an object."""
    arrays = [
        make_values(column, ROWS, 0, np.random.default_rng([SEED, 2, column, number]))
        for column in range(COLUMNS)
    ]
    body = io.BytesIO()
    pq.write_table(pa.table(arrays, names=column_names(COLUMNS)), body)
    return body.getvalue()


def main() -> None:
    """Make the bucket and fill it."""
    bucket, objects = sys.argv[1], int(sys.argv[2])
    bodies = [body_of(number) for number in range(min(DIFFERENT, objects))]
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=bucket)
    for number in range(objects):
        body = bodies[number % len(bodies)]
        s3.put_object(Bucket=bucket, Key=f"table/part-{number:05}.parquet", Body=body)
    print(sum(len(bodies[number % len(bodies)]) for number in range(objects)))


if __name__ == "__main__":
    main()
