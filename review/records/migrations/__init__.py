"""The schema's history. Each revision is frozen; a new table or column is a new revision."""
