"""The OAuth2 server: clients, codes, device grants, consents, sign-ins of browsers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b602'
down_revision = 'a1f0d2c4b601'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('oauth_clients',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('logo_text', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('authentication', sa.Text(), nullable=False),
    sa.Column('application_type', sa.Text(), nullable=False),
    sa.Column('secret_hash', sa.LargeBinary(), nullable=True),
    sa.Column('old_secret_hash', sa.LargeBinary(), nullable=True),
    sa.Column('old_secret_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('jwks', postgresql.JSONB(none_as_null=True), nullable=True),
    sa.Column('redirect_uris', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('post_logout_redirect_uris', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('grant_types', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('permissions', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('is_first_party', sa.Boolean(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(authentication = 'PRIVATE_KEY') = (jwks IS NOT NULL)", name=op.f('ck_oauth_clients_keys_known')),
    sa.CheckConstraint("(authentication = 'SECRET') = (secret_hash IS NOT NULL)", name=op.f('ck_oauth_clients_secret_kept')),
    sa.CheckConstraint("application_type IN ('WEB', 'NATIVE')", name=op.f('ck_oauth_clients_application_type_known')),
    sa.CheckConstraint("authentication <> 'NONE' OR cardinality(permissions) = 0", name=op.f('ck_oauth_clients_public_is_nobody')),
    sa.CheckConstraint("authentication IN ('NONE', 'SECRET', 'PRIVATE_KEY')", name=op.f('ck_oauth_clients_authentication_known')),
    sa.CheckConstraint('length(logo_text) <= 2', name=op.f('ck_oauth_clients_logo_text_length')),
    sa.CheckConstraint('length(name) BETWEEN 1 AND 100', name=op.f('ck_oauth_clients_name_length')),
    sa.ForeignKeyConstraint(['merchant_id'], ['merchants.id'], name=op.f('fk_oauth_clients_merchant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_oauth_clients'))
    )
    op.create_index(op.f('ix_oauth_clients_merchant_id'), 'oauth_clients', ['merchant_id'], unique=False)
    op.create_table('authorization_codes',
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('redirect_uri', sa.Text(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('nonce', sa.Text(), nullable=True),
    sa.Column('code_challenge', sa.Text(), nullable=False),
    sa.Column('browser_session_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['oauth_clients.id'], name=op.f('fk_authorization_codes_client_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_authorization_codes_user_id')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_authorization_codes'))
    )
    op.create_index(op.f('ix_authorization_codes_client_id'), 'authorization_codes', ['client_id'], unique=False)
    op.create_index(op.f('ix_authorization_codes_expires_at'), 'authorization_codes', ['expires_at'], unique=False)
    op.create_index(op.f('ix_authorization_codes_user_id'), 'authorization_codes', ['user_id'], unique=False)
    op.create_table('device_grants',
    sa.Column('device_code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_code', sa.Text(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('interval_seconds', sa.Integer(), nullable=False),
    sa.Column('last_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved', sa.Boolean(), nullable=True),
    sa.Column('browser_session_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint('(approved IS NULL) = (browser_session_id IS NULL)', name=op.f('ck_device_grants_decided_by_somebody')),
    sa.ForeignKeyConstraint(['client_id'], ['oauth_clients.id'], name=op.f('fk_device_grants_client_id')),
    sa.PrimaryKeyConstraint('device_code_hash', name=op.f('pk_device_grants')),
    sa.UniqueConstraint('user_code', name=op.f('uq_device_grants_user_code'))
    )
    op.create_index(op.f('ix_device_grants_client_id'), 'device_grants', ['client_id'], unique=False)
    op.create_index(op.f('ix_device_grants_expires_at'), 'device_grants', ['expires_at'], unique=False)
    op.create_table('consents',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('scopes', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['oauth_clients.id'], name=op.f('fk_consents_client_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_consents_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'client_id', name=op.f('pk_consents'))
    )
    op.create_index(op.f('ix_consents_client_id'), 'consents', ['client_id'], unique=False)
    op.create_table('browser_sign_ins',
    sa.Column('cookie_hash', sa.LargeBinary(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['sessions.id'], name=op.f('fk_browser_sign_ins_session_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('cookie_hash', name=op.f('pk_browser_sign_ins')),
    sa.UniqueConstraint('session_id', name=op.f('uq_browser_sign_ins_session_id'))
    )
    op.create_index(op.f('ix_browser_sign_ins_expires_at'), 'browser_sign_ins', ['expires_at'], unique=False)
    op.create_table('client_assertions',
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('jti_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['oauth_clients.id'], name=op.f('fk_client_assertions_client_id')),
    sa.PrimaryKeyConstraint('client_id', 'jti_hash', name=op.f('pk_client_assertions'))
    )
    op.create_index(op.f('ix_client_assertions_expires_at'), 'client_assertions', ['expires_at'], unique=False)


def downgrade() -> None:
    op.drop_table('client_assertions')
    op.drop_table('browser_sign_ins')
    op.drop_table('consents')
    op.drop_table('device_grants')
    op.drop_table('authorization_codes')
    op.drop_table('oauth_clients')
