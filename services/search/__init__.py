"""Search as the platform's staff keeps it: words, rules, and what was searched for.

Finding products is the room `search/`. Words come here as it takes them apart: a phrase is its
words, a query its normalised text.
"""

from services.search.errors import TooManySearchRules
from services.search.rules import RuleChange, delete_rule, save_rule
from services.search.searched import OTHERS, Searched, forget_old, forget_rare, is_personal, noting
from services.search.vocabulary import VOCABULARY_ID, SynonymSet, set_vocabulary

__all__ = [
    "OTHERS",
    "VOCABULARY_ID",
    "RuleChange",
    "Searched",
    "SynonymSet",
    "TooManySearchRules",
    "delete_rule",
    "forget_old",
    "forget_rare",
    "is_personal",
    "noting",
    "save_rule",
    "set_vocabulary",
]
