"""Delta and Iceberg: tables whose own log says what they are made of."""
