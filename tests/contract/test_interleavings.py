"""Two runs at once cannot undo each other's work, whoever writes when, in whatever store."""

import json
from collections.abc import Callable

import pytest
from support.interrupted import Interrupt, Interrupted

from drift_monitor.errors import DriftMonitorError
from drift_monitor.site.store import refresh, update
from drift_monitor.storage import Files

KEY = "monitors/flights/history/2013.json"
PAGE = "monitors/flights/history.html"


def _add(number: int, store: Files) -> Interrupt:
    """Make a writer that adds a number to the list under KEY."""

    def change(body: bytes | None) -> bytes:
        return json.dumps(sorted({*json.loads(body or b"[]"), number})).encode()

    return lambda: update(store, KEY, change)


def _numbers(store: Files) -> list[int]:
    found = store.read(KEY)
    return json.loads(found.body) if found else []


def _page(store: Files) -> list[int]:
    found = store.read(PAGE)
    assert found is not None
    return json.loads(found.body)


def test_an_update_of_nothing_begins_with_nothing(store: Files) -> None:
    _add(1, store)()
    assert _numbers(store) == [1]


@pytest.mark.parametrize("there_before", [[], [0]])
@pytest.mark.parametrize("others", [[2], [2, 3, 4]])
def test_an_update_loses_nothing_that_others_write_meanwhile(
    store: Files, elsewhere: Files, there_before: list[int], others: list[int]
) -> None:
    for number in there_before:
        _add(number, store)()
    interrupted = Interrupted(store, [_add(number, elsewhere) for number in others])
    _add(1, interrupted)()
    assert _numbers(store) == sorted([*there_before, 1, *others])
    assert interrupted.tries == len(others) + 1


def test_an_update_that_another_has_made_already_changes_nothing(
    store: Files, elsewhere: Files
) -> None:
    _add(1, Interrupted(store, [_add(1, elsewhere)]))()
    assert _numbers(store) == [1]


@pytest.mark.parametrize(
    "write",
    [
        lambda store: update(store, KEY, lambda _: b"mine"),
        lambda store: refresh(store, [KEY], lambda: {KEY: b"mine"}),
    ],
    ids=["update", "refresh"],
)
def test_a_key_that_never_rests_is_an_error_that_says_what_to_do(
    store: Files, elsewhere: Files, write: Callable[[Files], None]
) -> None:
    others = [
        lambda number=number: elsewhere.write(KEY, f"[{number}]".encode()) for number in range(99)
    ]
    interrupted = Interrupted(store, others)
    with pytest.raises(DriftMonitorError, match=r"was changed by others .* run this run again"):
        write(interrupted)
    assert 1 < interrupted.tries < len(others)
    assert _numbers(store) == [interrupted.tries - 1]


def _rendered(store: Files) -> dict[str, bytes]:
    return {PAGE: json.dumps(_numbers(store)).encode()}


def _run(number: int, store: Files, *, page_store: Files | None = None) -> Interrupt:
    """Make a run: it adds its number to the list, then renders the page from the list."""

    def run() -> None:
        _add(number, store)()
        refresh(page_store or store, [PAGE], lambda: _rendered(store))

    return run


@pytest.mark.parametrize("there_before", [[], [0]])
def test_a_page_rendered_before_another_run_is_not_written_over_that_runs_page(
    store: Files, elsewhere: Files, there_before: list[int]
) -> None:
    for number in there_before:
        _run(number, store)()
    late = Interrupted(store, [_run(2, elsewhere)])
    _run(1, store, page_store=late)()
    assert _page(store) == _numbers(store) == sorted([*there_before, 1, 2])
    assert late.tries == 2


def test_a_run_that_ends_while_a_page_is_rendered_is_on_the_page(
    store: Files, elsewhere: Files
) -> None:
    others = [_run(2, elsewhere)]

    def render() -> dict[str, bytes]:
        rendered = _rendered(store)
        for other in others[:]:  # once the list is read, the other one writes list and page
            others.remove(other)
            other()
        return rendered

    _run(1, store)()
    refresh(store, [PAGE], render)
    assert _page(store) == [1, 2]


def test_a_page_is_right_when_the_other_run_has_yet_to_write_it(
    store: Files, elsewhere: Files
) -> None:
    # Between our rendering and our writing the other one has changed the list, not yet the page.
    late = Interrupted(store, [_add(2, elsewhere)])
    _run(1, store, page_store=late)()
    assert _page(store) == [1]
    refresh(elsewhere, [PAGE], lambda: _rendered(elsewhere))
    assert _page(store) == [1, 2]


@pytest.mark.parametrize("first_to_write", [1, 2])
def test_of_two_pages_rendered_at_once_the_loser_is_rendered_again(
    store: Files, elsewhere: Files, first_to_write: int
) -> None:
    """Both read the page's version, both render, then one writes, then the other."""
    second = 3 - first_to_write
    _run(0, store)()

    _add(second, store)()
    stale = Interrupted(store, [_run(first_to_write, elsewhere)])
    rendered: list[list[int]] = []

    def render() -> dict[str, bytes]:
        rendered.append(_numbers(store))
        return _rendered(store)

    refresh(stale, [PAGE], render)
    assert rendered == [[0, second], [0, 1, 2]]
    assert _page(store) == [0, 1, 2]


def test_a_page_that_is_to_stay_is_left_as_it_is(store: Files) -> None:
    store.write(PAGE, b"[9]")
    refresh(store, [PAGE], dict)
    assert _page(store) == [9]


def test_a_run_that_finds_itself_overtaken_leaves_the_newer_page(
    store: Files, elsewhere: Files
) -> None:
    def if_newest() -> dict[str, bytes]:
        return {PAGE: b"[1]"} if max(_numbers(store)) == 1 else {}

    _add(1, store)()
    refresh(Interrupted(store, [_run(2, elsewhere)]), [PAGE], if_newest)
    assert _page(store) == [1, 2]


def test_of_several_pages_each_is_right_though_another_run_came_between_them(
    store: Files, elsewhere: Files
) -> None:
    second = "monitors/flights/column.html"

    def render() -> dict[str, bytes]:
        return {**_rendered(store), second: _rendered(store)[PAGE]}

    def other() -> None:
        _add(2, elsewhere)()
        refresh(elsewhere, [PAGE, second], render)

    _add(1, store)()
    refresh(Interrupted(store, [lambda: None, other]), [PAGE, second], render)
    found = store.read(second)
    assert found is not None
    assert _page(store) == json.loads(found.body) == [1, 2]
