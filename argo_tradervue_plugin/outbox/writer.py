"""What a transaction of the outbox may change, subject by subject."""

from argo_tradervue_plugin.outbox.events import EventChanges
from argo_tradervue_plugin.outbox.imports import ImportChanges
from argo_tradervue_plugin.outbox.outcomes import OutcomeChanges
from argo_tradervue_plugin.outbox.resends import ResendChanges
from argo_tradervue_plugin.outbox.results import ResultChanges
from argo_tradervue_plugin.outbox.retention import RetentionChanges
from argo_tradervue_plugin.outbox.trades import TradeChanges

__all__ = ["Writer"]


class Writer(
    EventChanges,
    TradeChanges,
    ImportChanges,
    OutcomeChanges,
    ResendChanges,
    ResultChanges,
    RetentionChanges,
):
    """What changes inside one transaction, all of it or nothing."""
