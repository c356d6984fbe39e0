"""What every store promises."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drift_monitor import storage
from drift_monitor.config.locations import Location
from drift_monitor.storage import ConflictError, Files, Folder, file_at, files_at

KEY = "monitors/flights/drift.json"
ANOTHER_VERSION = '"00000000000000000000000000000000"'


@pytest.mark.parametrize(
    "body", [b"", b"{}", "é 日本 🙂".encode(), bytes(range(256)), b"x" * 5_000_000], ids=len
)
def test_what_is_written_is_read(store: Files, body: bytes) -> None:
    store.write(KEY, body)
    found = store.read(KEY)
    assert found is not None
    assert found.body == body
    assert found.version == store.version(KEY)


def test_what_is_missing_is_none(store: Files) -> None:
    assert store.read(KEY) is None
    assert store.version(KEY) is None


def test_a_folder_is_no_file(store: Files) -> None:
    store.write(KEY, b"{}")
    assert store.read("monitors/flights") is None
    assert store.version("monitors/flights") is None


def test_a_write_replaces_what_was_there(store: Files, elsewhere: Files) -> None:
    store.write(KEY, b"a long first body")
    store.write(KEY, b"second")
    found = elsewhere.read(KEY)
    assert found is not None
    assert found.body == b"second"


def test_equal_bodies_have_equal_versions_and_others_others(store: Files, elsewhere: Files) -> None:
    versions = []
    for body in (b"1", b"2", b"1"):
        store.write(KEY, body)
        versions.append(elsewhere.version(KEY))
    assert versions[0] == versions[2] != versions[1]


def test_a_new_file_is_written_only_where_there_is_none(store: Files) -> None:
    store.write_if(KEY, b"first", None)
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"second", None)
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"first"


def test_a_file_is_written_over_the_version_that_was_read(store: Files, elsewhere: Files) -> None:
    store.write(KEY, b"1")
    elsewhere.write_if(KEY, b"2", store.version(KEY))
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"2"


def test_a_file_is_not_written_over_a_version_that_is_gone(store: Files, elsewhere: Files) -> None:
    store.write(KEY, b"1")
    read = store.version(KEY)
    elsewhere.write(KEY, b"2")
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"3", read)
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"2"


def test_a_version_of_a_file_that_was_removed_is_a_conflict(store: Files) -> None:
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"1", ANOTHER_VERSION)
    assert store.read(KEY) is None


def test_folders_are_those_right_below(store: Files) -> None:
    for key in (
        "monitors/b/index.html",
        "monitors/a/runs/1/drift.json",
        "monitors/a/runs/2/drift.json",
        "monitors/note.json",
        "reports/c/index.html",
        "index.html",
    ):
        store.write(key, b"{}")
    assert store.folders("monitors/") == ["a", "b"]
    assert store.folders("monitors/a/runs/") == ["1", "2"]
    assert store.folders("nothing/") == []


def test_folders_on_several_pages_of_a_listing_are_all_listed(
    store: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")  # as S3's thousand
    names = [f"monitor-{number}" for number in range(7)]
    for name in names:
        store.write(f"monitors/{name}/drift.json", b"{}")
        store.write(f"monitors/{name}/index.html", b"")
    assert store.folders("monitors/") == names


def test_files_are_those_whose_key_begins_so_and_say_when_they_were_written(store: Files) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)  # S3 tells whole seconds
    keys = [
        "a/runs/2012/drift.json",
        "a/runs/2013/drift.json",
        "a/runs/2013/email.json",
        "a/x.json",
    ]
    for key in [*reversed(keys), "b.json"]:
        store.write(key, b"{}")
    assert [file.key for file in store.list("a/")] == keys
    assert [file.key for file in store.list("a/runs/2013")] == keys[1:3]
    assert [file.key for file in store.list("")] == [*keys, "b.json"]
    assert store.list("nothing/") == []
    assert all(before < file.written_at <= datetime.now(UTC) for file in store.list("a/"))


def test_files_on_several_pages_of_a_listing_are_all_listed(
    store: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")  # as S3's thousand
    keys = [f"runs/{number}/drift.json" for number in range(7)]
    for key in keys:
        store.write(key, b"{}")
    assert [file.key for file in store.list("runs/")] == keys


@pytest.mark.parametrize("key", ["index.html", "a b/é.json", "reports/x/1/index.html"])
def test_keys_may_be_deep_and_not_plain(store: Files, key: str) -> None:
    store.write(key, b"x")
    assert store.version(key) is not None


def test_what_is_removed_is_gone_with_all_below_it(
    store: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "_MOST_REMOVED", 2)  # as S3's thousand
    for key in ("a/1.txt", "a/2.txt", "a/b/3.txt", "ab.txt", "b/a.txt", "c.txt"):
        store.write(key, b"x")
    for key in ("a", "c.txt", "nothing"):
        store.remove(key)
    assert [file.key for file in store.list("")] == ["ab.txt", "b/a.txt"]


def test_a_file_of_this_machine_is_moved_in(store: Files, tmp_path: Path) -> None:
    file = tmp_path / "part"
    file.write_bytes(b"rows")
    store.move_in(str(file), "copies/1/part.parquet")
    found = store.read("copies/1/part.parquet")
    assert found is not None
    assert found.body == b"rows"


@pytest.mark.parametrize("end", ["", "/"])
def test_files_of_a_folder_are_apart_from_those_beside_it(
    store: Files, tmp_path: Path, end: str
) -> None:
    root = tmp_path / "site" if isinstance(store, Folder) else "s3://site"
    for key in ("runs/1/drift.json", "runs/10/drift.json"):
        store.write(key, b"{}")
    below = files_at(Location.parse(f"{root}/runs/1{end}"))
    below.write_if("a/new.json", b"[]", None)
    assert [file.key for file in below.list("")] == ["a/new.json", "drift.json"]
    assert below.folders("") == ["a"]
    assert below.version("drift.json") is not None
    below.remove("a")
    files, key = file_at(Location.parse(f"{root}/runs/1/drift.json"))
    assert [file.key for file in files.list("")] == [key] == ["drift.json"]
    assert [file.key for file in store.list("")] == ["runs/1/drift.json", "runs/10/drift.json"]
