"""Delta and Iceberg: tables whose own log lists their files."""
