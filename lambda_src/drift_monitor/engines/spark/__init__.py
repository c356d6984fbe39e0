"""The Spark engine, for tables beyond one machine: docs/spark.md."""
