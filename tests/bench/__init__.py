"""How fast it is, measured by `python -m tests.bench`; nothing here runs with the tests."""
