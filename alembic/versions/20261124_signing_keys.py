"""Signing keys, and app tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b601'
down_revision = 'c90a93dfbf15'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('signing_keys',
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('private_key', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("(status = 'RETIRED') = (ends_at IS NOT NULL)", name=op.f('ck_signing_keys_retired_ends')),
    sa.CheckConstraint("status IN ('NEXT', 'CURRENT', 'RETIRED')", name=op.f('ck_signing_keys_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_keys'))
    )
    op.create_index('uq_signing_keys_in_use', 'signing_keys', ['status'], unique=True, postgresql_where=sa.text("status <> 'RETIRED'"))
    op.create_table('app_tokens',
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('creator_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('permissions', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('cardinality(permissions) > 0', name=op.f('ck_app_tokens_permits_something')),
    sa.CheckConstraint('length(name) BETWEEN 1 AND 100', name=op.f('ck_app_tokens_name_length')),
    sa.ForeignKeyConstraint(['creator_id'], ['users.id'], name=op.f('fk_app_tokens_creator_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_app_tokens_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_app_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_app_tokens_token_hash'))
    )
    op.create_index(op.f('ix_app_tokens_creator_id'), 'app_tokens', ['creator_id'], unique=False)
    op.create_index('ix_app_tokens_merchant', 'app_tokens', ['merchant_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_app_tokens_newest', 'app_tokens', ['created_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('app_tokens')
    op.drop_table('signing_keys')
