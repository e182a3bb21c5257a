"""Both sides as they stand, and which host trade stands where in the journal."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs

from argo_tradervue_plugin.config.settings import Settings
from argo_tradervue_plugin.delivery.basic import TAG
from argo_tradervue_plugin.delivery.grouping import JOINED
from argo_tradervue_plugin.errors import NotFound
from argo_tradervue_plugin.matching import notes
from argo_tradervue_plugin.matching.compare import Bare
from argo_tradervue_plugin.matching.host_notes import is_of_host, may_be_of_host
from argo_tradervue_plugin.matching.host_trades import HostTrade
from argo_tradervue_plugin.matching.locate import (
    Expected,
    Found,
    Pool,
    in_executions,
    in_list,
    worth_reading,
)
from argo_tradervue_plugin.model.executions import Execution, Key, Kind
from argo_tradervue_plugin.model.journal import (
    JournalExecution,
    JournalTrade,
    TradeFilter,
)
from argo_tradervue_plugin.outbox.store import Outbox
from argo_tradervue_plugin.planning.slots import slot_of
from argo_tradervue_plugin.services.reconciliation.host_side import (
    HostRecord,
    HostSide,
    first_day,
)

if TYPE_CHECKING:
    from argo_tradervue_plugin.tradervue.client import TradervueClient

__all__ = [
    "DELETED",
    "Reading",
    "Survey",
    "Surveyor",
    "has_our_tag",
    "ids_of",
]

DELETED: Final = "deleted"  # read back once, and no longer in the journal
MOST_READ: Final = 200  # journal trades that are asked for one by one
CUT: Final = "..."  # how an excerpt ends that is not all of the notes
FIRST: Final = (Kind.ENTRY, 1)  # the execution by which a trade is linked


@attrs.frozen(kw_only=True)
class Survey:
    """
    Both sides as they stand, and which host trade stands where.

    *links* leads from a host trade to its journal trade, *rows* are the journal's by
    id, *fills* the executions of those in which a trade is not plain. *found* are
    executions that stand elsewhere than the outbox knows, or of which it does not know;
    *unusable* are host trades that make no sense, with the reason. *accepted* are
    journal trades of no host trade that a person has accepted. *bare* says whose the
    journal trades without executions are, *beyond* are those of trades of ours of which
    the outbox knows but where they are.
    """

    records: Mapping[str, HostRecord]
    host: list[HostTrade]
    rows: Mapping[int, JournalTrade]
    links: Mapping[str, int]
    fills: Mapping[int, Sequence[JournalExecution]]
    found: list[Found]
    unusable: list[tuple[str, str]]
    accepted: frozenset[int]
    bare: Bare
    beyond: frozenset[int]

    @cached_property
    def split_off(self) -> Mapping[str, set[int]]:
        """Return in which other journal trades parts of host trades are."""
        return {
            one.trade_id: {journal_id for _, journal_id in one.elsewhere}
            for one in self.host
            if one.elsewhere
        }


class Reading:
    """The executions of journal trades, each of them asked for once."""

    def __init__(self, client: "TradervueClient") -> None:
        self._client = client
        self._read: dict[int, tuple[JournalExecution, ...]] = {}

    def __call__(
        self, journal_ids: Iterable[int]
    ) -> dict[int, tuple[JournalExecution, ...]]:
        """Return the executions of those of these trades that are still there."""
        wanted = list(dict.fromkeys(journal_ids))
        for journal_id in wanted:
            if journal_id not in self._read:
                with suppress(NotFound):
                    self._read[journal_id] = tuple(self._client.executions(journal_id))
        return {i: self._read[i] for i in wanted if i in self._read}


class Surveyor:
    """Reads both sides, and changes neither; see :class:`~.reconciler.Reconciler`."""

    def __init__(
        self,
        outbox: Outbox,
        settings: Settings,
        client: Callable[[], "TradervueClient"],
        recent: Callable[[int], Iterable[object] | None],
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._client = client
        self._host = HostSide(outbox, settings, recent)

    def survey(self, days: int, trades: Iterable[object] | None) -> Survey:
        """Read both sides, and look for what is not where it should be."""
        since = first_day(days)
        records = self._host.records(days, trades)
        host, unusable = self._host.expected(records, since)
        listed = self._client().list_trades(TradeFilter(start=since))
        rows = {row.id: row for row in listed}
        kept = {one.trade_id: self._outbox.trade(one.trade_id) for one in host}
        host = [
            attrs.evolve(one, account_tag=row.account_tag)
            if (row := kept[one.trade_id]) is not None
            else one
            for one in host
        ]
        known = {i: k.journal_id for i, k in kept.items() if k and k.journal_id}
        self._look_beyond(set(known.values()) - rows.keys(), rows)
        reading = Reading(self._client())
        netted = self._netted(host)
        links = {i: j for i, j in known.items() if j in rows}
        unsure = incomplete(host, links, rows, {one.trade_id for one in netted})
        found = self._search(
            host, {i: j for i, j in links.items() if i not in unsure}, rows, reading
        )
        placed = {f.key: f.journal_id for f in found}
        links = {i: j for i, j in links.items() if unsure.get(i, 1) == 1} | {
            i: j for (i, kind, part), j in placed.items() if (kind, part) == FIRST
        }
        places = self._places(netted, links, rows, reading)
        gone = known.keys() - links.keys()
        return Survey(
            records=records,
            host=[
                attrs.evolve(
                    one,
                    state=DELETED if one.trade_id in gone else one.state,
                    places=places.get(one.trade_id, frozenset()),
                    elsewhere=()
                    if one.trade_id in places
                    else elsewhere(one, links.get(one.trade_id), placed),
                )
                for one in host
            ],
            rows=rows,
            links=links,
            fills=reading(
                links[one.trade_id]
                for one in host
                if not one.is_plain and one.trade_id in links
            ),
            found=self._news(found),
            unusable=unusable,
            accepted=frozenset(),
            bare=self._bare(rows.values()),
            beyond=self._beyond(host, rows.values()),
        )

    def _news(self, found: Sequence[Found]) -> list[Found]:
        """Return what of *found* the outbox does not know to be there."""
        rows = self._outbox.of_trades(ids_of(found))
        known = {row.key: row.journal_id for some in rows.values() for row in some}
        return [each for each in found if known.get(each.key) != each.journal_id]

    def _bare(self, rows: Iterable[JournalTrade]) -> Bare:
        """Return whose the journal trades without executions are."""
        bare = [row for row in rows if not row.exec_count]
        ours = {row.id for row in bare if is_basic_of_ours(row, self._settings)}
        begun = [
            row
            for row in bare
            if row.id not in ours and may_be_of_host(row.notes_excerpt)
        ]
        of_host = {row.id for row in begun if is_of_host(row.notes_excerpt)}
        cut = [row.id for row in begun if row.notes_excerpt.endswith(CUT)]
        for journal_id in cut[:MOST_READ]:
            with suppress(NotFound):
                if is_of_host(self._client().trade(journal_id).notes):
                    of_host.add(journal_id)
        return Bare(ours=ours, of_host=of_host)

    def _beyond(
        self, host: Iterable[HostTrade], rows: Iterable[JournalTrade]
    ) -> frozenset[int]:
        """
        Return the journal trades of trades of ours that are not on the host's side.

        The outbox knows where they are, and no more: they were finished long ago, or
        recorded since the host's side was read.
        """
        here = {one.trade_id for one in host}
        ours = [row.id for row in rows if has_our_tag(row, self._settings)]
        claimed = self._outbox.claimed(ours)
        return frozenset(i for i, trades in claimed.items() if not trades & here)

    def _claimed_by_others(
        self, host: Iterable[HostTrade], journal_ids: Iterable[int]
    ) -> dict[int, int]:
        """Return how many trades that are not on the host's side are in which one."""
        here = {one.trade_id for one in host}
        claimed = self._outbox.claimed(journal_ids)
        return {i: len(trades - here) for i, trades in claimed.items() if trades - here}

    def _look_beyond(
        self, journal_ids: Iterable[int], rows: dict[int, JournalTrade]
    ) -> None:
        """
        Add trades that no list of these days shows, as far as they are still there.

        Somebody may have merged a trade into one that was opened before.
        """
        client = self._client()
        for journal_id in sorted(journal_ids)[:MOST_READ]:
            with suppress(NotFound):
                rows[journal_id] = client.trade(journal_id)

    def _search(
        self,
        host: Iterable[HostTrade],
        links: Mapping[str, int],
        rows: Mapping[int, JournalTrade],
        reading: Reading,
    ) -> list[Found]:
        """
        Look for what stands nowhere, and for what stands better elsewhere.

        Somebody may have merged, split or entered trades by hand: the executions tell.
        """
        inside: defaultdict[int, list[Execution]] = defaultdict(list)
        sought: dict[str, Expected] = {}
        for one in host:
            expected = one.expected
            journal_id = links.get(one.trade_id)
            if journal_id is None or not in_list([expected], [rows[journal_id]]):
                sought[one.trade_id] = expected
            if journal_id is not None:
                inside[journal_id] += expected.executions
        if not sought:
            return []
        others = self._claimed_by_others(host, rows)
        free = [r for r in rows.values() if r.id not in inside and r.id not in others]
        found: list[Found] = []
        for is_ours in (True, False):
            lost = [w for w in sought.values() if w.trade_id not in ids_of(found)]
            some = [row for row in free if has_our_tag(row, self._settings) is is_ours]
            found += in_list(lost, some)
        for each in found:
            executions = sought[each.trade_id].executions
            inside[each.journal_id] += [e for e in executions if e.kind is each.kind]
        done = {each.key for each in found}
        missing = [
            execution
            for want in sought.values()
            if want.trade_id not in links
            for execution in want.executions
            if execution.key not in done
        ]
        # Of what was finished, an entry and an exit stand there at least.
        roomy = [
            r
            for r in rows.values()
            if r.exec_count > len(inside[r.id]) + 2 * others.get(r.id, 0)
        ]
        read = reading(worth_reading(missing, roomy)[:MOST_READ])
        taken = [(i, execution) for i in read for execution in inside[i]]
        ours = {i for i in read if has_our_tag(rows[i], self._settings)}
        return found + in_executions(missing, read, taken, ours)

    def _netted(self, host: Sequence[HostTrade]) -> list[HostTrade]:
        """Return the trades of which it does not matter how the journal groups them."""
        if not self._settings.account_tags:
            return list(host)
        if not self._settings.opposite_closes:
            return []
        pairs = {one.trade_id for one in host if one.closers}
        pairs |= {e.trade_id for one in host for e in one.executions if e.closes}
        return [one for one in host if one.trade_id in pairs]

    def _places(
        self,
        netted: Sequence[HostTrade],
        links: Mapping[str, int],
        rows: Mapping[int, JournalTrade],
        reading: Reading,
    ) -> dict[str, frozenset[int]]:
        """
        Return where the trades stand of which every execution stands exactly once.

        For a journal that groups them as it likes. What a list proves alone is left
        out, and so is what shares a journal trade with executions that are not ours.
        """
        apart = [
            one
            for one in netted
            if one.trade_id not in links
            or not in_list([one.expected], [rows[links[one.trade_id]]])
        ]
        if not apart:
            return {}
        by_trade = self._outbox.all_of_trades(one.trade_id for one in apart)
        near = {links[one.trade_id] for one in apart if one.trade_id in links}
        near |= {
            r.journal_id for some in by_trade.values() for r in some if r.journal_id
        }
        missing = [e for one in apart for e in one.executions]
        near |= {
            i
            for i in worth_reading(missing, rows.values())
            if has_our_tag(rows[i], self._settings)
        }
        read = reading(sorted(near & rows.keys()))
        pool = Pool()
        for journal_id, fills in read.items():
            pool.add(journal_id, fills)
        ids = {one.trade_id for one in apart}
        claimed = self._outbox.claimed(read)
        others = {i for some in claimed.values() for i in some if i not in ids}
        for known in self._outbox.of_trades(sorted(others)).values():
            for row in known:
                if row.execution is not None and row.journal_id in read:
                    pool.take(row.execution)
        stands = {
            one.trade_id: [pool.take_from(e) for e in one.executions] for one in apart
        }
        foreign = pool.left_in()
        return {
            trade_id: frozenset[int]().union(*parts)
            for trade_id, parts in stands.items()
            if all(parts) and foreign.isdisjoint(frozenset[int]().union(*parts))
        }


def has_our_tag(row: JournalTrade, settings: Settings) -> bool:
    """Tell whether *row* has an account tag of ours."""
    return any(slot_of(settings.account_tag, tag) for tag in row.tags)


def is_basic_of_ours(row: JournalTrade, settings: Settings) -> bool:
    """Tell whether a journal trade without executions is one that we made."""
    is_named = bool(notes.trade_ids_in(row.notes_excerpt))
    return is_named or (TAG in row.tags and has_our_tag(row, settings))


def ids_of(found: Iterable[Found]) -> set[str]:
    """Return the host trades of which something was found."""
    return {each.trade_id for each in found}


def incomplete(
    host: Iterable[HostTrade],
    links: Mapping[str, int],
    rows: Mapping[int, JournalTrade],
    netted: Collection[str],
) -> dict[str, int]:
    """
    Return the host trades in journal trades that do not hold all of them any more.

    With each comes how many of them share its journal trade. What is under way is not
    looked for, nor what is netted alone. What was joined with others is looked for, as
    somebody may have put it right since.
    """
    inside: defaultdict[int, list[HostTrade]] = defaultdict(list)
    for one in host:
        if one.trade_id in links:
            inside[links[one.trade_id]].append(one)
    joined = {
        one.trade_id: 1
        for one in host
        if one.trade_id in links and any(o.code in JOINED for o in one.outcomes)
    }
    return joined | {
        one.trade_id: len(here)
        for journal_id, here in inside.items()
        if sum(len(o.executions) for o in here) > rows[journal_id].exec_count
        for one in here
        if len(here) > 1 or not (one.state == "pending" or one.trade_id in netted)
    }


def elsewhere(
    one: HostTrade, journal_id: int | None, placed: Mapping[Key, int]
) -> tuple[tuple[Execution, int], ...]:
    """Return what of a trade another journal trade holds than the entry's."""
    return tuple(
        (execution, placed[execution.key])
        for execution in one.executions
        if journal_id is not None
        and placed.get(execution.key, journal_id) != journal_id
    )
