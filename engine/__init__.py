"""Runs definitions and owns the database: use cases take a session and never commit."""
