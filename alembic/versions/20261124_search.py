"""Search: the documents, what waits to be read anew, words, synonyms, rules, what was searched."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b607'
down_revision = 'a1f0d2c4b606'
branch_labels = None
depends_on = None

# Trigrams find words with typing errors; without them search does, with fewer corrections.
TRIGRAMS = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
EXCEPTION WHEN undefined_file OR feature_not_supported OR insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm is not to be had';
END $$
"""

# A search reads some thousand rows: what it reads of them is not to lie in another table.
IN_THE_ROW = """
ALTER TABLE search_documents
    ALTER COLUMN ranked SET STORAGE MAIN,
    ALTER COLUMN attributes SET STORAGE MAIN,
    ALTER COLUMN category_ids SET STORAGE MAIN
"""


def upgrade() -> None:
    op.execute(TRIGRAMS)
    op.execute(sa.schema.CreateSequence(sa.Sequence('search_versions')))
    op.create_table('search_changes',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('is_bulk', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_search_changes'))
    )
    op.create_index('ix_search_changes_since', 'search_changes', ['is_bulk', 'since'], unique=False)
    op.create_table('search_dead_letters',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_search_dead_letters'))
    )
    op.create_table('search_documents',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('product_type_id', sa.Uuid(), nullable=True),
    sa.Column('brand_id', sa.Uuid(), nullable=True),
    sa.Column('category_ids', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('attributes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('codes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('in_stock', sa.Boolean(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('units_sold', sa.BigInteger(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('terms', postgresql.TSVECTOR(), nullable=False),
    sa.Column('ranked', postgresql.TSVECTOR(), nullable=False),
    sa.Column('standing', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_search_documents'))
    )
    op.execute(IN_THE_ROW)
    op.create_index('ix_search_documents_terms', 'search_documents', ['terms'], unique=False, postgresql_using='gin')
    op.create_index('ix_search_documents_version', 'search_documents', ['version'], unique=False)
    op.create_table('search_pushes',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_search_pushes'))
    )
    op.create_index('ix_search_pushes_version', 'search_pushes', ['version'], unique=False)
    op.create_table('search_rules',
    sa.Column('query', sa.String(collation='C'), nullable=False),
    sa.Column('pinned', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('boosted', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('buried', sa.ARRAY(sa.Uuid()), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_rules')),
    sa.UniqueConstraint('query', name=op.f('uq_search_rules_query'))
    )
    op.create_table('search_vocabularies',
    sa.Column('synonyms', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('stop_words', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_vocabularies'))
    )
    op.create_table('search_words',
    sa.Column('word', sa.String(collation='C'), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_search_words'))
    )
    op.create_table('searched_queries',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('query', sa.String(collation='C'), nullable=False),
    sa.Column('searches', sa.BigInteger(), nullable=False),
    sa.Column('without_results', sa.BigInteger(), nullable=False),
    sa.Column('degraded', sa.BigInteger(), nullable=False),
    sa.Column('took_ms', sa.BigInteger(), nullable=False),
    sa.Column('last_total', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('searches > 0', name=op.f('ck_searched_queries_searches_positive')),
    sa.CheckConstraint('without_results <= searches', name=op.f('ck_searched_queries_without_results_bounded')),
    sa.CheckConstraint('without_results >= 0', name=op.f('ck_searched_queries_without_results_not_negative')),
    sa.PrimaryKeyConstraint('day', 'language', 'query', name=op.f('pk_searched_queries'))
    )
    op.create_index('ix_searched_queries_query', 'searched_queries', ['query', 'day'], unique=False)
    op.create_table('shopper_events',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=True),
    sa.Column('query', sa.String(collation='C'), nullable=True),
    sa.Column('rank', sa.Integer(), nullable=True),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('VIEW', 'SEARCH', 'CLICK')", name=op.f('ck_shopper_events_kind_known')),
    sa.CheckConstraint('rank > 0', name=op.f('ck_shopper_events_rank_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shopper_events'))
    )
    op.create_index('ix_shopper_events_query', 'shopper_events', ['query', 'received_at'], unique=False)
    op.create_index('ix_shopper_events_received', 'shopper_events', ['received_at', 'id'], unique=False)
    op.create_index(
        'ix_order_lines_product', 'order_lines', ['product_id'], unique=False,
        postgresql_include=['order_id', 'quantity'],
    )
    # What is there already is to be found as well; the events that led to it need not be read.
    op.execute("INSERT INTO search_changes (product_id, is_bulk) SELECT id, true FROM products")
    op.execute(
        "INSERT INTO outbox_cursors (consumer, position) "
        "SELECT 'search', coalesce(max(position), 0) FROM outbox"
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox_cursors WHERE consumer = 'search'")
    op.drop_index(
        'ix_order_lines_product', table_name='order_lines',
        postgresql_include=['order_id', 'quantity'],
    )
    op.drop_index('ix_shopper_events_received', table_name='shopper_events')
    op.drop_index('ix_shopper_events_query', table_name='shopper_events')
    op.drop_table('shopper_events')
    op.drop_index('ix_searched_queries_query', table_name='searched_queries')
    op.drop_table('searched_queries')
    op.drop_table('search_words')
    op.drop_table('search_vocabularies')
    op.drop_table('search_rules')
    op.drop_index('ix_search_pushes_version', table_name='search_pushes')
    op.drop_table('search_pushes')
    op.drop_index('ix_search_documents_version', table_name='search_documents')
    op.drop_index('ix_search_documents_terms', table_name='search_documents', postgresql_using='gin')
    op.drop_table('search_documents')
    op.drop_table('search_dead_letters')
    op.drop_index('ix_search_changes_since', table_name='search_changes')
    op.drop_table('search_changes')
    op.execute(sa.schema.DropSequence(sa.Sequence('search_versions')))
