"""How Alembic runs the steps: on the connection, and inside the transaction, of `colorlab.store.migrate`."""

from alembic import context

from colorlab.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by rebuilding its table
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
