"""What belongs to a room lies in it, and so do its tests."""

from pathlib import Path

import drift_monitor

PACKAGE = Path(drift_monitor.__file__).parent
AT_THE_ROOT = {"__init__", "errors", "run", "slow_imports", "storage", "telemetry", "text"}


def test_the_package_has_rooms_and_seven_files_beside_them() -> None:
    assert {file.stem for file in PACKAGE.glob("*.py")} == AT_THE_ROOT


def test_each_folder_of_unit_tests_is_named_after_a_room() -> None:
    rooms = {file.parent.name for file in PACKAGE.glob("*/__init__.py")}
    folders = {file.parent.name for file in Path(__file__).parent.glob("*/__init__.py")}
    assert folders == rooms
