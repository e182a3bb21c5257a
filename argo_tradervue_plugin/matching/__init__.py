"""Whether the journal says what it should: search, notes, comparison; all pure."""
