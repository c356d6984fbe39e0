"""`drift-monitor init` recognises by which dates a table's files are laid out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drift_monitor.cli.first_monitor.partitions import Partitions, find_partitions, partitions_of
from drift_monitor.cli.first_monitor.windows import rhythm_of_partitions
from drift_monitor.config.locations import Location
from drift_monitor.tables.arrow_storage import StoredFile

FIRST = datetime(2026, 9, 28, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
HOUR, DAY, WEEK, MONTH = (
    timedelta(hours=1),
    timedelta(days=1),
    timedelta(days=7),
    timedelta(days=31),
)

LAYOUTS = [
    ("dt=%Y-%m-%d/part-0.parquet", DAY, "dt={date:%Y-%m-%d}/", "7d"),
    ("dt=%Y%m%d/part-0.parquet", DAY, "dt={date:%Y%m%d}/", "7d"),
    ("dt=%Y-%m-%d/country=DE/0.csv", DAY, "dt={date:%Y-%m-%d}/", "7d"),
    ("country=DE/dt=%Y-%m-%d/0.csv", DAY, "country=DE/dt={date:%Y-%m-%d}/", "7d"),
    ("y=%Y/m=%m/d=%d/0.parquet", DAY, "y={date:%Y}/m={date:%m}/d={date:%d}/", "7d"),
    (
        "year=%Y/month=%m/day=%d/0.parquet",
        DAY,
        "year={date:%Y}/month={date:%m}/day={date:%d}/",
        "7d",
    ),
    (
        "year=%Y/month=%-m/day=%-d/0.parquet",
        DAY,
        "year={date:%Y}/month={date:%-m}/day={date:%-d}/",
        "7d",
    ),
    ("%Y/%m/%d/0.parquet", DAY, "{date:%Y/%m/%d}/", "7d"),
    ("%Y.%m.%d/0.parquet", DAY, "{date:%Y.%m.%d}/", "7d"),
    ("%Y-%m-%d.parquet", DAY, "{date:%Y-%m-%d}.parquet", "7d"),
    ("flights_%Y%m%d.csv.gz", DAY, "flights_{date:%Y%m%d}.csv.gz", "7d"),
    ("%Y/%m/sales-%Y-%m-%d.json", DAY, "{date:%Y/%m}/sales-{date:%Y-%m-%d}.json", "7d"),
    ("%Y/%m/%d/%H/at-%Y-%m-%d-%H-05-01-ab.csv", HOUR, "{date:%Y/%m/%d/%H}/", "24h"),
    ("dt=%Y-%m-%d/hour=%H/0.avro", HOUR, "dt={date:%Y-%m-%d}/hour={date:%H}/", "24h"),
    ("at-%Y%m%dT%H.parquet", HOUR, "at-{date:%Y%m%dT%H}.parquet", "24h"),
    ("at-%Y-%m-%d-%H.parquet", HOUR, "at-{date:%Y-%m-%d-%H}.parquet", "24h"),
    ("%G-W%V.parquet", WEEK, "{date:%G-W%V}.parquet", "1w"),
    ("year=%G/week=%V/0.parquet", WEEK, "year={date:%G}/week={date:%V}/", "1w"),
    ("%Y-%m/0.parquet", MONTH, "{date:%Y-%m}/", "1mo"),
    ("sales_%Y%m.csv", MONTH, "sales_{date:%Y%m}.csv", "1mo"),
    ("year=%Y/month=%m/0.parquet", MONTH, "year={date:%Y}/month={date:%m}/", "1mo"),
    ("%Y/0.parquet", 12 * MONTH, "{date:%Y}/", "12mo"),
    # One file a week or a month, named by its day.
    ("dt=%Y-%m-%d/0.parquet", WEEK, "dt={date:%Y-%m-%d}/", "7d"),
    ("dump-%Y-%m-01.parquet", MONTH, "dump-{date:%Y-%m}-01.parquet", "1mo"),
    # Not all days are there, nor is the time of day that of the day before.
    ("at-%Y%m%dT%H%M%SZ.csv", timedelta(hours=23.7), "at-{date:%Y%m%d}T*Z.csv", "7d"),
]


def files_of(paths: list[str]) -> list[StoredFile]:
    return [StoredFile(path, 1, "") for path in sorted(paths)]


def laid_out(layout: str, step: timedelta, count: int = 60) -> list[StoredFile]:
    return files_of([f"t/{FIRST + n * step:{layout}}" for n in range(count)])


def found_in(files: list[StoredFile], place: str = "t") -> Partitions:
    found = find_partitions(files, Location.parse(place))
    assert found is not None
    return found


@pytest.mark.parametrize(("layout", "step", "location", "window"), LAYOUTS)
def test_a_layout_is_recognised_and_gets_a_window(
    layout: str, step: timedelta, location: str, window: str
) -> None:
    files = laid_out(layout, step)
    found = found_in(files)
    assert found.location.text == f"t/{location}"
    assert found.undated == []
    assert {file for part in found.files.values() for file in part} == set(files)
    rhythm = rhythm_of_partitions(found, LATER, times=2)
    assert (rhythm.window, rhythm.newest) == (window, found.end_of(max(found.files)))


@given(
    layout=st.sampled_from([layout for layout, step, *_ in LAYOUTS if step == DAY]),
    days=st.sets(st.integers(0, 4000), min_size=1, max_size=90),
)
def test_whatever_days_are_there_each_file_is_found_on_its_day(layout: str, days: set[int]) -> None:
    files = files_of([f"t/{FIRST + day * DAY:{layout}}" for day in days])
    found = found_in(files)
    assert found.undated == []
    for moment, part in found.files.items():
        place = found.location.on(moment).path
        within = partitions_of(found.location, part)
        assert within is not None
        assert list(within.files) == [moment]
        assert all("*" in place or file.path.startswith(place) for file in part)


@pytest.mark.parametrize(
    ("names", "location"),
    [
        (["{}-a1.csv", "{}-b22.csv"], "{date:%Y-%m-%d}-*.csv"),
        (["part-1-{}.csv", "part-2-{}.csv"], "part-*-{date:%Y-%m-%d}.csv"),
        (["a/{}.csv", "b/{}.csv"], "*/{date:%Y-%m-%d}.csv"),
        (["{}/0/x.csv", "{}/47/x.csv"], "{date:%Y-%m-%d}/"),
        (["{}-00.csv", "{}-47.csv"], "{date:%Y-%m-%d}-*.csv"),
        (["a[1]{{b}}/{}.csv"], "a?1??b?/{date:%Y-%m-%d}.csv"),
        (["50%/{}.csv"], "50%/{date:%Y-%m-%d}.csv"),
        (["ünï cødé/{}.csv"], "ünï cødé/{date:%Y-%m-%d}.csv"),
    ],
)
def test_what_varies_beside_the_date_is_a_wildcard(names: list[str], location: str) -> None:
    days = [f"{FIRST + day * DAY:%Y-%m-%d}" for day in range(30)]
    files = files_of([f"t/{name.format(day)}" for name in names for day in days])
    found = found_in(files)
    assert found.location.text == f"t/{location}"
    assert len(found.files) == 30
    assert sum(map(len, found.files.values())) == len(files)


def test_of_many_files_each_counts() -> None:
    names = [f"t/{FIRST + day * DAY:%Y-%m-%d}-{part}.csv" for day in range(3000) for part in "ab"]
    found = found_in(files_of(names))
    assert found.location.text == "t/{date:%Y-%m-%d}-*.csv"
    assert {len(part) for part in found.files.values()} == {2}
    assert len(found.files) == 3000


def test_a_glob_keeps_what_it_says_below_the_date() -> None:
    files = laid_out("%Y-%m-%d/x.csv", DAY)
    assert found_in(files, "t/*/x.csv").location.text == "t/{date:%Y-%m-%d}/x.csv"
    assert found_in(files, "t/*").location.text == "t/{date:%Y-%m-%d}/"


def test_a_few_files_without_a_date_are_left_out_and_named() -> None:
    found = found_in([*laid_out("daily/%Y-%m-%d.csv", DAY), *files_of(["t/reference.csv"])])
    assert found.location.text == "t/daily/{date:%Y-%m-%d}.csv"
    assert [file.path for file in found.undated] == ["t/reference.csv"]


@pytest.mark.parametrize(
    "names",
    [
        ["part-0.csv", "part-1.csv"],
        ["2026-13-01.csv", "2026-02-30.csv"],
        ["part-20130101-99999999-1.csv", "b.csv", "c.csv", "d.csv"],
        ["model_v2/x.csv", "model_v3/x.csv"],
        ["year=26/x.csv", "day=1/x.csv"],
        ["month=11/x.csv", "month=12/x.csv"],
    ],
)
def test_names_that_say_no_date_make_no_partitions(names: list[str]) -> None:
    files = files_of([f"t/{name}" for name in names])
    assert find_partitions(files, Location.parse("t")) is None


@pytest.mark.parametrize(
    ("pattern", "path", "moment"),
    [
        ("t/{date:%F}.csv", "t/2026-11-23.csv", "2026-11-23 00h"),
        ("t/{date:%d %b %Y}/", "t/23 Nov 2026/x.csv", "2026-11-23 00h"),
        ("t/{date:%Y-%j}/*.csv", "t/2026-327/x.csv", "2026-11-23 00h"),
        ("t/{date:%y%m%d-%I%p}", "t/261123-09PM/x.csv", "2026-11-23 21h"),
        ("t/{date:%G-W%V-%u}.csv", "t/2026-W48-3.csv", "2026-11-25 00h"),
        ("t/{date:%Y-%W}/", "t/2026-47/x.csv", "2026-11-23 00h"),
        ("t/{date:%Y-%W}/", "t/2026-00/x.csv", "2026-01-01 00h"),
        ("t/{date:%Y}/{date:%Y-%m}.csv", "t/2026/2026-11.csv", "2026-11-01 00h"),
        ("t/{date:%Y}/{date:%Y-%m}.csv", "t/2025/2026-11.csv", None),
        ("t/[ab]?/{date:%Y-%m-%d}.csv", "t/b1/2026-11-23.csv", "2026-11-23 00h"),
        ("t/[!ab]?/{date:%Y-%m-%d}.csv", "t/b1/2026-11-23.csv", None),
        ("t/{date:%Y-%m-%d}.csv", "t/2026-1-5.csv", None),
        ("t/{date:%Y-%m-%d}.csv", "t/2026-11-23.csv.gz", None),
        ("s3://my-bucket/{date:%Y%%}/", "my-bucket/2026%/x.csv", "2026-01-01 00h"),
    ],
)
def test_a_pattern_that_is_given_reads_its_dates(
    pattern: str, path: str, moment: str | None
) -> None:
    found = partitions_of(Location.parse(pattern), files_of([path]))
    said = [f"{each:%Y-%m-%d %Hh}" for each in found.files] if found else []
    assert said == ([moment] if moment else [])
