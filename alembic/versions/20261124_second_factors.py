"""Passkeys, one-time passwords, recovery codes, identities of outside providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b604'
down_revision = 'a1f0d2c4b603'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
