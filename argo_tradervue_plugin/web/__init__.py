"""
What Argo's users reach over HTTP, as data: no web framework is needed to read it.

:mod:`.routes` is the table, :mod:`.handlers` answers, :mod:`.answering` keeps what goes
wrong from the host, :mod:`.mounting` puts the table on an application.
"""
