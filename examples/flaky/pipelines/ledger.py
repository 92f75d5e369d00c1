"""Reads the ledger's lines: a helper of `broken`, with no nodes of its own."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import NamedTuple


class Posting(NamedTuple):
    """An amount that moves to an account."""

    account: str
    amount: Decimal


def closing_balances(lines: Iterable[str]) -> dict[str, Decimal]:
    """What every account holds after the last line."""
    balances: dict[str, Decimal] = {}
    for number, line in enumerate(lines, start=1):
        posting = parse_posting(number, line)
        balances[posting.account] = balances.get(posting.account, Decimal()) + posting.amount
    return balances


def parse_posting(number: int, line: str) -> Posting:
    """Read a line such as `rent  -850.00`."""
    account, amount = line.split()
    return Posting(account, parse_amount(number, amount))


def parse_amount(number: int, text: str) -> Decimal:
    """Read an amount with a decimal point."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"line {number}: '{text}' is not an amount") from error
