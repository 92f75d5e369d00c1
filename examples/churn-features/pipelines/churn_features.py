"""Features and a risk of churn for each customer; the features themselves come from the modules beside this one."""

import logging
from pathlib import Path

import pandas as pd
from flowerpower.cfg import Config
from hamilton.function_modifiers import check_output, config, parameterize

PROJECT = Path(__file__).parents[1]
PARAMS = Config.load(PROJECT, pipeline_name="churn_features").pipeline.h_params

log = logging.getLogger(__name__)


# --- features ---------------------------------------------------------------------------------------------------------


def contract_features(
    tenure_months: pd.Series,
    is_new: pd.Series,
    plan_rank: pd.Series,
    seats_log: pd.Series,
    came_by_referral: pd.Series,
    country_share: pd.Series,
) -> pd.DataFrame:
    """What the contract says, one column a feature."""
    return pd.DataFrame(
        {
            "tenure_months": tenure_months,
            "is_new": is_new,
            "plan_rank": plan_rank,
            "seats_log": seats_log,
            "came_by_referral": came_by_referral,
            "country_share": country_share,
        }
    ).astype(float)


def usage_features(
    seat_use: pd.Series,
    quiet_weeks: pd.Series,
    weeks_since_login: pd.Series,
    logins_per_user: pd.Series,
    logins_trend: pd.Series,
    active_users_trend: pd.Series,
    exports_trend: pd.Series,
    api_calls_trend: pd.Series,
) -> pd.DataFrame:
    """What the use says, one column a feature."""
    return pd.DataFrame(
        {
            "seat_use": seat_use,
            "quiet_weeks": quiet_weeks,
            "weeks_since_login": weeks_since_login,
            "logins_per_user": logins_per_user,
            "logins_trend": logins_trend,
            "active_users_trend": active_users_trend,
            "exports_trend": exports_trend,
            "api_calls_trend": api_calls_trend,
        }
    ).astype(float)


def billing_features(
    late_share: pd.Series,
    longest_delay: pd.Series,
    owes_share: pd.Series,
    price_change: pd.Series,
    price_per_active_user: pd.Series,
) -> pd.DataFrame:
    """What the invoices say, one column a feature."""
    return pd.DataFrame(
        {
            "late_share": late_share,
            "longest_delay": longest_delay,
            "owes_share": owes_share,
            "price_change": price_change,
            "price_per_active_user": price_per_active_user,
        }
    ).astype(float)


def support_features(
    recent_ticket_count: pd.Series,
    severe_share: pd.Series,
    open_ticket_count: pd.Series,
    hours_to_close: pd.Series,
    tickets_per_seat: pd.Series,
    satisfaction: pd.Series,
) -> pd.DataFrame:
    """What the tickets say, one column a feature."""
    return pd.DataFrame(
        {
            "recent_ticket_count": recent_ticket_count,
            "severe_share": severe_share,
            "open_ticket_count": open_ticket_count,
            "hours_to_close": hours_to_close,
            "tickets_per_seat": tickets_per_seat,
            "satisfaction": satisfaction,
        }
    ).astype(float)


def feature_table(
    contract_features: pd.DataFrame,
    usage_features: pd.DataFrame,
    billing_features: pd.DataFrame,
    support_features: pd.DataFrame,
) -> pd.DataFrame:
    """All features of all customers."""
    table = pd.concat([contract_features, usage_features, billing_features, support_features], axis="columns")
    log.info("%d features of %d customers", table.shape[1], table.shape[0])
    return table


@config.when(scaling="rank")
def scaled_features__rank(feature_table: pd.DataFrame) -> pd.DataFrame:
    """Every feature from 0 to 1, by rank among the customers: robust to outliers."""
    return feature_table.rank(pct=True)


@config.when(scaling="zscore")
def scaled_features__zscore(feature_table: pd.DataFrame) -> pd.DataFrame:
    """Every feature from 0 to 1, by standard deviations from the mean: three below is 0, three above is 1."""
    spread = feature_table.std().replace(0, 1)
    return (((feature_table - feature_table.mean()) / spread).clip(-3, 3) + 3) / 6


# --- risk -------------------------------------------------------------------------------------------------------------


def usage_risk(scaled_features: pd.DataFrame) -> pd.Series:
    """High where the product is used less and less."""
    falling = 1 - scaled_features[["seat_use", "logins_trend", "active_users_trend"]].mean(axis="columns")
    return (falling + scaled_features["quiet_weeks"]) / 2


def billing_risk(scaled_features: pd.DataFrame) -> pd.Series:
    """High where money is owed, late, or much for little use."""
    return scaled_features[["late_share", "owes_share", "price_per_active_user"]].mean(axis="columns")


def support_risk(scaled_features: pd.DataFrame) -> pd.Series:
    """High where tickets are severe, open and badly rated."""
    trouble = scaled_features[["severe_share", "open_ticket_count", "hours_to_close"]].mean(axis="columns")
    return (trouble + 1 - scaled_features["satisfaction"]) / 2


@config.when(risk_model="weighted")
@check_output(range=(0.0, 1.0), allow_nans=False, importance="fail")
def churn_risk__weighted(usage_risk: pd.Series, billing_risk: pd.Series, support_risk: pd.Series) -> pd.Series:
    """The risk to lose a customer, from 0 to 1: use counts most."""
    return (0.5 * usage_risk + 0.3 * billing_risk + 0.2 * support_risk).round(3)


@config.when(risk_model="rules")
def churn_risk__rules(quiet_weeks: pd.Series, logins_trend: pd.Series, late_share: pd.Series) -> pd.Series:
    """The risk to lose a customer, from 0 to 1: the share of three plain rules that hold."""
    rules = pd.DataFrame(
        {"silent": quiet_weeks.ge(3), "falling": logins_trend.le(-0.3), "late": late_share.ge(0.5)},
    )
    return rules.mean(axis="columns").round(3)


@parameterize(**PARAMS["risk_band"])
def risk_band(churn_risk: pd.Series, watch: float, critical: float) -> pd.Series:
    """`calm`, `watch` or `critical`."""
    return pd.cut(churn_risk, [-1.0, watch, critical, 2.0], labels=["calm", "watch", "critical"], right=False)


# --- deliver ----------------------------------------------------------------------------------------------------------


def risk_by_plan(churn_risk: pd.Series, plan: pd.Series) -> pd.Series:
    """The mean risk of each plan."""
    return churn_risk.groupby(plan).mean().round(2)


def risk_by_country(churn_risk: pd.Series, country: pd.Series) -> pd.Series:
    """The mean risk in each country."""
    return churn_risk.groupby(country).mean().round(2)


def revenue_at_risk(latest_invoice: pd.Series, risk_band: pd.Series) -> float:
    """Euros a month from customers in the critical band."""
    return round(float(latest_invoice[risk_band.eq("critical")].sum()), 2)


@parameterize(**PARAMS["customers_at_risk"])
def customers_at_risk(
    churn_risk: pd.Series, risk_band: pd.Series, plan: pd.Series, latest_invoice: pd.Series, how_many: int
) -> pd.DataFrame:
    """The customers to call first."""
    table = pd.DataFrame({"plan": plan, "invoice": latest_invoice, "risk": churn_risk, "band": risk_band})
    return table.nlargest(how_many, "risk")


def report(
    customers_at_risk: pd.DataFrame,
    risk_by_plan: pd.Series,
    risk_by_country: pd.Series,
    revenue_at_risk: float,
    risk_band: pd.Series,
) -> str:
    """Whom to call, printed."""
    bands = ", ".join(f"{count} {band}" for band, count in risk_band.value_counts(sort=False).items())
    text = "\n".join(
        [
            f"{len(risk_band)} customers: {bands}; {revenue_at_risk:,.2f} EUR a month at risk",
            f"Riskiest plan: {risk_by_plan.idxmax()}; riskiest country: {risk_by_country.idxmax()}",
            "",
            customers_at_risk.to_string(),
        ]
    )
    print(text)
    return text


def saved_features(feature_table: pd.DataFrame, churn_risk: pd.Series, risk_band: pd.Series, output_folder: str) -> str:
    """Path of the features and risks, written as CSV."""
    folder = PROJECT / output_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "features.csv"
    feature_table.assign(churn_risk=churn_risk, risk_band=risk_band).round(4).to_csv(path)
    log.info("wrote %s", path)
    return str(path)
