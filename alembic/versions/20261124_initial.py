"""The whole shop: catalogue, inventory, carts, orders, payments, shipments, platform."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'c90a93dfbf15'
down_revision = None
branch_labels = None
depends_on = None

LEDGERS = ("stock_movements", "ledger_entries", "order_events", "payment_transactions")

APPEND_ONLY = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""

# Checked at the commit, when the last side of a journal has been booked.
BALANCED = """
CREATE FUNCTION require_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount_minor) FROM ledger_entries
        WHERE journal_id = NEW.journal_id AND currency = NEW.currency) <> 0 THEN
        RAISE EXCEPTION 'journal % does not balance', NEW.journal_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$
"""
BALANCED_TRIGGER = """
CREATE CONSTRAINT TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_balance()
"""


def upgrade() -> None:
    op.create_table('brands',
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', sa.String(collation='C'), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('website', sa.Text(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_brands')),
    sa.UniqueConstraint('slug', name=op.f('uq_brands_slug'))
    )
    op.create_index('ix_brands_name', 'brands', ['name', 'id'], unique=False)
    op.create_index('ix_brands_search', 'brands', [sa.literal_column('lower(name)')], unique=False)
    op.create_table('carriers',
    sa.Column('code', sa.String(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('services', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('tracking_url', sa.Text(), nullable=True),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('COURIER', 'POSTAL', 'LOCAL', 'DRONE', 'ROBOT', 'LOCKER')", name=op.f('ck_carriers_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carriers')),
    sa.UniqueConstraint('code', name=op.f('uq_carriers_code'))
    )
    op.create_table('carts',
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('OPEN', 'ORDERED', 'MERGED')", name=op.f('ck_carts_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_carts'))
    )
    op.create_index('uq_carts_open', 'carts', ['owner_id'], unique=True, postgresql_where=sa.text("status = 'OPEN'"))
    op.create_table('categories',
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('parent_id <> id', name=op.f('ck_categories_not_its_own_parent')),
    sa.ForeignKeyConstraint(['parent_id'], ['categories.id'], name=op.f('fk_categories_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('slug', name=op.f('uq_categories_slug'))
    )
    op.create_index(op.f('ix_categories_parent_id'), 'categories', ['parent_id'], unique=False)
    op.create_table('idempotency_keys',
    sa.Column('caller_id', sa.Uuid(), nullable=False),
    sa.Column('mutation', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('input_hash', sa.LargeBinary(), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('caller_id', 'mutation', 'key', name=op.f('pk_idempotency_keys'))
    )
    op.create_index('ix_idempotency_keys_created', 'idempotency_keys', ['created_at'], unique=False)
    op.create_table('jobs',
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('input', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('total', sa.Integer(), nullable=True),
    sa.Column('checked', sa.Integer(), nullable=False),
    sa.Column('processed', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('report_path', sa.Text(), nullable=True),
    sa.Column('report_bytes', sa.BigInteger(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('checked >= 0', name=op.f('ck_jobs_checked_not_negative')),
    sa.CheckConstraint("status IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')", name=op.f('ck_jobs_status_known')),
    sa.CheckConstraint('failed BETWEEN 0 AND greatest(checked, processed)', name=op.f('ck_jobs_failed_bounded')),
    sa.CheckConstraint('processed >= 0', name=op.f('ck_jobs_processed_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    op.create_index('ix_jobs_merchant', 'jobs', ['merchant_id', 'id'], unique=False)
    op.create_index('ix_jobs_open', 'jobs', ['id'], unique=False, postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"))
    op.create_index('ix_jobs_owner', 'jobs', ['owner_id', 'id'], unique=False)
    op.create_table('merchants',
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', sa.String(collation='C'), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("mode IN ('B2C', 'B2B', 'B2B2C', 'O2O')", name=op.f('ck_merchants_mode_known')),
    sa.CheckConstraint("status IN ('APPLIED', 'IN_REVIEW', 'ACTIVE', 'SUSPENDED', 'CLOSED')", name=op.f('ck_merchants_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchants')),
    sa.UniqueConstraint('slug', name=op.f('uq_merchants_slug'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('position', name=op.f('uq_outbox_position'))
    )
    op.create_index('ix_outbox_unsequenced', 'outbox', ['id'], unique=False, postgresql_where=sa.text('position IS NULL'))
    op.create_table('outbox_cursors',
    sa.Column('consumer', sa.Text(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('consumer', name=op.f('pk_outbox_cursors'))
    )
    op.create_table('payments',
    sa.Column('order_group_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('captured_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("method IN ('CARD')", name=op.f('ck_payments_method_known')),
    sa.CheckConstraint("status IN ('PENDING', 'ACTION_REQUIRED', 'AUTHORIZED', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'FAILED', 'VOIDED', 'DISPUTED')", name=op.f('ck_payments_status_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payments_amount_minor_positive')),
    sa.CheckConstraint('captured_minor = 0 OR attempt_id IS NOT NULL', name=op.f('ck_payments_captured_by_attempt')),
    sa.CheckConstraint('captured_minor IN (0, amount_minor)', name=op.f('ck_payments_captured_whole')),
    sa.CheckConstraint('refunded_minor <= captured_minor', name=op.f('ck_payments_refund_bounded')),
    sa.CheckConstraint('refunded_minor >= 0', name=op.f('ck_payments_refunded_minor_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payments')),
    sa.UniqueConstraint('order_group_id', name=op.f('uq_payments_order_group_id'))
    )
    op.create_index('ix_payments_owner', 'payments', ['owner_id', 'id'], unique=False)
    op.create_index('ix_payments_unsettled', 'payments', ['id'], unique=False, postgresql_where=sa.text('captured_minor > 0 AND settled_at IS NULL'))
    op.create_table('product_types',
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_types')),
    sa.UniqueConstraint('slug', name=op.f('uq_product_types_slug'))
    )
    op.create_table('provider_events',
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=True),
    sa.Column('payment_reference', sa.Text(), nullable=True),
    sa.Column('refund_reference', sa.Text(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('check_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('handled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('provider', 'event_id', name=op.f('pk_provider_events'))
    )
    op.create_index('ix_provider_events_due', 'provider_events', ['check_at'], unique=False, postgresql_where=sa.text('handled_at IS NULL'))
    op.create_table('uploads',
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("purpose IN ('IMAGE', 'IMPORT')", name=op.f('ck_uploads_purpose_known')),
    sa.CheckConstraint("status IN ('STAGED', 'RECEIVED', 'USED')", name=op.f('ck_uploads_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_uploads'))
    )
    op.create_index('ix_uploads_due', 'uploads', ['expires_at'], unique=False, postgresql_where=sa.text("status <> 'USED'"))
    op.create_table('users',
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('first_name', sa.Text(), nullable=False),
    sa.Column('last_name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('email_verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('platform_permissions', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_users_email_lower_case')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email', name=op.f('uq_users_email'))
    )
    op.create_table('addresses',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('company', sa.Text(), nullable=False),
    sa.Column('line1', sa.Text(), nullable=False),
    sa.Column('line2', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('postal_code', sa.Text(), nullable=False),
    sa.Column('country', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('is_default_shipping', sa.Boolean(), nullable=False),
    sa.Column('is_default_billing', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name=op.f('ck_addresses_country_code')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_addresses_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_addresses'))
    )
    op.create_index(op.f('ix_addresses_user_id'), 'addresses', ['user_id'], unique=False)
    op.create_index('uq_addresses_default_billing', 'addresses', ['user_id'], unique=True, postgresql_where=sa.text('is_default_billing'))
    op.create_index('uq_addresses_default_shipping', 'addresses', ['user_id'], unique=True, postgresql_where=sa.text('is_default_shipping'))
    op.create_table('attributes',
    sa.Column('product_type_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('choices', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_filterable', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('TEXT', 'CHOICE', 'NUMBER', 'BOOLEAN')", name=op.f('ck_attributes_kind_known')),
    sa.ForeignKeyConstraint(['product_type_id'], ['product_types.id'], name=op.f('fk_attributes_product_type_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attributes')),
    sa.UniqueConstraint('product_type_id', 'slug', name=op.f('uq_attributes_product_type_id_slug'))
    )
    op.create_table('checkouts',
    sa.Column('cart_id', sa.Uuid(), nullable=False),
    sa.Column('cart_version', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('shipping_address', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('billing_address', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('purchase_order_number', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('OPEN', 'COMPLETED', 'CANCELLED', 'EXPIRED')", name=op.f('ck_checkouts_status_known')),
    sa.ForeignKeyConstraint(['cart_id'], ['carts.id'], name=op.f('fk_checkouts_cart_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkouts'))
    )
    op.create_index('ix_checkouts_due', 'checkouts', ['expires_at'], unique=False, postgresql_where=sa.text("status = 'OPEN'"))
    op.create_index('ix_checkouts_owner', 'checkouts', ['owner_id', 'id'], unique=False)
    op.create_index('uq_checkouts_open', 'checkouts', ['cart_id'], unique=True, postgresql_where=sa.text("status = 'OPEN'"))
    op.create_table('collections',
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('is_published', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_collections_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_collections')),
    sa.UniqueConstraint('slug', name=op.f('uq_collections_slug'))
    )
    op.create_index(op.f('ix_collections_merchant_id'), 'collections', ['merchant_id'], unique=False)
    op.create_table('delivery_methods',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('carrier_code', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('free_from_minor', sa.BigInteger(), nullable=True),
    sa.Column('min_days', sa.Integer(), nullable=False),
    sa.Column('max_days', sa.Integer(), nullable=False),
    sa.Column('countries', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('max_days >= min_days AND min_days >= 0', name=op.f('ck_delivery_methods_days_range')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_delivery_methods_price_minor_not_negative')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_delivery_methods_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery_methods')),
    sa.UniqueConstraint('merchant_id', 'code', 'currency', name=op.f('uq_delivery_methods_merchant_id_code_currency'))
    )
    op.create_table('guests',
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('joined_user_id', sa.Uuid(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['joined_user_id'], ['users.id'], name=op.f('fk_guests_joined_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guests'))
    )
    op.create_table('ledger_entries',
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("account IN ('PROVIDER_CLEARING', 'MERCHANT_PAYABLE', 'UNALLOCATED')", name=op.f('ck_ledger_entries_account_known')),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_ledger_entries_amount_not_zero')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_ledger_entries_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entries'))
    )
    op.create_index('ix_ledger_entries_journal', 'ledger_entries', ['journal_id'], unique=False)
    op.create_index('ix_ledger_entries_merchant', 'ledger_entries', ['merchant_id', 'id'], unique=False)
    op.create_index(op.f('ix_ledger_entries_payment_id'), 'ledger_entries', ['payment_id'], unique=False)
    op.create_table('memberships',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('is_owner', sa.Boolean(), nullable=False),
    sa.Column('permissions', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_memberships_merchant_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_memberships_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'merchant_id', name=op.f('pk_memberships'))
    )
    op.create_index(op.f('ix_memberships_merchant_id'), 'memberships', ['merchant_id'], unique=False)
    op.create_table('payment_allocations',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_payment_allocations_amount_minor_not_negative')),
    sa.CheckConstraint('refunded_minor BETWEEN 0 AND amount_minor', name=op.f('ck_payment_allocations_refund_bounded')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_allocations_payment_id')),
    sa.PrimaryKeyConstraint('payment_id', 'order_id', name=op.f('pk_payment_allocations'))
    )
    op.create_index('ix_payment_allocations_order', 'payment_allocations', ['order_id'], unique=False)
    op.create_table('payment_attempts',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('provider_key', sa.Text(), nullable=False),
    sa.Column('provider_reference', sa.Text(), nullable=True),
    sa.Column('payment_method', sa.Text(), nullable=False),
    sa.Column('return_url', sa.Text(), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('next_action', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('failure_code', sa.Text(), nullable=True),
    sa.Column('failure_message', sa.Text(), nullable=True),
    sa.Column('check_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED', 'CAPTURED', 'FAILED', 'CANCELLED')", name=op.f('ck_payment_attempts_state_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_attempts_amount_minor_positive')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_attempts_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_attempts')),
    sa.UniqueConstraint('provider', 'provider_reference', name=op.f('uq_payment_attempts_provider_provider_reference')),
    sa.UniqueConstraint('provider_key', name=op.f('uq_payment_attempts_provider_key'))
    )
    op.create_index('ix_payment_attempts_due', 'payment_attempts', ['check_at'], unique=False, postgresql_where=sa.text("state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')"))
    op.create_index('ix_payment_attempts_payment', 'payment_attempts', ['payment_id', 'id'], unique=False)
    op.create_index('uq_payment_attempts_open', 'payment_attempts', ['payment_id'], unique=True, postgresql_where=sa.text("state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')"))
    op.create_table('products',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('product_type_id', sa.Uuid(), nullable=True),
    sa.Column('category_id', sa.Uuid(), nullable=False),
    sa.Column('brand_id', sa.Uuid(), nullable=True),
    sa.Column('slug', sa.String(collation='C'), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('name_sort', sa.String(collation='C'), nullable=False),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('price_min_minor', sa.BigInteger(), nullable=False),
    sa.Column('price_max_minor', sa.BigInteger(), nullable=False),
    sa.Column('rating_average', sa.Integer(), nullable=False),
    sa.Column('rating_count', sa.Integer(), nullable=False),
    sa.Column('external_reference', sa.Text(), nullable=True),
    sa.Column('attributes_search', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('DRAFT', 'PUBLISHED', 'ARCHIVED')", name=op.f('ck_products_status_known')),
    sa.CheckConstraint('price_max_minor >= price_min_minor', name=op.f('ck_products_price_range')),
    sa.CheckConstraint('rating_count >= 0', name=op.f('ck_products_rating_count_not_negative')),
    sa.ForeignKeyConstraint(['brand_id'], ['brands.id'], name=op.f('fk_products_brand_id')),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_products_category_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_products_merchant_id')),
    sa.ForeignKeyConstraint(['product_type_id'], ['product_types.id'], name=op.f('fk_products_product_type_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products')),
    sa.UniqueConstraint('merchant_id', 'external_reference', name=op.f('uq_products_merchant_id_external_reference')),
    sa.UniqueConstraint('slug', name=op.f('uq_products_slug'))
    )
    op.create_index('ix_products_attributes', 'products', ['attributes_search'], unique=False, postgresql_using='gin')
    op.create_index('ix_products_brand', 'products', ['brand_id', 'published_at', 'id'], unique=False)
    op.create_index('ix_products_category_newest', 'products', ['category_id', 'published_at', 'id'], unique=False)
    op.create_index('ix_products_category_price', 'products', ['category_id', 'price_min_minor', 'id'], unique=False)
    op.create_index('ix_products_category_name', 'products', ['category_id', 'name_sort', 'id'], unique=False)
    op.create_index('ix_products_category_rating', 'products', ['category_id', 'rating_average', 'id'], unique=False)
    op.create_index('ix_products_merchant', 'products', ['merchant_id', 'published_at', 'id'], unique=False)
    op.create_index('ix_products_name', 'products', ['name_sort', 'id'], unique=False)
    op.create_index('ix_products_newest', 'products', ['published_at', 'id'], unique=False)
    op.create_index('ix_products_price', 'products', ['price_min_minor', 'id'], unique=False)
    op.create_index('ix_products_rating', 'products', ['rating_average', 'id'], unique=False)
    op.create_table('refunds',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('reason_key', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('provider_key', sa.Text(), nullable=False),
    sa.Column('provider_reference', sa.Text(), nullable=True),
    sa.Column('check_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('REQUESTED', 'PENDING', 'SUCCEEDED', 'FAILED')", name=op.f('ck_refunds_status_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refunds_amount_minor_positive')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempts.id'], name=op.f('fk_refunds_attempt_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_refunds_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('payment_id', 'order_id', 'reason_key', name=op.f('uq_refunds_payment_id_order_id_reason_key'), postgresql_nulls_not_distinct=True),
    sa.UniqueConstraint('provider_key', name=op.f('uq_refunds_provider_key'))
    )
    op.create_index(op.f('ix_refunds_attempt_id'), 'refunds', ['attempt_id'], unique=False)
    op.create_index('ix_refunds_due', 'refunds', ['check_at'], unique=False, postgresql_where=sa.text("status IN ('REQUESTED', 'PENDING') OR (status = 'SUCCEEDED' AND settled_at IS NULL)"))
    op.create_index('ix_refunds_order', 'refunds', ['order_id'], unique=False)
    op.create_table('sessions',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    op.create_index(op.f('ix_sessions_user_id'), 'sessions', ['user_id'], unique=False)
    op.create_table('shipments',
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(collation='C'), nullable=False),
    sa.Column('carrier_code', sa.String(collation='C'), nullable=False),
    sa.Column('service', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('phone_digits', sa.Text(), nullable=False),
    sa.Column('estimated_delivery_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dispatched_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dispatched_by', sa.Uuid(), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tell_after', sa.DateTime(timezone=True), nullable=True),
    sa.Column('order_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivery_told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('CREATED', 'ON_HOLD', 'DISPATCHED', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED', 'EXCEPTION', 'RETURNED', 'CANCELLED')", name=op.f('ck_shipments_status_known')),
    sa.ForeignKeyConstraint(['carrier_code'], ['carriers.code'], name=op.f('fk_shipments_carrier_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipments')),
    sa.UniqueConstraint('number', name=op.f('uq_shipments_number'))
    )
    op.create_index('ix_shipments_created', 'shipments', ['created_at', 'id'], unique=False)
    op.create_index('ix_shipments_due', 'shipments', ['tell_after'], unique=False, postgresql_where=sa.text('tell_after IS NOT NULL'))
    op.create_index('ix_shipments_merchant', 'shipments', ['merchant_id', 'created_at', 'id'], unique=False)
    op.create_index('ix_shipments_order', 'shipments', ['order_id', 'id'], unique=False)
    op.create_index('ix_shipments_owner', 'shipments', ['owner_id', 'id'], unique=False)
    op.create_table('warehouses',
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(collation='C'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('is_pickup_point', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('WAREHOUSE', 'STORE', 'DARK_STORE')", name=op.f('ck_warehouses_kind_known')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_warehouses_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_warehouses')),
    sa.UniqueConstraint('merchant_id', 'code', name=op.f('uq_warehouses_merchant_id_code'))
    )
    op.create_table('checkout_deliveries',
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('delivery_method_id', sa.Uuid(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_checkout_deliveries_price_minor_not_negative')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_checkout_deliveries_checkout_id')),
    sa.ForeignKeyConstraint(['delivery_method_id'], ['delivery_methods.id'], name=op.f('fk_checkout_deliveries_delivery_method_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_checkout_deliveries_merchant_id')),
    sa.PrimaryKeyConstraint('checkout_id', 'merchant_id', name=op.f('pk_checkout_deliveries'))
    )
    op.create_table('collection_products',
    sa.Column('collection_id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['collection_id'], ['collections.id'], name=op.f('fk_collection_products_collection_id')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_collection_products_product_id')),
    sa.PrimaryKeyConstraint('collection_id', 'product_id', name=op.f('pk_collection_products'))
    )
    op.create_index('ix_collection_products_order', 'collection_products', ['collection_id', 'position', 'product_id'], unique=False)
    op.create_index(op.f('ix_collection_products_product_id'), 'collection_products', ['product_id'], unique=False)
    op.create_table('order_groups',
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_extended', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('PENDING_PAYMENT', 'PAID', 'CANCELLED', 'EXPIRED')", name=op.f('ck_order_groups_status_known')),
    sa.CheckConstraint('total_minor >= 0', name=op.f('ck_order_groups_total_minor_not_negative')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_order_groups_checkout_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_groups')),
    sa.UniqueConstraint('checkout_id', name=op.f('uq_order_groups_checkout_id'))
    )
    op.create_index('ix_order_groups_due', 'order_groups', ['expires_at'], unique=False, postgresql_where=sa.text("status = 'PENDING_PAYMENT'"))
    op.create_index('ix_order_groups_owner', 'order_groups', ['owner_id', 'id'], unique=False)
    op.create_table('parcels',
    sa.Column('shipment_id', sa.Uuid(), nullable=False),
    sa.Column('carrier_code', sa.Text(), nullable=False),
    sa.Column('tracking_number', sa.Text(), nullable=True),
    sa.Column('weight_grams', sa.Integer(), nullable=False),
    sa.Column('length_mm', sa.Integer(), nullable=True),
    sa.Column('width_mm', sa.Integer(), nullable=True),
    sa.Column('height_mm', sa.Integer(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('weight_grams >= 0', name=op.f('ck_parcels_weight_grams_not_negative')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipments.id'], name=op.f('fk_parcels_shipment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parcels')),
    sa.UniqueConstraint('tracking_number', 'carrier_code', name=op.f('uq_parcels_tracking_number_carrier_code'))
    )
    op.create_index('ix_parcels_shipment', 'parcels', ['shipment_id', 'id'], unique=False)
    op.create_table('payment_transactions',
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('attempt_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('provider_reference', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('AUTHORIZATION', 'CAPTURE', 'REFUND', 'REFUND_RETURNED', 'VOID')", name=op.f('ck_payment_transactions_kind_known')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_transactions_amount_minor_positive')),
    sa.ForeignKeyConstraint(['attempt_id'], ['payment_attempts.id'], name=op.f('fk_payment_transactions_attempt_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payments.id'], name=op.f('fk_payment_transactions_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_transactions')),
    sa.UniqueConstraint('attempt_id', 'kind', 'provider_reference', name=op.f('uq_payment_transactions_attempt_id_kind_provider_reference'))
    )
    op.create_index('ix_payment_transactions_payment', 'payment_transactions', ['payment_id', 'id'], unique=False)
    op.create_table('product_attribute_values',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('attribute_id', sa.Uuid(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['attribute_id'], ['attributes.id'], name=op.f('fk_product_attribute_values_attribute_id')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_product_attribute_values_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_attribute_values')),
    sa.UniqueConstraint('product_id', 'attribute_id', 'value', name=op.f('uq_product_attribute_values_product_id_attribute_id_value'))
    )
    op.create_index('ix_product_attribute_values_attribute', 'product_attribute_values', ['attribute_id', 'value'], unique=False)
    op.create_table('product_texts',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('description', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_product_texts_product_id')),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_product_texts'))
    )
    op.create_table('refresh_tokens',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_refresh_tokens_session_id')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_refresh_tokens'))
    )
    op.create_index(op.f('ix_refresh_tokens_session_id'), 'refresh_tokens', ['session_id'], unique=False)
    op.create_table('reviews',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('author_name', sa.Text(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('is_verified_purchase', sa.Boolean(), nullable=False),
    sa.Column('external_reference', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('rating BETWEEN 1 AND 5', name=op.f('ck_reviews_rating_range')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_reviews_product_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reviews_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('product_id', 'external_reference', name=op.f('uq_reviews_product_id_external_reference'))
    )
    op.create_index('ix_reviews_product', 'reviews', ['product_id', 'created_at', 'id'], unique=False)
    op.create_index(op.f('ix_reviews_user_id'), 'reviews', ['user_id'], unique=False)
    op.create_table('shipment_lines',
    sa.Column('shipment_id', sa.Uuid(), nullable=False),
    sa.Column('order_line_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_shipment_lines_quantity_positive')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipments.id'], name=op.f('fk_shipment_lines_shipment_id')),
    sa.PrimaryKeyConstraint('shipment_id', 'order_line_id', name=op.f('pk_shipment_lines'))
    )
    op.create_index(op.f('ix_shipment_lines_order_line_id'), 'shipment_lines', ['order_line_id'], unique=False)
    op.create_table('variants',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('sku', sa.String(collation='C'), nullable=False),
    sa.Column('barcode', sa.Text(), nullable=True),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options_key', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('weight_grams', sa.Integer(), nullable=False),
    sa.Column('minimum_quantity', sa.Integer(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('minimum_quantity > 0', name=op.f('ck_variants_minimum_quantity_positive')),
    sa.CheckConstraint('weight_grams >= 0', name=op.f('ck_variants_weight_grams_not_negative')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_variants_merchant_id')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_variants_product_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variants')),
    sa.UniqueConstraint('merchant_id', 'sku', name=op.f('uq_variants_merchant_id_sku')),
    sa.UniqueConstraint('product_id', 'options_key', name=op.f('uq_variants_product_id_options_key'))
    )
    op.create_index('ix_variants_barcode', 'variants', ['barcode'], unique=False)
    op.create_index('ix_variants_sku', 'variants', ['sku', 'id'], unique=False)
    op.create_index('ix_variants_product', 'variants', ['product_id', 'position', 'id'], unique=False)
    op.create_table('cart_lines',
    sa.Column('cart_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('quantity BETWEEN 1 AND 99', name=op.f('ck_cart_lines_quantity_range')),
    sa.CheckConstraint('unit_price_minor >= 0', name=op.f('ck_cart_lines_unit_price_minor_not_negative')),
    sa.ForeignKeyConstraint(['cart_id'], ['carts.id'], name=op.f('fk_cart_lines_cart_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_cart_lines_merchant_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_cart_lines_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cart_lines')),
    sa.UniqueConstraint('cart_id', 'variant_id', name=op.f('uq_cart_lines_cart_id_variant_id'))
    )
    op.create_index(op.f('ix_cart_lines_variant_id'), 'cart_lines', ['variant_id'], unique=False)
    op.create_table('checkout_lines',
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('image', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_checkout_lines_quantity_positive')),
    sa.CheckConstraint('unit_price_minor >= 0', name=op.f('ck_checkout_lines_unit_price_minor_not_negative')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_checkout_lines_checkout_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_checkout_lines_merchant_id')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_checkout_lines_product_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_checkout_lines_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout_lines')),
    sa.UniqueConstraint('checkout_id', 'variant_id', name=op.f('uq_checkout_lines_checkout_id_variant_id'))
    )
    op.create_table('orders',
    sa.Column('group_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.String(collation='C'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('subtotal_minor', sa.BigInteger(), nullable=False),
    sa.Column('shipping_minor', sa.BigInteger(), nullable=False),
    sa.Column('discount_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('refunded_minor', sa.BigInteger(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('shipping_address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('billing_address', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('delivery_name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('carrier_code', sa.Text(), nullable=False),
    sa.Column('purchase_order_number', sa.Text(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('PENDING_PAYMENT', 'PAID', 'CONFIRMED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'DELIVERED', 'COMPLETED', 'CANCELLED', 'EXPIRED')", name=op.f('ck_orders_status_known')),
    sa.CheckConstraint('discount_minor >= 0', name=op.f('ck_orders_discount_minor_not_negative')),
    sa.CheckConstraint('refunded_minor <= total_minor', name=op.f('ck_orders_refund_bounded')),
    sa.CheckConstraint('refunded_minor >= 0', name=op.f('ck_orders_refunded_minor_not_negative')),
    sa.CheckConstraint('shipping_minor >= 0', name=op.f('ck_orders_shipping_minor_not_negative')),
    sa.CheckConstraint('subtotal_minor >= 0', name=op.f('ck_orders_subtotal_minor_not_negative')),
    sa.CheckConstraint('total_minor = subtotal_minor + shipping_minor - discount_minor', name=op.f('ck_orders_total_adds_up')),
    sa.CheckConstraint('total_minor >= 0', name=op.f('ck_orders_total_minor_not_negative')),
    sa.ForeignKeyConstraint(['group_id'], ['order_groups.id'], name=op.f('fk_orders_group_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_orders_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('group_id', 'merchant_id', name=op.f('uq_orders_group_id_merchant_id')),
    sa.UniqueConstraint('number', name=op.f('uq_orders_number'))
    )
    op.create_index('ix_orders_merchant', 'orders', ['merchant_id', 'placed_at', 'id'], unique=False)
    op.create_index('ix_orders_owner', 'orders', ['owner_id', 'placed_at', 'id'], unique=False)
    op.create_index('ix_orders_placed', 'orders', ['placed_at', 'id'], unique=False)
    op.create_table('product_media',
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('alt', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('path', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('thumbnails', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('content_type', sa.Text(), nullable=True),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('bytes', sa.Integer(), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('IMAGE', 'VIDEO', 'MODEL_3D', 'EXTERNAL_VIDEO')", name=op.f('ck_product_media_kind_known')),
    sa.CheckConstraint('(path IS NULL) <> (url IS NULL)', name=op.f('ck_product_media_file_or_url')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_product_media_product_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_product_media_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_media'))
    )
    op.create_index('ix_product_media_product', 'product_media', ['product_id', 'position', 'id'], unique=False)
    op.create_table('stock_levels',
    sa.Column('warehouse_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('on_hand', sa.Integer(), nullable=False),
    sa.Column('reserved', sa.Integer(), nullable=False),
    sa.Column('allocated', sa.Integer(), nullable=False),
    sa.Column('safety_stock', sa.Integer(), nullable=False),
    sa.Column('available', sa.Integer(), sa.Computed('on_hand - reserved - allocated', persisted=True), nullable=False),
    sa.CheckConstraint('allocated >= 0', name=op.f('ck_stock_levels_allocated_not_negative')),
    sa.CheckConstraint('on_hand >= 0', name=op.f('ck_stock_levels_on_hand_not_negative')),
    sa.CheckConstraint('on_hand >= reserved + allocated', name=op.f('ck_stock_levels_not_oversold')),
    sa.CheckConstraint('reserved >= 0', name=op.f('ck_stock_levels_reserved_not_negative')),
    sa.CheckConstraint('safety_stock >= 0', name=op.f('ck_stock_levels_safety_stock_not_negative')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_stock_levels_merchant_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_stock_levels_variant_id')),
    sa.ForeignKeyConstraint(['warehouse_id'], ['warehouses.id'], name=op.f('fk_stock_levels_warehouse_id')),
    sa.PrimaryKeyConstraint('warehouse_id', 'variant_id', name=op.f('pk_stock_levels'))
    )
    op.create_index('ix_stock_levels_merchant', 'stock_levels', ['merchant_id', 'variant_id', 'warehouse_id'], unique=False)
    op.create_index('ix_stock_levels_variant', 'stock_levels', ['variant_id', 'warehouse_id'], unique=False, postgresql_include=['available'])
    op.create_table('stock_movements',
    sa.Column('warehouse_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('on_hand_delta', sa.Integer(), nullable=False),
    sa.Column('reserved_delta', sa.Integer(), nullable=False),
    sa.Column('allocated_delta', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reference_id', sa.Uuid(), nullable=True),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('ADJUSTMENT', 'RESERVATION', 'RELEASE', 'COMMITMENT', 'CANCELLATION', 'SHIPMENT')", name=op.f('ck_stock_movements_kind_known')),
    sa.CheckConstraint('on_hand_delta <> 0 OR reserved_delta <> 0 OR allocated_delta <> 0', name=op.f('ck_stock_movements_moves')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_stock_movements_merchant_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_stock_movements_variant_id')),
    sa.ForeignKeyConstraint(['warehouse_id'], ['warehouses.id'], name=op.f('fk_stock_movements_warehouse_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_movements'))
    )
    op.create_index('ix_stock_movements_level', 'stock_movements', ['variant_id', 'warehouse_id', 'id'], unique=False)
    op.create_index('ix_stock_movements_merchant', 'stock_movements', ['merchant_id', 'id'], unique=False)
    op.create_table('tracking_events',
    sa.Column('shipment_id', sa.Uuid(), nullable=False),
    sa.Column('parcel_id', sa.Uuid(), nullable=True),
    sa.Column('event_key', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('raw_status', sa.Text(), nullable=False),
    sa.Column('location', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("status IN ('LABEL_CREATED', 'PICKED_UP', 'IN_TRANSIT', 'CUSTOMS', 'OUT_FOR_DELIVERY', 'READY_FOR_PICKUP', 'DELIVERED', 'EXCEPTION', 'RETURNING', 'RETURNED', 'CANCELLED', 'UNKNOWN')", name=op.f('ck_tracking_events_status_known')),
    sa.ForeignKeyConstraint(['parcel_id'], ['parcels.id'], name=op.f('fk_tracking_events_parcel_id')),
    sa.ForeignKeyConstraint(['shipment_id'], ['shipments.id'], name=op.f('fk_tracking_events_shipment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tracking_events')),
    sa.UniqueConstraint('shipment_id', 'event_key', name=op.f('uq_tracking_events_shipment_id_event_key'))
    )
    op.create_index('ix_tracking_events_shipment', 'tracking_events', ['shipment_id', 'happened_at', 'id'], unique=False)
    op.create_table('variant_prices',
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('compare_at_minor', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f('ck_variant_prices_currency_code')),
    sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_variant_prices_amount_minor_not_negative')),
    sa.CheckConstraint('compare_at_minor > amount_minor', name=op.f('ck_variant_prices_compare_at_higher')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_variant_prices_variant_id')),
    sa.PrimaryKeyConstraint('variant_id', 'currency', name=op.f('pk_variant_prices'))
    )
    op.create_table('order_access',
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_access_order_id')),
    sa.PrimaryKeyConstraint('subject_id', 'order_id', name=op.f('pk_order_access'))
    )
    op.create_index(op.f('ix_order_access_order_id'), 'order_access', ['order_id'], unique=False)
    op.create_table('order_events',
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("kind IN ('PLACED', 'PAID', 'CONFIRMED', 'SHIPMENT_CREATED', 'SHIPPED', 'DELIVERED', 'CANCELLED', 'EXPIRED', 'REFUNDED')", name=op.f('ck_order_events_kind_known')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_events_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_events'))
    )
    op.create_index('ix_order_events_order', 'order_events', ['order_id', 'id'], unique=False)
    op.create_table('order_lines',
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('product_id', sa.Uuid(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('image', sa.Text(), nullable=True),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('quantity_shipped', sa.Integer(), nullable=False),
    sa.Column('unit_price_minor', sa.BigInteger(), nullable=False),
    sa.Column('tax_minor', sa.BigInteger(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_lines_quantity_positive')),
    sa.CheckConstraint('quantity_shipped <= quantity', name=op.f('ck_order_lines_shipped_bounded')),
    sa.CheckConstraint('quantity_shipped >= 0', name=op.f('ck_order_lines_quantity_shipped_not_negative')),
    sa.CheckConstraint('total_minor = quantity * unit_price_minor', name=op.f('ck_order_lines_total_adds_up')),
    sa.CheckConstraint('unit_price_minor >= 0', name=op.f('ck_order_lines_unit_price_minor_not_negative')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_order_lines_order_id')),
    sa.ForeignKeyConstraint(['product_id'], ['products.id'], name=op.f('fk_order_lines_product_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_order_lines_variant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_lines')),
    sa.UniqueConstraint('order_id', 'variant_id', name=op.f('uq_order_lines_order_id_variant_id'))
    )
    op.create_table('stock_reservations',
    sa.Column('checkout_id', sa.Uuid(), nullable=False),
    sa.Column('order_group_id', sa.Uuid(), nullable=True),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('warehouse_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("status IN ('HELD', 'COMMITTED', 'RELEASED', 'EXPIRED')", name=op.f('ck_stock_reservations_status_known')),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_stock_reservations_quantity_positive')),
    sa.CheckConstraint("status <> 'COMMITTED' OR order_id IS NOT NULL", name=op.f('ck_stock_reservations_sold_to_an_order')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkouts.id'], name=op.f('fk_stock_reservations_checkout_id')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_stock_reservations_merchant_id')),
    sa.ForeignKeyConstraint(['order_group_id'], ['order_groups.id'], name=op.f('fk_stock_reservations_order_group_id')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_stock_reservations_order_id')),
    sa.ForeignKeyConstraint(['variant_id'], ['variants.id'], name=op.f('fk_stock_reservations_variant_id')),
    sa.ForeignKeyConstraint(['warehouse_id'], ['warehouses.id'], name=op.f('fk_stock_reservations_warehouse_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_reservations'))
    )
    op.create_index('ix_stock_reservations_checkout', 'stock_reservations', ['checkout_id'], unique=False)
    op.create_index('ix_stock_reservations_group', 'stock_reservations', ['order_group_id'], unique=False)
    op.create_index('ix_stock_reservations_order', 'stock_reservations', ['order_id'], unique=False)
    op.execute(APPEND_ONLY)
    for table in LEDGERS:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(BALANCED)
    op.execute(BALANCED_TRIGGER)


def downgrade() -> None:
    op.drop_index('ix_stock_reservations_order', table_name='stock_reservations')
    op.drop_index('ix_stock_reservations_group', table_name='stock_reservations')
    op.drop_index('ix_stock_reservations_checkout', table_name='stock_reservations')
    op.drop_table('stock_reservations')
    op.drop_table('order_lines')
    op.drop_index('ix_order_events_order', table_name='order_events')
    op.drop_table('order_events')
    op.drop_index(op.f('ix_order_access_order_id'), table_name='order_access')
    op.drop_table('order_access')
    op.drop_table('variant_prices')
    op.drop_index('ix_tracking_events_shipment', table_name='tracking_events')
    op.drop_table('tracking_events')
    op.drop_index('ix_stock_movements_merchant', table_name='stock_movements')
    op.drop_index('ix_stock_movements_level', table_name='stock_movements')
    op.drop_table('stock_movements')
    op.drop_index('ix_stock_levels_variant', table_name='stock_levels', postgresql_include=['available'])
    op.drop_index('ix_stock_levels_merchant', table_name='stock_levels')
    op.drop_table('stock_levels')
    op.drop_index('ix_product_media_product', table_name='product_media')
    op.drop_table('product_media')
    op.drop_index('ix_orders_placed', table_name='orders')
    op.drop_index('ix_orders_owner', table_name='orders')
    op.drop_index('ix_orders_merchant', table_name='orders')
    op.drop_table('orders')
    op.drop_table('checkout_lines')
    op.drop_index(op.f('ix_cart_lines_variant_id'), table_name='cart_lines')
    op.drop_table('cart_lines')
    op.drop_index('ix_variants_sku', table_name='variants')
    op.drop_index('ix_variants_product', table_name='variants')
    op.drop_index('ix_variants_barcode', table_name='variants')
    op.drop_table('variants')
    op.drop_index(op.f('ix_shipment_lines_order_line_id'), table_name='shipment_lines')
    op.drop_table('shipment_lines')
    op.drop_index(op.f('ix_reviews_user_id'), table_name='reviews')
    op.drop_index('ix_reviews_product', table_name='reviews')
    op.drop_table('reviews')
    op.drop_index(op.f('ix_refresh_tokens_session_id'), table_name='refresh_tokens')
    op.drop_table('refresh_tokens')
    op.drop_table('product_texts')
    op.drop_index('ix_product_attribute_values_attribute', table_name='product_attribute_values')
    op.drop_table('product_attribute_values')
    op.drop_index('ix_payment_transactions_payment', table_name='payment_transactions')
    op.drop_table('payment_transactions')
    op.drop_index('ix_parcels_shipment', table_name='parcels')
    op.drop_table('parcels')
    op.drop_index('ix_order_groups_owner', table_name='order_groups')
    op.drop_index('ix_order_groups_due', table_name='order_groups', postgresql_where=sa.text("status = 'PENDING_PAYMENT'"))
    op.drop_table('order_groups')
    op.drop_index(op.f('ix_collection_products_product_id'), table_name='collection_products')
    op.drop_index('ix_collection_products_order', table_name='collection_products')
    op.drop_table('collection_products')
    op.drop_table('checkout_deliveries')
    op.drop_table('warehouses')
    op.drop_index('ix_shipments_owner', table_name='shipments')
    op.drop_index('ix_shipments_order', table_name='shipments')
    op.drop_index('ix_shipments_merchant', table_name='shipments')
    op.drop_index('ix_shipments_due', table_name='shipments', postgresql_where=sa.text('tell_after IS NOT NULL'))
    op.drop_index('ix_shipments_created', table_name='shipments')
    op.drop_table('shipments')
    op.drop_index(op.f('ix_sessions_user_id'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_index('ix_refunds_order', table_name='refunds')
    op.drop_index('ix_refunds_due', table_name='refunds', postgresql_where=sa.text("status IN ('REQUESTED', 'PENDING') OR (status = 'SUCCEEDED' AND settled_at IS NULL)"))
    op.drop_index(op.f('ix_refunds_attempt_id'), table_name='refunds')
    op.drop_table('refunds')
    op.drop_index('ix_products_rating', table_name='products')
    op.drop_index('ix_products_price', table_name='products')
    op.drop_index('ix_products_newest', table_name='products')
    op.drop_index('ix_products_name', table_name='products')
    op.drop_index('ix_products_merchant', table_name='products')
    op.drop_index('ix_products_category_rating', table_name='products')
    op.drop_index('ix_products_category_name', table_name='products')
    op.drop_index('ix_products_category_price', table_name='products')
    op.drop_index('ix_products_category_newest', table_name='products')
    op.drop_index('ix_products_attributes', table_name='products', postgresql_using='gin')
    op.drop_index('ix_products_brand', table_name='products')
    op.drop_table('products')
    op.drop_index('uq_payment_attempts_open', table_name='payment_attempts', postgresql_where=sa.text("state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')"))
    op.drop_index('ix_payment_attempts_payment', table_name='payment_attempts')
    op.drop_index('ix_payment_attempts_due', table_name='payment_attempts', postgresql_where=sa.text("state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')"))
    op.drop_table('payment_attempts')
    op.drop_index('ix_payment_allocations_order', table_name='payment_allocations')
    op.drop_table('payment_allocations')
    op.drop_index(op.f('ix_memberships_merchant_id'), table_name='memberships')
    op.drop_table('memberships')
    op.drop_index(op.f('ix_ledger_entries_payment_id'), table_name='ledger_entries')
    op.drop_index('ix_ledger_entries_merchant', table_name='ledger_entries')
    op.drop_index('ix_ledger_entries_journal', table_name='ledger_entries')
    op.drop_table('ledger_entries')
    op.drop_table('guests')
    op.drop_table('delivery_methods')
    op.drop_index(op.f('ix_collections_merchant_id'), table_name='collections')
    op.drop_table('collections')
    op.drop_index('uq_checkouts_open', table_name='checkouts', postgresql_where=sa.text("status = 'OPEN'"))
    op.drop_index('ix_checkouts_owner', table_name='checkouts')
    op.drop_index('ix_checkouts_due', table_name='checkouts', postgresql_where=sa.text("status = 'OPEN'"))
    op.drop_table('checkouts')
    op.drop_table('attributes')
    op.drop_index('uq_addresses_default_shipping', table_name='addresses', postgresql_where=sa.text('is_default_shipping'))
    op.drop_index('uq_addresses_default_billing', table_name='addresses', postgresql_where=sa.text('is_default_billing'))
    op.drop_index(op.f('ix_addresses_user_id'), table_name='addresses')
    op.drop_table('addresses')
    op.drop_table('users')
    op.drop_index('ix_uploads_due', table_name='uploads', postgresql_where=sa.text("status <> 'USED'"))
    op.drop_table('uploads')
    op.drop_index('ix_provider_events_due', table_name='provider_events', postgresql_where=sa.text('handled_at IS NULL'))
    op.drop_table('provider_events')
    op.drop_table('product_types')
    op.drop_index('ix_payments_unsettled', table_name='payments', postgresql_where=sa.text('captured_minor > 0 AND settled_at IS NULL'))
    op.drop_index('ix_payments_owner', table_name='payments')
    op.drop_table('payments')
    op.drop_table('outbox_cursors')
    op.drop_index('ix_outbox_unsequenced', table_name='outbox', postgresql_where=sa.text('position IS NULL'))
    op.drop_table('outbox')
    op.drop_table('merchants')
    op.drop_index('ix_jobs_owner', table_name='jobs')
    op.drop_index('ix_jobs_open', table_name='jobs', postgresql_where=sa.text("status IN ('QUEUED', 'RUNNING')"))
    op.drop_index('ix_jobs_merchant', table_name='jobs')
    op.drop_table('jobs')
    op.drop_index('ix_idempotency_keys_created', table_name='idempotency_keys')
    op.drop_table('idempotency_keys')
    op.drop_index(op.f('ix_categories_parent_id'), table_name='categories')
    op.drop_table('categories')
    op.drop_index('uq_carts_open', table_name='carts', postgresql_where=sa.text("status = 'OPEN'"))
    op.drop_table('carts')
    op.drop_table('carriers')
    op.drop_index('ix_brands_search', table_name='brands')
    op.drop_index('ix_brands_name', table_name='brands')
    op.drop_table('brands')
    op.execute('DROP FUNCTION refuse_change()')
    op.execute('DROP FUNCTION require_balance()')
