"""``resend``: a trade in the journal is replaced by what the host has now."""

import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import click

from argo_tradervue_plugin.cli.looking import settings_from
from argo_tradervue_plugin.cli.options import config, patience
from argo_tradervue_plugin.cli.reconciling import opened
from argo_tradervue_plugin.delivery.survey import Standing, Survey
from argo_tradervue_plugin.errors import one_line
from argo_tradervue_plugin.matching.belongings import Belongings
from argo_tradervue_plugin.model.executions import Execution
from argo_tradervue_plugin.model.reasons import next_step, reason, sentence
from argo_tradervue_plugin.services.integration import TradervueIntegration

__all__ = ["resend"]

LOOK: Final = 0.1  # seconds between two looks at how far the forwarder is
LOST: Final = "attachments, the shared address and the journal's id are lost"
QUOTA: Final = "Each trade that is sent again costs one of a plan with a monthly quota."
GOES_ON: Final = "it goes on with the process that forwards, or at the next start"
INTERRUPTED: Final = 130


@click.command()
@config
@click.argument("trades", metavar="TRADE...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask before anything is deleted.")
@click.option(
    "--drop-comments",
    is_flag=True,
    help="Also trades with comments, which cannot be moved; the saved file has them.",
)
@patience
def resend(
    *,
    config: Path | None,
    trades: tuple[str, ...],
    yes: bool,
    drop_comments: bool,
    patience: float,
) -> None:
    """
    Replace trades in the journal by what the host has now.

    Each is saved in a file, deleted, and sent again, and what people wrote on it moves
    along. The process that forwards carries it out, also when this command has ended.

    Exit code 0 when the journal has all of them as the host has them, 1 when one was
    refused, or is pending, or waits for a person.
    """
    asked: list[str] = []
    try:
        with opened(settings_from(config)) as integration:
            ids = list(identified(integration, trades))
            asked += [i for i in ids if integration.resends.is_open(i)]
            some = [i for i in ids if i not in asked]
            found = list(surveyed(integration, some, drops_comments=drop_comments))
            wanted = [one for one in found if one.refusal is None]
            for one in wanted:
                for line in shown(one):
                    click.echo(line)
            if wanted:
                click.echo(QUOTA)
            if wanted and not yes and not click.confirm("Delete and send again?"):
                click.echo("nothing was changed")
                raise SystemExit(1)
            for one in wanted:
                save_and_ask(integration, one, drops_comments=drop_comments)
                asked.append(one.trade_id)
            is_done = wait(integration, asked, patience)
    except (KeyboardInterrupt, click.Abort) as error:
        is_end_of_input = isinstance(error.__context__, EOFError)
        if isinstance(error, click.Abort) and is_end_of_input:
            raise  # there is no one to answer
        for trade_id in asked:
            click.echo(f"{short(trade_id)}: {GOES_ON}", err=True)
        raise SystemExit(INTERRUPTED) from None
    raise SystemExit(0 if is_done and len(wanted) == len(found) else 1)


def identified(
    integration: TradervueIntegration, trades: Iterable[str]
) -> Iterator[str]:
    """Yield the outbox's id of each trade that a person names."""
    for given in dict.fromkeys(trades):
        ids = integration.resends.trades_of(given)
        yield given if len(ids) != 1 else ids[0]


def surveyed(
    integration: TradervueIntegration, trades: Iterable[str], *, drops_comments: bool
) -> Iterator[Survey]:
    """Look at each of *trades*, and say why one is refused."""
    for trade_id in trades:
        several = integration.resends.trades_of(trade_id)
        if len(several) > 1:
            refusal = reason("several", ", ".join(several))
            one = Survey(trade_id=trade_id, refusal=refusal)
        else:
            one = integration.resends.survey(trade_id, drops_comments=drops_comments)
        if one.refusal is None and not one.standing:
            one = Survey(trade_id=one.trade_id, refusal=reason("gone_from_journal"))
        if one.refusal is not None:
            click.echo(f"{short(one.trade_id)}: refused: {said(one.refusal)}", err=True)
        yield one


def save_and_ask(
    integration: TradervueIntegration, one: Survey, *, drops_comments: bool
) -> None:
    """Save what is to be deleted, and ask for it."""
    ids = ids_of(one.standing)
    file = integration.resends.save(one.trade_id, ids)
    click.echo(f"{short(one.trade_id)}: saved in {file}")
    integration.resends.ask(one.trade_id, ids, drops_comments=drops_comments)


def shown(one: Survey) -> Iterator[str]:
    """Yield in lines what is deleted, sent, moved along, and lost."""
    yield f"{short(one.trade_id)}:"
    for each in one.standing:
        trade = each.trade
        yield (
            f"  deletes  journal trade {trade.id}: {trade.symbol} {trade.side}, "
            f"{len(each.fills)} executions"
        )
        for fill in each.fills:
            said_of_it = fill_in_words(fill.quantity, fill.price)
            yield f"           {said_of_it}, {fill.executed_at}"
    for execution in one.plan.executions:
        yield f"  sends    {in_words(execution)}"
    if not one.plan.executions:
        yield f"  sends    nothing: {sentence(one.plan.skipped)}"
    yield f"  moves    {belongings_in_words(one.people_made)}"
    comments = sum(each.trade.comment_count for each in one.standing)
    yield "  loses    " + (f"{comments} comments, " if comments else "") + LOST


def in_words(execution: Execution) -> str:
    """Return an execution for a person."""
    fill = fill_in_words(execution.quantity, execution.price)
    return f"{execution.kind} {fill}, {execution.executed_at}"


def fill_in_words(quantity: Decimal, price: Decimal) -> str:
    """Return what was bought or sold for a person."""
    return f"{'buy' if quantity > 0 else 'sell'} {abs(quantity):f} at {price:f}"


def belongings_in_words(made: Belongings) -> str:
    """Return for a person what moves along."""
    parts = ["the notes outside our block"] if made.notes else []
    parts += [f"the tags {', '.join(made.tags)}"] if made.tags else []
    if made.has_risk:
        risk = "none" if made.risk is None else f"{made.risk:f}"
        parts.append(f"the initial risk: {risk}")
    parts += ["that it is shared"] if made.shared else []
    return one_line("; ".join(parts) or "nothing: no person has changed it")


def wait(
    integration: TradervueIntegration, trades: Iterable[str], patience: float
) -> bool:
    """Wait until the forwarder is through with *trades*; return whether all is done."""
    waiting, is_done = list(trades), True
    seen: dict[str, str] = {}
    deadline = time.monotonic() + patience
    integration.worker.wake()  # carries it out itself, where no process forwards
    while waiting:
        for trade_id in tuple(waiting):
            now = integration.resends.progress(trade_id)
            if now.is_over:
                waiting.remove(trade_id)
                is_done = is_done and now.is_done
                why = f": {said(now.reason)}" if now.reason else ""
                click.echo(f"{short(trade_id)}: {now.step}{why}")
            elif seen.get(trade_id) != now.step:
                seen[trade_id] = now.step
                deadline = time.monotonic() + patience
                click.echo(f"{short(trade_id)}: {now.step}")
        if time.monotonic() >= deadline or integration.worker.is_stuck:
            break
        time.sleep(LOOK)
    trouble = integration.trouble()
    for trade_id in waiting:
        stored = integration.resends.progress(trade_id).reason
        why = sentence(stored) or trouble or "another process forwards"
        click.echo(f"{short(trade_id)}: pending: {why}; {GOES_ON}", err=True)
    return is_done and not waiting


def said(stored: str | None) -> str:
    """Return a stored reason with what helps."""
    step = next_step(stored)
    return f"{sentence(stored)}" + (f" ({step})" if step else "")


def short(trade_id: str) -> str:
    """Return an id as a person is shown it."""
    return one_line(trade_id, 80)


def ids_of(standing: Iterable[Standing]) -> list[int]:
    """Return the ids of journal trades."""
    return [each.trade.id for each in standing]
