"""Who the customers are: features from their contract."""

from pathlib import Path

import numpy as np
import pandas as pd
from hamilton.function_modifiers import check_output, extract_columns

PROJECT = Path(__file__).parents[1]
PLANS = ["basic", "team", "business"]


def today(as_of: str) -> pd.Timestamp:
    """The day that the features are true for."""
    return pd.Timestamp(as_of)


@extract_columns("signed_up", "plan", "country", "seats", "channel")
def customers(data_folder: str) -> pd.DataFrame:
    """One row a customer, by customer id."""
    path = PROJECT / data_folder / "customers.csv"
    return pd.read_csv(path, index_col="customer_id", parse_dates=["signed_up"]).sort_index()


def tenure_days(signed_up: pd.Series, today: pd.Timestamp) -> pd.Series:
    """Days since the contract began."""
    return (today - signed_up).dt.days


@check_output(range=(0, 240), importance="fail")
def tenure_months(tenure_days: pd.Series) -> pd.Series:
    """Months since the contract began."""
    return (tenure_days / 30.44).round(1)


def is_new(tenure_days: pd.Series) -> pd.Series:
    """In the first quarter of the contract."""
    return tenure_days.lt(90)


@check_output(range=(0, 2), allow_nans=False, importance="fail")
def plan_rank(plan: pd.Series) -> pd.Series:
    """0 for the smallest plan, and up."""
    return plan.map({name: rank for rank, name in enumerate(PLANS)})


def seats_log(seats: pd.Series) -> pd.Series:
    """Seats on a scale where 2 to 4 is as far as 50 to 100."""
    return np.log2(seats)


def came_by_referral(channel: pd.Series) -> pd.Series:
    """Another customer sent them."""
    return channel.eq("referral")


def country_share(country: pd.Series) -> pd.Series:
    """The share of all customers that is in the same country."""
    return country.map(country.value_counts(normalize=True))
