"""
The way from the outbox to the journal, walked by one worker for each account.

:mod:`.planner` makes sense of events, :mod:`.importer` sends executions, :mod:`.linker`
reads them back, :mod:`.annotator` writes notes, :mod:`.basic` shows what was refused.
"""
