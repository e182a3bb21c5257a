"""
The Tradervue API: its values, their wire format and the client.

Nothing is imported here, so that the pure rooms can use the values in
:mod:`~argo_tradervue_plugin.model.journal` without loading httpx.
"""
