"""Parts of RESULTS.md with a benchmark of their own, each kept as it was last written."""

import re

from sizes import HERE

RESULTS = HERE / "RESULTS.md"
_SECTION = re.compile(r"\n<!-- (\w+) -->\n.*?<!-- end of \1 -->\n", re.DOTALL)


def sections() -> str:
    """Return the sections that are in RESULTS.md."""
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    return "".join(match[0] for match in _SECTION.finditer(text))


def write_section(name: str, text: str) -> None:
    """Put a section into RESULTS.md: in place of its last one, or at the end.

    Args:
        name: of the benchmark's script, without .py.
        text: what it found, with a heading.
    """
    section = f"\n<!-- {name} -->\n{text.strip()}\n<!-- end of {name} -->\n"
    results = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n"
    old = next((match for match in _SECTION.finditer(results) if match[1] == name), None)
    if old is None:
        results += section
    else:
        results = results[: old.start()] + section + results[old.end() :]
    RESULTS.write_text(results, encoding="utf-8")
