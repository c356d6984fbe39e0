"""How numbers, shares and names are written, wherever people read them."""


def one_line(text: str) -> str:
    """Keep a name or a value on one line: a line break in it must not look like one of ours."""
    return " ".join(text.split())


def percent(share: float) -> str:
    """Say a share; one that is small, but there, is not 0%."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"  # noqa: PLR2004 - what rounds to 0%


def fine_percent(share: float) -> str:
    """Say a share in three digits, beside limits such as 0.1%."""
    return f"{share * 100:.3g}%"


def number(value: float) -> str:
    """Say a number in three digits, or in all of those before the point."""
    is_long = 1_000 <= abs(value) < 1e9  # noqa: PLR2004 - 1,516 reads better than 1.52e+03
    return f"{value:,.0f}" if is_long else f"{value:.3g}"
