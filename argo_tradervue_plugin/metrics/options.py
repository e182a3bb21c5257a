"""What the metrics cannot know by themselves."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import attrs

from .arithmetic import ROUNDED, ZERO, known, quotient

__all__ = ["DEFAULTS", "MetricsOptions"]


def _decimal(allows: Callable[[Decimal], bool], allowed: str) -> Callable[..., None]:
    """Return a validator that wants a sensible decimal which *allows* is true of."""

    def check(_: object, field: Any, value: object) -> None:
        if not isinstance(value, Decimal) or known(value) is None or not allows(value):
            raise ValueError(f"{field.name} is {value!r}, but must be {allowed}")

    return check


def _one_or_more(_: object, field: Any, value: int) -> None:
    """Refuse what is no number of days."""
    if value < 1:
        raise ValueError(f"{field.name} is {value!r}, but must be 1 or more")


POSITIVE: Final = attrs.validators.optional(
    _decimal(lambda value: value > 0, "a decimal above 0")
)


@attrs.frozen(kw_only=True)
class MetricsOptions:
    """
    What the metrics cannot know by themselves.

    *equity_base* is the account's size in dollars when the period began; without it
    there is no drawdown in percent. *fixed_capital* is the sum in dollars that the
    daily results are returns on. It is the same every day, so that it falls out of
    Sharpe, Sortino and the K-ratios, which therefore need neither it nor an equity
    base, as long as *risk_free_rate* is 0. That is a fraction a year (0.04 is 4 %), and
    what it earns in a day is taken from each day's return; the equity base stands in
    for a fixed capital that is not given.

    *scratch_tolerance*, in dollars, is the most that a scratch made or lost.
    *annual_days* is the number of trading days in a year. *fewest_days* is how many
    days with a result Sharpe and Sortino need to be more than noise.

    Raises:
        ValueError: naming the option, its value and what is allowed.
    """

    equity_base: Decimal | None = attrs.field(default=None, validator=POSITIVE)
    fixed_capital: Decimal | None = attrs.field(default=None, validator=POSITIVE)
    scratch_tolerance: Decimal = attrs.field(
        default=ZERO,
        validator=_decimal(lambda value: value >= 0, "a decimal, 0 or more"),
    )
    annual_days: int = attrs.field(default=252, validator=_one_or_more)
    fewest_days: int = attrs.field(default=20, validator=_one_or_more)
    risk_free_rate: Decimal = attrs.field(
        default=ZERO, validator=_decimal(lambda value: value > -1, "a decimal above -1")
    )

    def __attrs_post_init__(self) -> None:
        """Refuse a rate on nothing."""
        capital = self.fixed_capital or self.equity_base
        if self.risk_free_rate and capital is None:
            raise ValueError(
                f"risk_free_rate is {self.risk_free_rate!r}, but must be 0 as long as "
                f"neither fixed_capital nor equity_base is given"
            )

    @property
    def free_dollars_a_day(self) -> Decimal:
        """
        Return what the capital would have earned in a trading day without risk.

        Dollars: capital * ((1 + rate) ** (1 / annual_days) - 1), 28 significant digits.
        """
        capital = self.fixed_capital or self.equity_base
        if not self.risk_free_rate or capital is None:
            return ZERO
        a_year = ROUNDED.ln(1 + self.risk_free_rate)
        return capital * (ROUNDED.exp(quotient(a_year, self.annual_days)) - 1)


DEFAULTS: Final = MetricsOptions()
