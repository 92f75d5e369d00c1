"""Always fails, deep in a helper: the ledger has an amount with a comma."""

import logging
from decimal import Decimal
from pathlib import Path

from pipelines.ledger import closing_balances

PROJECT = Path(__file__).parents[1]

log = logging.getLogger(__name__)


def ledger_lines(ledger_file: str) -> list[str]:
    """The lines of the ledger."""
    lines = (PROJECT / ledger_file).read_text().splitlines()
    log.info("read %d lines from %s", len(lines), ledger_file)
    return lines


def balances(ledger_lines: list[str]) -> dict[str, Decimal]:
    """What every account holds; this is where it fails."""
    return closing_balances(ledger_lines)


def statement(balances: dict[str, Decimal]) -> str:
    """The balances as text: never reached."""
    return "\n".join(f"{account:<12}{balance:>10}" for account, balance in sorted(balances.items()))
