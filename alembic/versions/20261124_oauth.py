"""The OAuth2 server: clients, codes, device grants, consents, sign-ins of browsers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = 'a1f0d2c4b602'
down_revision = 'a1f0d2c4b601'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
