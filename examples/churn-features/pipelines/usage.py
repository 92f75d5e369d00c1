"""How much the customers work with the product: features from twelve weeks of use."""

from pathlib import Path

import pandas as pd
from hamilton.function_modifiers import check_output, parameterize, source, value

PROJECT = Path(__file__).parents[1]
WEEKS = range(1, 13)
MEASURES = ["logins", "active_users", "exports", "api_calls"]


def usage(data_folder: str) -> pd.DataFrame:
    """One row a customer and week; a week without any use has no row."""
    return pd.read_csv(PROJECT / data_folder / "usage.csv")


@parameterize(**{f"weekly_{measure}": {"measure": value(measure)} for measure in MEASURES})
def weekly(usage: pd.DataFrame, customers: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The {measure} of each customer (rows) in each week (columns)."""
    by_week = usage.pivot_table(index="customer_id", columns="week", values=measure, aggfunc="sum")
    return by_week.reindex(index=customers.index, columns=WEEKS).fillna(0)


@parameterize(
    **{
        f"{measure}_last_{weeks}_weeks": {"by_week": source(f"weekly_{measure}"), "weeks": value(weeks)}
        for measure in MEASURES
        for weeks in (4, 12)
    }
)
def recent(by_week: pd.DataFrame, weeks: int) -> pd.Series:
    """The weekly mean over the last {weeks} weeks."""
    return by_week.iloc[:, -weeks:].mean(axis="columns")


@parameterize(
    **{
        f"{measure}_trend": {
            "recent": source(f"{measure}_last_4_weeks"),
            "usual": source(f"{measure}_last_12_weeks"),
        }
        for measure in MEASURES
    }
)
def trend(recent: pd.Series, usual: pd.Series) -> pd.Series:
    """Change of the last four weeks on the usual; -1 is a full stop."""
    return (recent / usual - 1).where(usual.gt(0), 0.0)


def quiet_weeks(weekly_logins: pd.DataFrame) -> pd.Series:
    """Weeks without a single login."""
    return weekly_logins.eq(0).sum(axis="columns")


def weeks_since_login(weekly_logins: pd.DataFrame) -> pd.Series:
    """Full weeks since somebody last logged in; 12 if nobody ever did."""
    last_week = weekly_logins.gt(0).mul(list(WEEKS), axis="columns").max(axis="columns")
    return WEEKS[-1] - last_week


@check_output(range=(0.0, 1.0), allow_nans=False, importance="fail")
def seat_use(active_users_last_4_weeks: pd.Series, seats: pd.Series) -> pd.Series:
    """The share of paid seats that somebody sat on."""
    return (active_users_last_4_weeks / seats).clip(upper=1.0)


def logins_per_user(logins_last_4_weeks: pd.Series, active_users_last_4_weeks: pd.Series) -> pd.Series:
    """How often an active user comes back in a week."""
    return (logins_last_4_weeks / active_users_last_4_weeks).where(active_users_last_4_weeks.gt(0), 0.0)
