"""
The durable record of what must reach the journal, and how far each part got.

:mod:`.interface` is the contract, the other modules keep it.
"""
