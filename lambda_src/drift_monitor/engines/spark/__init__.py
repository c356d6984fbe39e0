"""The same scores on Spark, for tables beyond one machine: docs/spark.md."""
