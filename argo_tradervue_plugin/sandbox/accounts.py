"""Who may log in, for whom they may act, and what is kept for each."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from typing import TypeVar

from .assumptions import Assumptions
from .booking import Order, Outcome, Terms, process
from .grouping import EXACT
from .imports import Slot
from .journal import Ids, Journal

T = TypeVar("T")

# With nobody configured, this login manages an organization; see `Accounts`.
DEFAULT_MANAGER = "manager"


@dataclass(eq=False)
class Account:
    """A user of Tradervue: login, plan and settings, journal, import slot."""

    id: int
    login: str
    journal: Journal
    password: str | None = None
    email: str = ""
    # Lower case; None: as assumed.
    plan: str | None = None
    billing_mode: str = "Tradervue CC"
    last_login: datetime | None = None
    # Whether it manages the organization and may act for its members.
    is_manager: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    trial_end: str | None = None
    slot: Slot = field(default_factory=Slot)
    # The journal as it was before each import that reads do not show yet, with the time
    # (monotonic seconds) when they do. The first is what they show until then.
    _former: list[tuple[float, Journal]] = field(default_factory=list)

    def terms(self, assumptions: Assumptions) -> Terms:
        """Return plan and settings as an import sees them."""
        settings = self.settings
        rates = {
            kind: Decimal(str(settings[f"commission_{kind}s"]))
            for kind in ("stock", "option", "future")
            if settings.get(f"commission_{kind}s")
        }
        mode = settings.get("merge_mode")
        return Terms(
            plan=self.plan or assumptions.plan,
            merge_mode=str(mode or assumptions.merge_mode),
            commissions=rates,
        )

    def settle(self, now: float, assumptions: Assumptions) -> None:
        """Let a running import come as far as it is at *now* (monotonic seconds)."""
        if self.slot.is_busy:
            # Delays count from the end of the import, however late somebody looks.
            at = min(now, self.slot.due_at)
            self.slot.settle(now, lambda order: self._process(order, at, assumptions))

    def advance(self, now: float, assumptions: Assumptions) -> None:
        """Let a running import go one step on by hand."""
        self.slot.advance(lambda order: self._process(order, now, assumptions))

    def seen_at(self, now: float) -> Journal:
        """Return the journal that reads show: for a while the one before an import."""
        while self._former and self._former[0][0] <= now:
            del self._former[0]
        return self._former[0][1] if self._former else self.journal

    def edit(self, now: float, change: Callable[[Journal], T]) -> T:
        """
        Do *change* to the journal, and to what reads show of it at *now*.

        A journal that reads still show may not have what is changed: it is left as it
        is. New ids are the same in each.

        Raises:
            KeyError, ValueError: as *change* does to the journal itself.
        """
        ids = self.journal.ids
        start = ids.mark()
        made = change(self.journal)
        end = ids.mark()
        self.seen_at(now)
        for _, former in self._former:
            ids.go_to(start)
            with suppress(KeyError, ValueError):
                change(former)
        ids.go_to(end)
        return made

    def _hide(self, at: float, assumptions: Assumptions) -> None:
        """Let reads show for a while the journal without the import that ends *at*."""
        if not assumptions.read_delay_seconds:
            return
        until = at + float(assumptions.read_delay_seconds)
        shown = self.seen_at(at)
        if assumptions.read_delay_form == "each_import" or shown is self.journal:
            self._former.append((until, deepcopy(self.journal)))
        else:
            # What an earlier import did is hidden as long, not shown too early.
            self._former = [(until, shown)]

    def _process(self, order: Order, at: float, assumptions: Assumptions) -> Outcome:
        self._hide(at, assumptions)
        with localcontext(EXACT):
            terms = self.terms(assumptions)
            outcome = process(self.journal, order, terms, assumptions)
        order.log.update(status=outcome.status, info=outcome.info())
        return outcome


class Accounts:
    """
    All accounts of a sandbox.

    With nobody configured any Basic login with a name is let in, each with an account
    of its own, and the login ``manager`` manages an organization that is empty but for
    itself. With users configured only they, their managers and members may log in. A
    member that a manager created logs in with the password it was given, always.
    """

    def __init__(
        self,
        users: Mapping[str, str | None] | None = None,
        managers: Mapping[str, str | None] | None = None,
        members: Mapping[str, str | None] | None = None,
    ) -> None:
        self._users = dict(users or {})
        self._managers = dict(managers or {})
        self._members = dict(members or {})
        self.reset()

    def reset(self) -> None:
        """Forget everything but who was configured."""
        self.ids = Ids()
        self._by_login: dict[str, Account] = {}
        self._organization: dict[int, Account] = {}
        for login, password in (*self._managers.items(), *self._members.items()):
            self.join(self._made(login, password))
        for login in self._managers:
            self._by_login[login].is_manager = True
        for login, password in self._users.items():
            self._made(login, password)

    @property
    def is_open(self) -> bool:
        """Whether any login is let in."""
        return not (self._users or self._managers or self._members)

    def log_in(self, login: str, password: str) -> Account | None:
        """Return the account of *login*, or None if the credentials are wrong."""
        account = self._by_login.get(login)
        if account is None:
            if not self.is_open or not login:
                return None
            account = self._made(login, None)
        if account.password is not None and account.password != password:
            return None
        return account

    def of(self, login: str) -> Account:
        """
        Return the account of *login*, made if anybody may log in.

        Raises:
            KeyError: if only those configured may, and *login* is none of them.
        """
        account = self._by_login.get(login)
        if account is None:
            if not self.is_open:
                raise KeyError(f"no user is called {login!r}")
            account = self._made(login, None)
        return account

    def members(self) -> list[Account]:
        """Return the members of the organization by id, its managers included."""
        return [self._organization[key] for key in sorted(self._organization)]

    def member(self, user_id: int) -> Account | None:
        """Return the member with *user_id*."""
        return self._organization.get(user_id)

    def join(self, account: Account) -> None:
        """Make *account* a member of the organization."""
        account.billing_mode = "Managed"
        self._organization[account.id] = account

    def create_member(self, login: str, password: str) -> Account:
        """Make a member. Its login must be free (see `is_taken`)."""
        account = self._made(login, password)
        self.join(account)
        return account

    def is_taken(self, login: str) -> bool:
        """Whether *login* has an account."""
        return login in self._by_login

    def rename(self, account: Account, login: str) -> None:
        """Give *account* another login, which must be free."""
        del self._by_login[account.login]
        account.login = login
        self._by_login[login] = account

    def __iter__(self) -> Iterator[Account]:
        """Yield every account."""
        return iter(list(self._by_login.values()))

    def _made(self, login: str, password: str | None) -> Account:
        account = Account(
            next(self.ids.users), login, Journal(self.ids), password=password
        )
        account.email = login if "@" in login else f"{login}@example.com"
        self._by_login[login] = account
        if self.is_open and login == DEFAULT_MANAGER:
            account.is_manager = True
            self.join(account)
        return account
