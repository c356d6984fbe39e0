"""What a monitor's role may read and write."""
