"""Passkeys, one-time passwords, recovery codes, identities of outside providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b604'
down_revision = 'a1f0d2c4b603'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('totps',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_totps_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_totps'))
    )
    op.create_table('recovery_codes',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'code_hash', name=op.f('pk_recovery_codes'))
    )
    op.create_table('passkeys',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('transports', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('is_synced', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('sign_count >= 0', name=op.f('ck_passkeys_sign_count_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_passkeys_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkeys_credential_id'))
    )
    op.create_index(op.f('ix_passkeys_user_id'), 'passkeys', ['user_id'], unique=False)
    op.create_table('identities',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('issuer', sa.String(collation='C'), nullable=False),
    sa.Column('subject', sa.String(collation='C'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_identities_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identities')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_identities_issuer_subject')),
    sa.UniqueConstraint('user_id', 'provider', name=op.f('uq_identities_user_id_provider'))
    )
    op.create_table('sign_in_tickets',
    sa.Column('ticket_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('password_digest', sa.LargeBinary(), nullable=False),
    sa.Column('amr', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sign_in_tickets_user_id')),
    sa.PrimaryKeyConstraint('ticket_hash', name=op.f('pk_sign_in_tickets'))
    )
    op.create_index(op.f('ix_sign_in_tickets_expires_at'), 'sign_in_tickets', ['expires_at'], unique=False)
    op.create_index(op.f('ix_sign_in_tickets_user_id'), 'sign_in_tickets', ['user_id'], unique=False)


def downgrade() -> None:
    op.drop_table('sign_in_tickets')
    op.drop_table('identities')
    op.drop_table('passkeys')
    op.drop_table('recovery_codes')
    op.drop_table('totps')
