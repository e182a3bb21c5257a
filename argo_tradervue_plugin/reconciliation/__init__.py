"""Host and journal side by side: compared, repaired, accepted."""

from argo_tradervue_plugin.reconciliation.reconciler import Reconciler, Repair

__all__ = ["Reconciler", "Repair"]
