"""Applications of merchants, invitations of staff, customer groups."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b605'
down_revision = 'a1f0d2c4b604'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('merchants', sa.Column('status_reason', sa.Text(), nullable=True))
    op.add_column('merchants', sa.Column('status_changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False))
    op.add_column('merchants', sa.Column('payouts_held', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute("UPDATE merchants SET payouts_held = true WHERE status = 'SUSPENDED'")
    op.create_index('ix_merchants_name', 'merchants', ['name', 'id'], unique=False)
    op.create_index('ix_merchants_newest', 'merchants', ['created_at', 'id'], unique=False)
    op.create_table('merchant_texts',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('return_policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('shipping_policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('terms', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_merchant_texts_merchant_id')),
    sa.PrimaryKeyConstraint('merchant_id', name=op.f('pk_merchant_texts'))
    )
    op.create_table('merchant_records',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('legal_name', sa.Text(), nullable=False),
    sa.Column('registration_number', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('contact_email', sa.Text(), nullable=True),
    sa.Column('contact_phone', sa.Text(), nullable=True),
    sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f('ck_merchant_records_country_code')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_merchant_records_merchant_id')),
    sa.PrimaryKeyConstraint('merchant_id', name=op.f('pk_merchant_records'))
    )
    op.create_index('ix_merchant_records_contact_email', 'merchant_records', ['contact_email'], unique=False)
    op.add_column('memberships', sa.Column('joined_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False))
    op.create_index('ix_memberships_joined', 'memberships', ['merchant_id', 'joined_at', 'user_id'], unique=False)
    op.create_table('staff_invitations',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('is_owner', sa.Boolean(), nullable=False),
    sa.Column('permissions', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('invited_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.Uuid(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_staff_invitations_email_lower_case')),
    sa.CheckConstraint('email IS NOT NULL OR accepted_at IS NOT NULL OR revoked_at IS NOT NULL', name=op.f('ck_staff_invitations_open_has_email')),
    sa.ForeignKeyConstraint(['accepted_by'], ['users.id'], name=op.f('fk_staff_invitations_accepted_by')),
    sa.ForeignKeyConstraint(['invited_by'], ['users.id'], name=op.f('fk_staff_invitations_invited_by')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_staff_invitations_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_invitations'))
    )
    op.create_index(op.f('ix_staff_invitations_accepted_by'), 'staff_invitations', ['accepted_by'], unique=False)
    op.create_index(op.f('ix_staff_invitations_invited_by'), 'staff_invitations', ['invited_by'], unique=False)
    op.create_index('ix_staff_invitations_merchant', 'staff_invitations', ['merchant_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_staff_invitations_newest', 'staff_invitations', ['created_at', 'id'], unique=False)
    op.create_index('uq_staff_invitations_open', 'staff_invitations', ['email', 'merchant_id'], unique=True, postgresql_where=sa.text('accepted_at IS NULL AND revoked_at IS NULL'))
    op.create_table('customer_groups',
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('name', sa.String(collation='C'), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_customer_groups_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer_groups')),
    sa.UniqueConstraint('merchant_id', 'name', name=op.f('uq_customer_groups_merchant_id_name'), postgresql_nulls_not_distinct=True)
    )
    op.create_index('ix_customer_groups_name', 'customer_groups', ['name', 'id'], unique=False)
    op.create_table('customer_group_members',
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['customer_groups.id'], name=op.f('fk_customer_group_members_group_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_customer_group_members_user_id')),
    sa.PrimaryKeyConstraint('group_id', 'user_id', name=op.f('pk_customer_group_members'))
    )
    op.create_index(op.f('ix_customer_group_members_user_id'), 'customer_group_members', ['user_id'], unique=False)
    op.create_index('ix_users_newest', 'users', ['created_at', 'id'], unique=False)
    op.create_index('ix_users_platform_staff', 'users', ['created_at', 'id'], unique=False, postgresql_where=sa.text('cardinality(platform_permissions) > 0'))
    for name in ('first_name', 'last_name'):
        op.create_index(f'ix_users_{name}', 'users', [sa.literal_column(f'lower({name})').label('folded')], unique=False, postgresql_ops={'folded': 'text_pattern_ops'})


def downgrade() -> None:
    for name in ('ix_users_last_name', 'ix_users_first_name', 'ix_users_platform_staff', 'ix_users_newest'):
        op.drop_index(name, table_name='users')
    op.drop_table('customer_group_members')
    op.drop_table('customer_groups')
    op.drop_table('staff_invitations')
    op.drop_index('ix_memberships_joined', table_name='memberships')
    op.drop_column('memberships', 'joined_at')
    op.drop_table('merchant_records')
    op.drop_table('merchant_texts')
    op.drop_index('ix_merchants_newest', table_name='merchants')
    op.drop_index('ix_merchants_name', table_name='merchants')
    for name in ('payouts_held', 'status_changed_at', 'status_reason'):
        op.drop_column('merchants', name)
