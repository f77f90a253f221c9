"""Tokens of programs that they ended themselves."""

import sqlalchemy as sa
from alembic import op

revision = 'a1f0d2c4b608'
down_revision = 'a1f0d2c4b607'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ended_tokens',
    sa.Column('token_id', sa.Uuid(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_id', name=op.f('pk_ended_tokens'))
    )
    op.create_index(op.f('ix_ended_tokens_expires_at'), 'ended_tokens', ['expires_at'], unique=False)


def downgrade() -> None:
    op.drop_table('ended_tokens')
