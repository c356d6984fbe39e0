"""Samples of every shape and size, drawn by Hypothesis."""

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

SIZES = [1, 2, 5, 20, 21, 150, 999, 1000, 1001, 1002, 1700]
SHAPES = {
    "normal": lambda random, size: random.normal(size=size),
    "heavy tails": lambda random, size: random.lognormal(0, 3, size=size),
    "tied": lambda random, size: np.round(random.normal(size=size), 1),
    "few": lambda random, size: random.choice([-0.0, 0.0, 1.5, 2.0], size=size),
    "many zeros": lambda random, size: np.where(
        random.random(size) < 0.9, 0.0, random.random(size)
    ),
    # numpy makes no bins of less than one for integers: of 0..9 it makes 9, of 0..5000 more.
    "digits": lambda random, size: random.integers(0, 10, size=size),
    "thirty integers": lambda random, size: random.integers(-15, 15, size=size),
    "wide integers": lambda random, size: random.integers(-(10**12), 10**12, size=size),
    "flag": lambda random, size: random.integers(0, 2, size=size),
}
ODD_SHARES = [0.0, 0.0, 0.02, 0.3]


@st.composite
def numbers(draw: st.DrawFn) -> pa.Array:
    """Draw one side of a numeric column: a sample of some shape, or a few arbitrary values."""
    if draw(st.booleans()):
        value = draw(
            st.sampled_from(
                [st.integers(-30, 30), st.integers(-(10**6), 10**6).map(lambda n: n / 1000)]
            )
        )
        values = draw(st.lists(st.one_of(value, value, st.none()), min_size=1, max_size=40))
        return pa.array([0 if not any(v is not None for v in values) else values[0], *values[1:]])
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    size, shape = draw(st.sampled_from(SIZES)), draw(st.sampled_from(list(SHAPES)))
    values = SHAPES[shape](random, size) + draw(st.sampled_from([0, 0, 1]))
    is_null = random.random(size) < draw(st.sampled_from(ODD_SHARES))
    is_null[0] = False
    return pa.array(values, mask=is_null)


@st.composite
def categories(draw: st.DrawFn) -> pa.Array:
    """Draw one side of a text column."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.sampled_from(SIZES))
    words = draw(st.sampled_from([["a"], ["b", "a"], list("abcé日"), [f"w{n}" for n in range(60)]]))
    weights = random.random(len(words)) + 0.01
    values = random.choice(words, p=weights / weights.sum(), size=size)
    is_null = random.random(size) < draw(st.sampled_from(ODD_SHARES))
    is_null[0] = False
    return pa.array(values.tolist(), pa.string(), mask=is_null)
