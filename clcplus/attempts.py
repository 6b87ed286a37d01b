"""Attempts at a password or a token: a pause after failures, which doubles with each further one.

An attempt counts as a failure before the secret is checked, and is taken back if it was right. So
many requests at once try no more secrets than one after the other. During a pause no secret is
checked, not even the right one: an attacker learns nothing.
"""

from __future__ import annotations

import logging
import time
import unicodedata
import uuid
from dataclasses import dataclass
from typing import NamedTuple

from redis.exceptions import RedisError

from clcplus import shared_counts
from clcplus.clients import pseudonym
from clcplus.errors import TooManyAttempts
from clcplus.rates import Rate

logger = logging.getLogger(__name__)
security = logging.getLogger("clcplus.security")

_MEMORY = 900
"""Seconds without a failure after which those before are forgotten; longer than any pause."""
_KNOWN = 30 * 24 * 3600
"""Seconds for which an account is known to have signed in from an address."""
_MINUTE = 60.0
_NAME = 80


class Patience(NamedTuple):
    """How failures are answered: the first ``free`` without a pause, then with one of ``first``
    seconds, which doubles with each failure up to ``longest``."""

    free: int
    first: int
    longest: int


OF_PAIR = Patience(free=5, first=5, longest=300)
"""One account from one address."""
OF_ACCOUNT = Patience(free=100, first=1, longest=60)
"""One account from all addresses. Laxer, since others can use it up; it does not hold at addresses
from which the account has signed in."""
OF_ADDRESS = Patience(free=20, first=5, longest=300)
"""All accounts from one address."""

# KEYS: a hash for each count. ARGV: now, memory, the name of this attempt, the key that exists if
# the account is known at this address (or ''), then for each count: free, first, longest, lenient.
# Answers 0 if the attempt was counted as a failure of each, else the milliseconds to wait. Times
# are exact to a microsecond, which must not make a millisecond more.
_BEGIN = """
local now, memory, name = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local known = ARGV[4] ~= '' and redis.call('EXISTS', ARGV[4]) == 1
local waiting = 0
for i, key in ipairs(KEYS) do
    if not (known and ARGV[4 * i + 4] == '1') then
        local ends = tonumber(redis.call('HGET', key, 'ends') or '0')
        waiting = math.max(waiting, math.ceil((ends - now) * 1000 - 0.01))
    end
end
if waiting > 0 then return waiting end
for i, key in ipairs(KEYS) do
    local free, first = tonumber(ARGV[4 * i + 1]), tonumber(ARGV[4 * i + 2])
    local longest = tonumber(ARGV[4 * i + 3])
    local failures = redis.call('HINCRBY', key, 'failures', 1)
    if failures >= free then
        local pause = math.min(longest, first * 2 ^ math.min(failures - free, 30))
        redis.call('HSET', key, 'ends', string.format('%.6f', now + pause), 'by', name)
    end
    redis.call('EXPIRE', key, memory)
end
return 0
"""

# KEYS: as before, the pair's first. ARGV: the name of the attempt, the key of the known address.
# The pair's failures are forgotten; of the others only this attempt is taken back.
_SUCCEED = """
for i, key in ipairs(KEYS) do
    if i == 1 then
        redis.call('DEL', key)
    elseif redis.call('EXISTS', key) == 1 then
        redis.call('HINCRBY', key, 'failures', -1)
        if redis.call('HGET', key, 'by') == ARGV[1] then redis.call('HDEL', key, 'ends', 'by') end
    end
end
redis.call('SET', ARGV[2], '1', 'EX', ARGV[3])
return 0
"""


class _Count(NamedTuple):
    """A count of failures; a lenient one does not hold at addresses that the account knows."""

    key: str
    patience: Patience
    lenient: bool = False

    def rate(self) -> Rate:
        """What holds while Redis is away."""
        return Rate("attempts", self.patience.free, _MINUTE)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was let through; whoever began it says how it ended."""

    name: str
    account: str
    address: str
    counts: tuple[_Count, ...]
    known: str

    def succeeded(self) -> None:
        """The secret was right."""
        self.counts[0].rate().forget(self.counts[0].key)
        try:
            script = shared_counts.connection().register_script(_SUCCEED)
            script([count.key for count in self.counts], [self.name, self.known, _KNOWN])
        except RedisError:
            logger.warning("Redis cannot be reached: a success is not noted", exc_info=True)

    def failed(self) -> None:
        """The secret was wrong; it was counted already."""
        security.warning(
            "refused: wrong password of account %s from %s", shown(self.account), self.address
        )


def at_password(*, account: str, address: str) -> Attempt:
    """Begin an attempt at the password of an account. Raises TooManyAttempts during a pause."""
    who, where = pseudonym(f"account {_one_name(account)}"), pseudonym(f"address {address}")
    counts = (
        _Count(_key(f"pair:{who}:{where}"), OF_PAIR),
        _Count(_key(f"account:{who}"), OF_ACCOUNT, lenient=True),
        _Count(_key(f"address:{where}"), OF_ADDRESS),
    )
    attempt = Attempt(uuid.uuid4().hex, account, address, counts, _key(f"known:{who}:{where}"))
    waiting = _begin(counts, name=attempt.name, known=attempt.known)
    if waiting:
        security.warning(
            "refused: too many attempts at account %s from %s", shown(account), address
        )
        raise TooManyAttempts(retry_seconds=waiting)
    return attempt


def note_wrong_token(*, address: str) -> None:
    """Count an unknown token. Raises TooManyAttempts if its address has tried too many.

    Known tokens are not counted: nobody can guess one, and others at the address of a broken script
    go on working.
    """
    security.warning("refused: unknown token from %s", address)
    count = _Count(_key(f"tokens:{pseudonym(f'address {address}')}"), OF_ADDRESS)
    waiting = _begin((count,), name=uuid.uuid4().hex)
    if waiting:
        raise TooManyAttempts(retry_seconds=waiting)


def shown(name: str) -> str:
    """The name of an account for a log: short, on one line, without control characters."""
    plain = "".join(c if c.isprintable() else "�" for c in name[:_NAME])
    return f"{plain!r}{' (cut)' if len(name) > _NAME else ''}"


def _begin(counts: tuple[_Count, ...], *, name: str, known: str = "") -> float:
    """0 if the attempt was counted, else the seconds to wait."""
    arguments: list[str | float] = [time.time(), _MEMORY, name, known]
    for count in counts:
        arguments += [*count.patience, int(count.lenient)]
    try:
        script = shared_counts.connection().register_script(_BEGIN)
        return float(script([count.key for count in counts], arguments)) / 1000
    except RedisError:
        logger.warning("Redis cannot be reached: this process counts for itself", exc_info=True)
    return max(count.rate().take(count.key) for count in counts)


def _key(name: str) -> str:
    return f"{shared_counts.PREFIX}:attempts:{name}"


def _one_name(account: str) -> str:
    """One form for all ways to write a name: case, width, composition and spaces do not matter."""
    folded = unicodedata.normalize("NFKC", account[:1000]).casefold()
    return unicodedata.normalize("NFKC", folded).strip()
