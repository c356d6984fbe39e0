import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from drift_monitor.config.locations import Location

NOON = datetime(2013, 6, 4, 12, tzinfo=UTC)


def test_an_s3_uri_is_taken_apart() -> None:
    location = Location.parse("s3://my-bucket/some/table/part.parquet")
    assert (location.bucket, location.path) == ("my-bucket", "some/table/part.parquet")


@pytest.mark.parametrize("path", ["table.csv", "/data/table/", "./data/*.parquet", "C d/ü.csv"])
def test_what_has_no_scheme_is_a_path(path: str) -> None:
    location = Location.parse(path)
    assert (location.bucket, location.path) == (None, path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("s3://", "'' is not a bucket's name; write s3://BUCKET/KEY"),
        ("s3:///key", "'' is not a bucket's name"),
        ("s3://My_Bucket/key", "'My_Bucket' is not a bucket's name"),
        ("s3://ab/key", "'ab' is not a bucket's name"),
        ("s3://-bucket/key", "'-bucket' is not a bucket's name"),
        ("s3://{date:%Y}/key", "is not a bucket's name"),
        ("s3://bucket", "name a file, a folder or a glob in the bucket"),
        ("s3://bucket/", "name a file, a folder or a glob in the bucket"),
        ("s3a://bucket/key", "s3a:// cannot be read, use s3://BUCKET/KEY or a path"),
        ("https://example.com/t.csv", "https:// cannot be read"),
        ("data/{date}.csv", "only {date:…} goes in braces"),
        ("data/{day:%Y-%m-%d}.csv", "only {date:…} goes in braces"),
        ("data/{date:%Y-%m-%d.csv", "only {date:…} goes in braces"),
        ("data/{date:}.csv", "has no code such as %Y"),
        ("data/{date:YYYY-MM-DD}.csv", "has no code such as %Y"),
    ],
)
def test_what_is_no_location_is_refused_with_what_to_write(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}: .*{re.escape(sentence)}"):
        Location.parse(text)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        ("s3://bucket/t/reference.parquet", "t/reference.parquet"),
        ("s3://bucket/t/part-*.parquet", "t/part-"),
        ("s3://bucket/t/part-[0-9].parquet", "t/part-"),
        ("s3://bucket/t/part-?.parquet", "t/part-"),
        ("s3://bucket/t/{date:%Y-%m-%d}/*.parquet", "t/"),
        ("s3://bucket/{date:%Y-%m-%d}.csv", ""),
    ],
)
def test_the_literal_prefix_ends_before_the_first_wildcard_or_date(text: str, prefix: str) -> None:
    assert Location.parse(text).literal_prefix == prefix


@pytest.mark.parametrize(
    ("pattern", "filled"),
    [
        ("s3://bucket/t/{date:%Y-%m-%d}.csv", "s3://bucket/t/2013-06-04.csv"),
        ("t/year={date:%Y}/month={date:%m}/day={date:%d}/", "t/year=2013/month=06/day=04/"),
        ("t/{date:%Y%m%d/%H}/*.csv", "t/20130604/12/*.csv"),
        ("t/table.csv", "t/table.csv"),
    ],
)
def test_a_date_fills_each_of_the_patterns_places(pattern: str, filled: str) -> None:
    assert str(Location.parse(pattern).on(NOON)) == filled


def test_a_date_is_filled_in_as_its_own_clock_shows_it() -> None:
    in_tokyo = datetime(2013, 6, 5, 8, tzinfo=timezone(timedelta(hours=9)))
    assert Location.parse("{date:%Y-%m-%d}.csv").on(in_tokyo).path == "2013-06-05.csv"


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("t/{date:%Y-%m-%d}.csv", "day"),
        ("t/dt={date:%Y%m%d}/", "day"),
        ("t/{date:%Y}/{date:%j}.csv", "day"),
        ("t/{date:%F}/", "day"),
        ("t/{date:%G-W%V-%u}/", "day"),
        ("t/{date:%a %-d %b %y}.csv", "day"),
        ("t/year={date:%Y}/month={date:%m}/day={date:%d}/", "day"),
        ("t/{date:%Y-%m-%d}/{date:%H}.csv", "hour"),
        ("t/{date:%Y-%m-%d}/{date:%I%p}.csv", "hour"),
        ("t/{date:%G}/{date:%V}/", "week"),
        ("t/{date:%Y-%W}/", "week"),
        ("t/{date:%Y-%m}.csv", "month"),
        ("t/{date:%B %Y}/*.csv", "month"),
        ("t/{date:%Y}/", "year"),
    ],
)
def test_a_partition_covers_what_its_finest_code_says(pattern: str, covers: str) -> None:
    assert Location.parse(pattern).partition == covers


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("t/{date:%d}/", "says 01 of 2024-01-01 00:00 and of 2024-02-01 00:00: add what tells"),
        ("t/{date:%m-%d}/", "says 01-01 of 2024-01-01 00:00 and of 2025-01-01 00:00: add what"),
        ("t/{date:%Y-%d}/", "says 2024-01 of 2024-01-01 00:00 and of 2024-02-01 00:00: add what"),
        ("t/{date:%Y-%m-%d-%I}/", "of 2024-01-01 00:00 and of 2024-01-01 12:00: add what tells"),
        ("t/{date:%Y-%m-%d-%p}/", "of 2024-01-01 00:00 and of 2024-01-01 01:00: add what tells"),
        ("t/{date:%W}/", "says 01 of 2024-01-01 00:00 and of 2025-01-06 00:00: add what tells"),
        ("t/{date:%Y-%m/%H}/", "of 2024-01-01 00:00 and of 2024-01-02 00:00: add what tells"),
        ("t/{date:%a}/", "needs a year, such as %Y"),
        ("t/{date:%Y-%m-%d-%H%M}/", "%M is finer than an hour: end with %H and a wildcard, *"),
        ("t/{date:%Y-%V}/", "%V, the ISO week, goes with %G, the year of that week: write both"),
        ("t/{date:%G-%m-%d}/", "%V, the ISO week, goes with %G, the year of that week: write both"),
        ("t/{date:%Y-%U}/", "%U cannot be used here: use %Y, %m, %d, %H, or %G and %V for ISO"),
    ],
)
def test_a_pattern_that_says_two_partitions_alike_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(pattern)}: .*{re.escape(sentence)}"):
        _ = Location.parse(pattern).partition


@pytest.mark.parametrize(
    ("text", "is_dated", "is_glob"),
    [
        ("t/{date:%Y-%m-%d}.csv", True, False),
        ("t/{date:%Y-%m-%d}/*.csv", True, True),
        ("t/part-?.csv", False, True),
        ("t/table.csv", False, False),
    ],
)
def test_dates_and_wildcards_are_told_apart(text: str, *, is_dated: bool, is_glob: bool) -> None:
    location = Location.parse(text)
    assert (location.is_dated, location.is_glob) == (is_dated, is_glob)
