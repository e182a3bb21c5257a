"""The host's package of integrations: one that cannot be imported is not there."""

try:
    from tests.published.integrations.tradervue_integration import (
        TradervueIntegration,
        get_tradervue_integration,
    )

    HAS_TRADERVUE = True
except ImportError:
    HAS_TRADERVUE = False

__all__ = ["HAS_TRADERVUE", "TradervueIntegration", "get_tradervue_integration"]
