"""
The durable record of what must reach the journal, and how far each part got.

:mod:`.store` is what others use, :mod:`.records` what it holds.
"""
