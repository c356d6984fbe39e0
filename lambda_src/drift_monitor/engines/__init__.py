"""From a monitor to a scored run: in this process, or on Spark."""
