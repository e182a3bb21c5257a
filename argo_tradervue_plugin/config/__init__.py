"""What the host configures: settings, login, and where outbox and spool are."""
