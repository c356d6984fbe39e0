"""The wording of numbers, shares, names and lists, wherever people read them."""

import re
from collections.abc import Sequence


def one_line(text: str) -> str:
    """Return a name or a value on one line: a line break in it must not look like one of ours."""
    return " ".join(text.split())


def shorten(text: str, longest: int) -> str:
    """Return a text, cut to so many characters; `…` stands for what is cut off."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def quoted(category: str, longest: int = 30) -> str:
    """Return a category in quotes, which show the blanks around it, on one line and shortened."""
    shown = shorten(re.sub(r"\s", " ", category), longest)
    return f'"{shown}"'


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return how many there are: `1 row`, `2,000 rows`.

    Args:
        number: how many.
        noun: what they are, in the singular.
        plural: where it is not the singular with an s.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def names(found: Sequence[str], most: int) -> str:
    """Return a list of names, the first so many of them: `a, b and 4 more`."""
    listed = ", ".join(found[:most])
    return f"{listed} and {len(found) - most:,} more" if len(found) > most else listed


def percent(share: float) -> str:
    """Return a share in percent; one that is small, but not 0, is not 0%."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"  # noqa: PLR2004 - what rounds to 0%


def fine_percent(share: float) -> str:
    """Return a share in percent with three digits, to compare with limits such as 0.1%."""
    return f"{share * 100:.3g}%"


def number(value: float) -> str:
    """Return a number with three digits, or with all of those before the point."""
    is_long = 1_000 <= abs(value) < 1e9  # noqa: PLR2004 - 1,516 reads better than 1.52e+03
    return f"{value:,.0f}" if is_long else f"{value:.3g}"
