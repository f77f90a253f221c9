"""Letters, one-time proofs, exports and erasure; devices of sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b603'
down_revision = 'a1f0d2c4b602'
branch_labels = None
depends_on = None

# A timeline is append-only, but what somebody said in it can be erased.
ERASABLE = """
CREATE FUNCTION refuse_all_but_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    erased order_events := OLD;
BEGIN
    erased.facts := OLD.facts - 'reason';
    IF TG_OP = 'UPDATE' AND NEW IS NOT DISTINCT FROM erased THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def _guard_timelines(function: str) -> None:
    op.execute('DROP TRIGGER order_events_append_only ON order_events')
    op.execute(
        'CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE ON order_events '
        f'FOR EACH ROW EXECUTE FUNCTION {function}()'
    )


def upgrade() -> None:
    op.add_column('users', sa.Column('erase_after', sa.DateTime(timezone=True), nullable=True))
    op.add_column('users', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_users_erase_after', 'users', ['erase_after'], unique=False, postgresql_where=sa.text('erase_after IS NOT NULL'))
    op.add_column('sessions', sa.Column('client_id', sa.Uuid(), nullable=True))
    op.add_column('sessions', sa.Column('scopes', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_column('sessions', sa.Column('device', sa.Text(), server_default='', nullable=False))
    op.add_column('sessions', sa.Column('address', sa.Text(), server_default='', nullable=False))
    op.add_column('sessions', sa.Column('auth_time', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False))
    op.add_column('sessions', sa.Column('amr', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.create_index(op.f('ix_sessions_client_id'), 'sessions', ['client_id'], unique=False)
    op.create_table('proofs',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_proofs_user_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_proofs'))
    )
    op.create_index(op.f('ix_proofs_expires_at'), 'proofs', ['expires_at'], unique=False)
    op.create_index(op.f('ix_proofs_user_id'), 'proofs', ['user_id'], unique=False)
    op.create_table('letters',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('attempts >= 0', name=op.f('ck_letters_attempts_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letters'))
    )
    op.create_index(op.f('ix_letters_due_at'), 'letters', ['due_at'], unique=False)
    op.create_index(op.f('ix_letters_recipient'), 'letters', ['recipient'], unique=False)
    op.create_index(op.f('ix_guests_joined_user_id'), 'guests', ['joined_user_id'], unique=False)
    op.create_index(op.f('ix_carts_owner_id'), 'carts', ['owner_id'], unique=False)
    op.create_index(op.f('ix_uploads_owner_id'), 'uploads', ['owner_id'], unique=False)
    op.execute(ERASABLE)
    _guard_timelines('refuse_all_but_erasing')


def downgrade() -> None:
    _guard_timelines('refuse_change')
    op.execute('DROP FUNCTION refuse_all_but_erasing()')
    for name, table in (('uploads_owner_id', 'uploads'), ('carts_owner_id', 'carts'), ('guests_joined_user_id', 'guests')):
        op.drop_index(f'ix_{name}', table_name=table)
    op.drop_table('letters')
    op.drop_table('proofs')
    op.drop_index(op.f('ix_sessions_client_id'), table_name='sessions')
    for name in ('amr', 'auth_time', 'address', 'device', 'scopes', 'client_id'):
        op.drop_column('sessions', name)
    op.drop_index('ix_users_erase_after', table_name='users')
    op.drop_column('users', 'erased_at')
    op.drop_column('users', 'erase_after')
