"""What screens show: frozen rows read from the tables. Nothing here deserialises a run's state or changes anything."""
