"""Host and journal side by side: compared, repaired, accepted."""
