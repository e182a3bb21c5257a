"""
What the journal should say, and whether it does: pure functions, no I/O.

Snapshots of host trades become executions, executions are compared with what
Tradervue shows, and notes are merged with what people wrote.
"""
