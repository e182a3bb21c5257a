"""Host and journal side by side: several executions a leg, and what is accepted."""
