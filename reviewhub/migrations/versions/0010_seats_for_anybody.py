"""A kind of seat that anybody may take, wherever they come from.

Revision ID: 0010
Revises: 0009
"""

from reviewhub.migrations.checks import change_check

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS_BEFORE = "slot IN ('internal', 'external', 'tie_breaker')"
KINDS_AFTER = "slot IN ('internal', 'external', 'any', 'tie_breaker')"
FITS_BEFORE = "slot = 'tie_breaker' OR internal = (slot = 'internal')"
FITS_AFTER = "slot IN ('any', 'tie_breaker') OR internal = (slot = 'internal')"


def upgrade() -> None:
    change_check("assignments", "ck_assignments_slot", before=KINDS_BEFORE, after=KINDS_AFTER)
    change_check(
        "assignments", "ck_assignments_slot_fits_reviewer", before=FITS_BEFORE, after=FITS_AFTER
    )


def downgrade() -> None:
    change_check("assignments", "ck_assignments_slot", before=KINDS_AFTER, after=KINDS_BEFORE)
    change_check(
        "assignments", "ck_assignments_slot_fits_reviewer", before=FITS_AFTER, after=FITS_BEFORE
    )
