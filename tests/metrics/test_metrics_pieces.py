"""What is joined day by day is what the whole would have been, to the last digit."""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import accumulate, chain, groupby
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from argo_tradervue_plugin.metrics.arithmetic import EXACT, median_of
from argo_tradervue_plugin.metrics.ratios import (
    drawdown,
    joined,
    line_of,
    longest_streaks,
    multiples_of,
    path_of,
    r_multiples,
    shortened,
)
from argo_tradervue_plugin.metrics.selection import LOSS, WIN, Outcome
from argo_tradervue_plugin.metrics.sums import added, sums_of

START = date(2026, 3, 2)
cents = st.integers(-30, 30).map(lambda whole: Decimal(whole) / 10)
days = st.lists(st.lists(cents, min_size=1, max_size=6), max_size=8)
outcomes = st.lists(st.lists(st.sampled_from(Outcome), max_size=8), max_size=8)


@given(days)
def test_lines_joined_are_the_line_of_all_steps(some: list[list[Decimal]]) -> None:
    """Also where a day has no step at all."""
    with localcontext(EXACT):
        assert joined(map(line_of, [*some, []])) == line_of([*chain(*some)])


@given(outcomes)
def test_runs_shortened_have_the_streaks_of_all(some: list[list[Outcome]]) -> None:
    """A streak may go on over any number of days."""
    whole = [(each, sum(1 for _ in run)) for each, run in groupby(chain(*some))]
    longest = [
        max([n for o, n in whole if o is kind], default=0) for kind in (WIN, LOSS)
    ]

    assert longest_streaks(chain(*map(shortened, some))) == tuple(longest)


@given(days, st.none() | st.just(Decimal(7)))
def test_drawdown_by_days_is_that_by_trades(
    some: list[list[Decimal]], base: Decimal | None
) -> None:
    """A day below the peak is passed over; what comes out is the same as by steps."""
    numbered = [(START + timedelta(days=n), steps) for n, steps in enumerate(some)]
    by_days = drawdown([path_of(d, steps) for d, steps in numbered], START, base)
    by_steps = drawdown(
        [path_of(d, [step]) for d, steps in numbered for step in steps], START, base
    )

    assert by_days == by_steps
    heights = list(accumulate(chain(*some), initial=Decimal(0)))
    peaks = list(accumulate(heights, max))
    falls = [peak - height for peak, height in zip(peaks, heights, strict=True)]
    assert by_days.amount == (max(falls) if some else None)
    if base is not None and some:
        shares = [f / (base + p) for f, p in zip(falls, peaks, strict=True)]
        assert by_days.percent == float(100 * max(shares))


@given(st.lists(st.lists(st.integers(-9, 9)).map(sorted), max_size=9))
def test_median_of_runs_is_that_of_all(runs: list[list[int]]) -> None:
    """With many equal values, empty runs, and none at all."""
    whole = [*chain(*runs)]

    assert median_of(runs) == (median(whole) if whole else None)


@given(days)
def test_multiples_and_sums_are_those_of_all(some: list[list[Decimal]]) -> None:
    """However they are cut."""
    whole = [*chain(*some)]
    with localcontext(EXACT):
        assert r_multiples(map(multiples_of, some)) == r_multiples(
            [multiples_of(whole)]
        )
        kinds = [[(x, WIN if x > 0 else LOSS) for x in steps] for steps in some]
        assert added([sums_of(each) for each in kinds]) == sums_of(chain(*kinds))
