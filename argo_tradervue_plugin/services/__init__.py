"""What hosts, routes and commands call."""
