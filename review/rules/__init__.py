"""The regulation: pure Python, no web, no database, no current time."""
