"""How the customers pay: features from half a year of invoices."""

from pathlib import Path

import pandas as pd
from hamilton.function_modifiers import check_output

PROJECT = Path(__file__).parents[1]


def invoices(data_folder: str, today: pd.Timestamp) -> pd.DataFrame:
    """One row an invoice; `days_late` counts up to today where nothing was paid."""
    invoices = pd.read_csv(PROJECT / data_folder / "invoices.csv", parse_dates=["issued", "due", "paid"])
    days_late = (invoices["paid"].fillna(today) - invoices["due"]).dt.days.clip(lower=0)
    return invoices.assign(days_late=days_late)


def late_invoices(invoices: pd.DataFrame) -> pd.DataFrame:
    """Those paid after the due day, or still not."""
    return invoices[invoices["days_late"].gt(0)]


def open_invoices(invoices: pd.DataFrame) -> pd.DataFrame:
    """Those not paid yet."""
    return invoices[invoices["paid"].isna()]


def invoice_count(invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Invoices of each customer."""
    return invoices.groupby("customer_id").size().reindex(customers.index, fill_value=0)


def late_count(late_invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Late invoices of each customer."""
    return late_invoices.groupby("customer_id").size().reindex(customers.index, fill_value=0)


@check_output(range=(0.0, 1.0), allow_nans=False, importance="fail")
def late_share(late_count: pd.Series, invoice_count: pd.Series) -> pd.Series:
    """The share of invoices that were paid late."""
    return (late_count / invoice_count).fillna(0.0)


def longest_delay(late_invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Days of the longest delay."""
    return late_invoices.groupby("customer_id")["days_late"].max().reindex(customers.index, fill_value=0)


def open_amount(open_invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Euros not paid yet."""
    return open_invoices.groupby("customer_id")["amount"].sum().reindex(customers.index, fill_value=0.0)


def latest_invoice(invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Euros of the newest invoice."""
    return invoices.sort_values("issued").groupby("customer_id")["amount"].last().reindex(customers.index)


def first_invoice(invoices: pd.DataFrame, customers: pd.DataFrame) -> pd.Series:
    """Euros of the oldest invoice of the half-year."""
    return invoices.sort_values("issued").groupby("customer_id")["amount"].first().reindex(customers.index)


def price_change(latest_invoice: pd.Series, first_invoice: pd.Series) -> pd.Series:
    """How much dearer it became over the half-year; 0.08 is eight percent."""
    return (latest_invoice / first_invoice - 1).fillna(0.0)


def price_per_active_user(latest_invoice: pd.Series, active_users_last_4_weeks: pd.Series) -> pd.Series:
    """Euros a month for everyone who really uses it."""
    return latest_invoice / active_users_last_4_weeks.clip(lower=1)


def owes_share(open_amount: pd.Series, latest_invoice: pd.Series) -> pd.Series:
    """Debt, in monthly invoices."""
    return (open_amount / latest_invoice).fillna(0.0)
