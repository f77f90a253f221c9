"""From a token to a caller, remembered as long as news of revocations come in.

What ends a token or changes what it permits is told to every process (auth.news), so a token that
was seen before costs a look into a dictionary. While no news come, nothing is remembered: the
database is asked each time. A process that died between its commit and telling the others is why
nothing is remembered for ever.
"""

import time
from dataclasses import dataclass, field
from typing import ClassVar, Final
from uuid import UUID
from weakref import WeakSet

from auth.keys import KeyUnknown, TokenInvalid
from auth.memory import Known, Memory, Watchers
from auth.news import REMEMBERED_SECONDS, News
from auth.rights import ScopeInsufficient, app_of, caller_of, grants_of, held
from auth.tokens import Claims, TokenKind, Tokens, seconds_left
from core.clock import now
from core.db import FAULTS, Reader
from core.errors import Unavailable
from core.identity import Caller, CallerKind, Everyone

__all__ = [
    "UNRECOGNISABLE",
    "Callers",
    "ScopeInsufficient",
    "forget_caller",
    "grants_of",
    "held",
]

APP_PREFIX: Final = "mf_"
UNRECOGNISABLE: Final[tuple[type[Exception], ...]] = (*FAULTS, Unavailable)  # nobody, for now
USE_SECONDS: Final = 60.0  # how often the last use of an app token is written


@dataclass(eq=False, slots=True)
class Question:
    """One to the database, and what was forgotten while it ran."""

    forgotten: set[UUID] = field(default_factory=set)
    is_outdated: bool = False


class Callers:
    """Finds the caller of a token.

    news: tells what ended; None: none comes, and the database is asked each time.
    """

    all: ClassVar[WeakSet["Callers"]] = WeakSet()

    def __init__(self, tokens: Tokens, reader: Reader, news: News | None = None) -> None:
        self._tokens, self._reader, self._news = tokens, reader, news
        self._memory, self._watchers = Memory(), Watchers()
        self._asking: set[Question] = set()
        self._used: dict[UUID, float] = {}
        self.unwritten: set[UUID] = set()
        tokens.keys.when_gone.append(self.forget)
        Callers.all.add(self)

    async def of(self, token: str) -> Caller:
        """Raises: TokenInvalid, ScopeInsufficient; one of UNRECOGNISABLE."""
        caller = (await self._known(token)).caller
        if caller.kind is CallerKind.APP:
            self._note_use(caller)
        return caller

    async def ended(self, token: str) -> None:
        """Returns when the token is good no more: it ended, or what it hangs on did."""
        about = frozenset[UUID]()
        while True:
            seconds = 1.0
            try:
                known = await self._known(token)
            except (TokenInvalid, ScopeInsufficient):
                return
            except UNRECOGNISABLE:
                pass  # it is not known to have ended
            else:
                about, moment = known.about, time.monotonic()
                if self._hears(moment) and self._memory.known.get(token) is known:
                    seconds = max(known.until - moment, 0.01)
            await self._watchers.wait(about, seconds=seconds)

    def forget(self) -> None:
        self._memory.forget()
        for question in self._asking:
            question.is_outdated = True
        self.wake()

    def forget_one(self, id: UUID) -> None:
        """Everything that hangs on a user, guest, sign-in, program, its token or a merchant."""
        self._memory.forget_one(id)
        for question in self._asking:
            question.forgotten.add(id)
        self._watchers.tell(id)

    def tell(self, id: UUID) -> None:
        """Let the other processes forget it too."""
        if self._news is not None:
            self._news.tell(id)

    def wake(self) -> None:
        """Let those who wait for the end of a token look again."""
        self._watchers.tell_all()

    def _hears(self, moment: float) -> bool:
        return self._news is not None and moment < self._news.heard_until

    async def _known(self, token: str) -> Known:
        moment = time.monotonic()
        known = self._memory.known.get(token)
        if known is not None and moment < known.until and self._hears(moment):
            return known
        # From before the question: what was revoked while it ran must not be remembered.
        question = Question()
        self._asking.add(question)
        try:
            known = await self._found(token, moment)
        finally:
            self._asking.discard(question)
        is_outdated = question.is_outdated or not question.forgotten.isdisjoint(known.about)
        if self._hears(moment) and not is_outdated:
            self._memory.put(token, known)
        return known

    async def _found(self, token: str, moment: float) -> Known:
        if token.startswith(APP_PREFIX):
            caller, row = await app_of(self._reader, token)
            about = {row["id"], row["creator_id"], row["merchant_id"]}
            ends = row["expires_at"]
            left = (ends - now()).total_seconds() if ends else REMEMBERED_SECONDS
        else:
            claims = await self._claims(token)
            caller = await caller_of(self._reader, claims)
            about, left = {claims.subject, _ended_with(claims)}, seconds_left(claims)
        merchants = _named(caller)
        hangs_on = frozenset(each for each in about | merchants if each is not None)
        return Known(caller, moment + min(REMEMBERED_SECONDS, left), hangs_on)

    async def _claims(self, token: str) -> Claims:
        try:
            return self._tokens.read(token)
        except KeyUnknown:
            await self._tokens.keys.catch_up()
            return self._tokens.read(token)

    def _note_use(self, caller: Caller) -> None:
        program, moment = caller.subject, time.monotonic()
        assert program is not None, "a program has an id"
        if moment >= self._used.get(program, 0.0):
            self._used[program] = moment + USE_SECONDS
            self.unwritten.add(program)


def _ended_with(claims: Claims) -> UUID | None:
    """What a client ends at /oauth/revoke: the sign-in, or of a program the token itself."""
    return claims.token_id if claims.kind is TokenKind.APP else claims.session_id


def _named(caller: Caller) -> set[UUID | None]:
    """The merchants that a caller's grants name."""
    found: set[UUID | None] = set()
    for merchants in caller.grants.values():
        if not isinstance(merchants, Everyone):
            found.update(merchants)  # type: ignore[arg-type]
    return found


def forget_caller(id: UUID) -> None:
    """After what a caller hangs on has changed, and the change was committed.

    A sign-in was ended, a guest revoked, a permission given or taken, a program stopped, a
    merchant suspended, a program's token ended: `id` is the user, guest, sign-in, program, merchant
    or token. At once in this process, within a second in all others.
    """
    for callers in Callers.all:
        callers.forget_one(id)
        callers.tell(id)
