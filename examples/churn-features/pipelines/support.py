"""How the customers get on with support: features from half a year of tickets."""

from pathlib import Path

import pandas as pd
from hamilton.function_modifiers import check_output, config

PROJECT = Path(__file__).parents[1]
NEUTRAL, PESSIMISTIC = 3.0, 1.0


def tickets(data_folder: str) -> pd.DataFrame:
    """One row a ticket; open ones have no `hours_to_close`, many have no rating."""
    return pd.read_csv(PROJECT / data_folder / "tickets.csv", parse_dates=["opened"])


def recent_tickets(tickets: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    """Those of the last 90 days."""
    return tickets[tickets["opened"].ge(today - pd.Timedelta(days=90))]


def severe_tickets(tickets: pd.DataFrame) -> pd.DataFrame:
    """Those that stopped somebody's work."""
    return tickets[tickets["severity"].eq("severe")]


def ticket_count(tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Tickets of each customer."""
    return tickets.groupby("customer_id").size().reindex(customers.index, fill_value=0)


def recent_ticket_count(recent_tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Tickets of the last 90 days."""
    return recent_tickets.groupby("customer_id").size().reindex(customers.index, fill_value=0)


def severe_count(severe_tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Severe tickets of each customer."""
    return severe_tickets.groupby("customer_id").size().reindex(customers.index, fill_value=0)


@check_output(range=(0.0, 1.0), allow_nans=False, importance="fail")
def severe_share(severe_count: pd.Series, ticket_count: pd.Series) -> pd.Series:
    """The share of tickets that were severe."""
    return (severe_count / ticket_count).fillna(0.0)


def open_ticket_count(tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Tickets that nobody has solved."""
    unsolved = tickets[tickets["hours_to_close"].isna()]
    return unsolved.groupby("customer_id").size().reindex(customers.index, fill_value=0)


def hours_to_close(tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Mean hours to a solution; 0 without tickets."""
    return tickets.groupby("customer_id")["hours_to_close"].mean().reindex(customers.index).fillna(0.0)


def tickets_per_seat(ticket_count: pd.Series, seats: pd.Series) -> pd.Series:
    """Tickets for each paid seat."""
    return ticket_count / seats


@check_output(max_fraction_nans=0.25, importance="warn")
def rating(tickets: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Mean rating from 1 to 5; too many customers never give one, which is why this check warns."""
    return tickets.groupby("customer_id")["satisfaction"].mean().reindex(customers.index)


@config.when(unrated="neutral")
def satisfaction__neutral(rating: pd.Series) -> pd.Series:
    """The rating, where silence is neither good nor bad."""
    return rating.fillna(NEUTRAL)


@config.when(unrated="pessimistic")
def satisfaction__pessimistic(rating: pd.Series) -> pd.Series:
    """The rating, where silence is the worst one."""
    return rating.fillna(PESSIMISTIC)
