"""Alembic migrations of the tables; run by `Database.upgrade()`. They never import the tables' classes."""
