"""From what a host recorded to the executions that the journal must have; all pure."""
