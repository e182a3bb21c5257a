"""A module of the host that fetches the integration while it is imported."""

from tests.published.integrations import get_tradervue_integration

__all__ = ["tradervue"]

tradervue = get_tradervue_integration()
