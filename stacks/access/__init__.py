"""What a monitor's role has permission to read and write."""
