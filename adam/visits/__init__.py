"""Analysis visits by windows of days."""
