"""The host's own module, which had an integration in it: two lines by the guide."""

from argo_tradervue_plugin import TradervueIntegration, get_tradervue_integration

__all__ = ["TradervueIntegration", "get_tradervue_integration"]
