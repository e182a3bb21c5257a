"""The values that all else speaks of: trades, records, executions, journal trades."""
