"""The audit log: entries, erasable details, seals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b606'
down_revision = 'a1f0d2c4b605'
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_entries", "audit_batches", "audit_keys")

# A seal is completed once, by the sealer; details may be erased, but not be changed.
SEALED_ONCE = """
CREATE FUNCTION refuse_unsealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.position IS NULL AND NEW.position IS NOT NULL
            AND NEW.entry_id = OLD.entry_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'seals are never changed' USING ERRCODE = 'restrict_violation';
END $$
"""
NOT_EMPTIED = ("audit_entries", "audit_seals", "audit_batches", "audit_keys")


def upgrade() -> None:
    op.create_table('audit_entries',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('token_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.String(collation='C'), nullable=False),
    sa.Column('object_kind', sa.String(collation='C'), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=True),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=False),
    sa.Column('details_id', sa.Uuid(), nullable=True),
    sa.Column('details_hash', sa.LargeBinary(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("actor_kind IN ('ANONYMOUS', 'GUEST', 'USER', 'APP', 'SYSTEM')", name=op.f('ck_audit_entries_actor_kind_known')),
    sa.CheckConstraint('(details_id IS NULL) = (details_hash IS NULL)', name=op.f('ck_audit_entries_details_hashed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    op.create_index('ix_audit_entries_at', 'audit_entries', ['at', 'id'], unique=False)
    op.create_index('ix_audit_entries_action', 'audit_entries', ['action', 'at', 'id'], unique=False)
    for column in ('actor', 'object', 'merchant'):
        op.create_index(
            f'ix_audit_entries_{column}', 'audit_entries', [f'{column}_id', 'at', 'id'], unique=False,
            postgresql_where=sa.text(f'{column}_id IS NOT NULL'),
        )
    op.create_table('audit_details',
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_details'))
    )
    op.create_table('audit_seals',
    sa.Column('entry_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=True),
    sa.Column('hash', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint('(position IS NULL) = (hash IS NULL)', name=op.f('ck_audit_seals_sealed_whole')),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_audit_seals')),
    sa.UniqueConstraint('position', name=op.f('uq_audit_seals_position'))
    )
    op.create_index('ix_audit_seals_waiting', 'audit_seals', ['entry_id'], unique=False, postgresql_where=sa.text('position IS NULL'))
    op.create_table('audit_batches',
    sa.Column('last_position', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('first_position', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('signature', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('first_position > 0', name=op.f('ck_audit_batches_first_position_positive')),
    sa.CheckConstraint('last_position >= first_position', name=op.f('ck_audit_batches_not_empty')),
    sa.PrimaryKeyConstraint('last_position', name=op.f('pk_audit_batches')),
    sa.UniqueConstraint('first_position', name=op.f('uq_audit_batches_first_position'))
    )
    op.create_table('audit_keys',
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('private', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_keys'))
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE TRIGGER audit_details_unchanged BEFORE UPDATE ON audit_details "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(SEALED_ONCE)
    op.execute(
        "CREATE TRIGGER audit_seals_sealed_once BEFORE UPDATE OR DELETE ON audit_seals "
        "FOR EACH ROW EXECUTE FUNCTION refuse_unsealing()"
    )
    for table in NOT_EMPTIED:
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table('audit_keys')
    op.drop_table('audit_batches')
    op.drop_table('audit_seals')
    op.execute("DROP FUNCTION refuse_unsealing()")
    op.drop_table('audit_details')
    op.drop_table('audit_entries')
