"""Host and journal side by side: compared, repaired, accepted."""

from argo_tradervue_plugin.services.reconciliation.reconciler import Reconciler, Repair

__all__ = ["Reconciler", "Repair"]
