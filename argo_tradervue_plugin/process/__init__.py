"""What the host's process asks of a guest: forks, descriptors, log lines, waiting."""
