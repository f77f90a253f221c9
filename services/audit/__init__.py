"""The audit log: what was done, by whom, in a chain that shows tampering (docs/adr/0014)."""

from services.audit.entries import Entry, difference, entry, note, record
from services.audit.erasure import erase_old_details, erase_person, erase_words
from services.audit.keys import KeyRing
from services.audit.personal import personal_data
from services.audit.refusals import Refusals, noting
from services.audit.sealing import Head, Witness, seal
from services.audit.verification import Report, public_keys, verify

__all__ = [
    "Entry",
    "Head",
    "KeyRing",
    "Refusals",
    "Report",
    "Witness",
    "difference",
    "entry",
    "erase_old_details",
    "erase_person",
    "erase_words",
    "note",
    "noting",
    "personal_data",
    "public_keys",
    "record",
    "seal",
    "verify",
]
