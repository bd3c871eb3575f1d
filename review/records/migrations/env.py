"""Runs revisions on the connection that `review.records.schema` hands over."""

from alembic import context

from review.audit.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
with context.begin_transaction():
    context.run_migrations()
