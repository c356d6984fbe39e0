"""What every store promises."""

from datetime import UTC, datetime, timedelta

import pytest

from drift_monitor.storage import ConflictError, Store

KEY = "monitors/flights/drift.json"
ANOTHER_VERSION = '"00000000000000000000000000000000"'


@pytest.mark.parametrize(
    "body", [b"", b"{}", "é 日本 🙂".encode(), bytes(range(256)), b"x" * 5_000_000], ids=len
)
def test_what_is_written_is_read(store: Store, body: bytes) -> None:
    store.write(KEY, body)
    found = store.read(KEY)
    assert found is not None
    assert found.body == body
    assert found.version == store.version(KEY)


def test_what_is_missing_is_none(store: Store) -> None:
    assert store.read(KEY) is None
    assert store.version(KEY) is None


def test_a_folder_is_no_file(store: Store) -> None:
    store.write(KEY, b"{}")
    assert store.read("monitors/flights") is None
    assert store.version("monitors/flights") is None


def test_a_write_replaces_what_was_there(store: Store, elsewhere: Store) -> None:
    store.write(KEY, b"a long first body")
    store.write(KEY, b"second")
    found = elsewhere.read(KEY)
    assert found is not None
    assert found.body == b"second"


def test_equal_bodies_have_equal_versions_and_others_others(store: Store, elsewhere: Store) -> None:
    versions = []
    for body in (b"1", b"2", b"1"):
        store.write(KEY, body)
        versions.append(elsewhere.version(KEY))
    assert versions[0] == versions[2] != versions[1]


def test_a_new_file_is_written_only_where_there_is_none(store: Store) -> None:
    store.write_if(KEY, b"first", None)
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"second", None)
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"first"


def test_a_file_is_written_over_the_version_that_was_read(store: Store, elsewhere: Store) -> None:
    store.write(KEY, b"1")
    elsewhere.write_if(KEY, b"2", store.version(KEY))
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"2"


def test_a_file_is_not_written_over_a_version_that_is_gone(store: Store, elsewhere: Store) -> None:
    store.write(KEY, b"1")
    read = store.version(KEY)
    elsewhere.write(KEY, b"2")
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"3", read)
    found = store.read(KEY)
    assert found is not None
    assert found.body == b"2"


def test_a_version_of_a_file_that_was_removed_is_a_conflict(store: Store) -> None:
    with pytest.raises(ConflictError):
        store.write_if(KEY, b"1", ANOTHER_VERSION)
    assert store.read(KEY) is None


def test_folders_are_those_right_below(store: Store) -> None:
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
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")  # as S3's thousand
    names = [f"monitor-{number}" for number in range(7)]
    for name in names:
        store.write(f"monitors/{name}/drift.json", b"{}")
        store.write(f"monitors/{name}/index.html", b"")
    assert store.folders("monitors/") == names


def test_files_are_those_whose_key_begins_so_and_say_when_they_were_written(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)  # S3 tells whole seconds
    keys = [
        "a/runs/2012/drift.json",
        "a/runs/2013/drift.json",
        "a/runs/2013/email.json",
        "a/x.json",
    ]
    for key in [*reversed(keys), "b.json"]:
        store.write(key, b"{}")
    assert [file.key for file in store.files("a/")] == keys
    assert [file.key for file in store.files("a/runs/2013")] == keys[1:3]
    assert [file.key for file in store.files("")] == [*keys, "b.json"]
    assert store.files("nothing/") == []
    assert all(before < file.written_at <= datetime.now(UTC) for file in store.files("a/"))


def test_files_on_several_pages_of_a_listing_are_all_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")  # as S3's thousand
    keys = [f"runs/{number}/drift.json" for number in range(7)]
    for key in keys:
        store.write(key, b"{}")
    assert [file.key for file in store.files("runs/")] == keys


@pytest.mark.parametrize("key", ["index.html", "a b/é.json", "reports/x/1/index.html"])
def test_keys_may_be_deep_and_not_plain(store: Store, key: str) -> None:
    store.write(key, b"x")
    assert store.version(key) is not None
