"""The file of a user's transform: found and looked at before a run, never executed."""

from pathlib import Path

import pytest
from pydantic import ValidationError
from support.builders import a_monitor
from support.user_transforms import WriteTransform, write_transform

from drift_monitor.config import transforms
from drift_monitor.config.load import InvalidMonitorError, load_monitor

__all__ = ["write_transform"]  # the fixture


@pytest.mark.parametrize(
    "name",
    [
        *("../t.py", "/t.py", "a/../t.py", "./t.py", "a//t.py", ".t.py", "a/.t.py"),
        *("t", "t.txt", "t.py\n", r"a\t.py", "~/t.py", "", "t.py;", "C:/t.py"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="should be a Python file in lambda_src/transforms"):
        a_monitor(transform=name)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = (\n", "t.py:1: '(' was never closed"),
        ("\nreturn 1\n", "t.py:2: 'return' outside function"),
        ("x = 1\n", "t.py: has no function transform: write def transform(table): …"),
        ("class transform: pass\n", "t.py: has no function transform"),
        ("async def transform(table): return table\n", "t.py: has no function transform"),
        ("def f():\n  def transform(t): return t\n", "t.py: has no function transform"),
        ("\ndef transform(): pass\n", "t.py:2: transform is given the table alone"),
        ("def transform(a, b): pass\n", "t.py:1: transform is given the table alone"),
        ("def transform(a, *, b): pass\n", "t.py:1: transform is given the table alone"),
        ("x = '\0'\n", "t.py"),
    ],
)
def test_a_file_that_is_no_transform_is_a_mistake_of_the_monitor(
    write_transform: WriteTransform, tmp_path: Path, text: str, problem: str
) -> None:
    write_transform(text)
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: m\nreference: {location: r.csv}\ncurrent: {location: c.csv}\ntransform: t.py\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidMonitorError) as mistakes:
        load_monitor(file)
    (mistake,) = str(mistakes.value).splitlines()
    assert mistake.startswith(f"{file}:4: transform: {tmp_path}/transforms/{problem}")


@pytest.mark.usefixtures("write_transform")
def test_a_file_that_is_not_there_is_a_mistake_of_the_monitor(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(
        "name: m\nreference: {location: r.csv}\ncurrent: {location: c.csv}\ntransform: t.py\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidMonitorError, match=r"yaml:4: transform: t\.py is neither in"):
        load_monitor(file)


@pytest.mark.parametrize(
    "parameters",
    ["table", "table, /", "table, more=1", "table, *, more=1", "*tables", "table=None"],
)
def test_what_can_be_called_with_a_table_is_a_transform(
    write_transform: WriteTransform, parameters: str
) -> None:
    transforms.check_transform(write_transform(f"def transform({parameters}): return 1\n"))


def test_looking_at_a_file_does_not_execute_it(write_transform: WriteTransform) -> None:
    name = write_transform(
        """\
        from pathlib import Path
        Path("executed").touch()
        def transform(table): return table
        """
    )
    transforms.check_transform(name)
    assert not Path("executed").exists()


def test_the_files_of_the_image_come_before_those_of_the_working_folder(
    write_transform: WriteTransform, tmp_path: Path
) -> None:
    Path("own").mkdir()
    Path("own/t.py").touch()
    assert transforms.find_transform("own/t.py") == Path("own/t.py")
    Path("t.py").touch()
    assert transforms.find_transform("t.py") == Path("t.py")
    write_transform("")
    assert transforms.find_transform("t.py") == tmp_path / "transforms/t.py"
