"""A year of orders from five sales regions: load, validate, convert to euros, aggregate, save."""

import logging
import time
from pathlib import Path

import pandas as pd
from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

PROJECT = Path(__file__).parents[1]
PARAMS = Config.load(PROJECT, pipeline_name="sales_etl").pipeline.h_params

log = logging.getLogger(__name__)


# --- load -------------------------------------------------------------------------------------------------------------


def raw_orders(orders_file: str) -> pd.DataFrame:
    """Every line of the shop's export, as text where it may be wrong."""
    orders = pd.read_csv(PROJECT / orders_file, dtype={"ordered_on": str})
    log.info("read %d orders from %s", len(orders), orders_file)
    return orders


def products(products_file: str) -> pd.DataFrame:
    """The catalogue, by SKU: product, category, cost in euros."""
    return pd.read_csv(PROJECT / products_file, index_col="sku")


@parameterize(**PARAMS["exchange_rates"])
def exchange_rates(rates_file: str, seconds_per_month: float) -> pd.DataFrame:
    """What one unit of each currency was worth in euros, month by month.

    Slow on purpose: it answers as leisurely as the rate service it stands for, so that you can watch it run.
    """
    rates = pd.read_csv(PROJECT / rates_file)
    months = rates["month"].unique()
    for done, month in enumerate(months, start=1):
        time.sleep(seconds_per_month)
        log.info("exchange rates of %s (%d of %d)", month, done, len(months))
    return rates


# --- validate ---------------------------------------------------------------------------------------------------------


@parameterize(**PARAMS["order_problems"])
def order_problems(
    raw_orders: pd.DataFrame, products: pd.DataFrame, currencies: list[str], max_quantity: int
) -> pd.Series:
    """What is wrong with each order; an empty text if nothing is."""
    checks = {
        "sent twice": raw_orders.duplicated("order_id"),
        "no such day": pd.to_datetime(raw_orders["ordered_on"], format="%Y-%m-%d", errors="coerce").isna(),
        "not in the catalogue": ~raw_orders["sku"].isin(products.index),
        "quantity missing": raw_orders["quantity"].isna(),
        "quantity out of range": raw_orders["quantity"].le(0) | raw_orders["quantity"].gt(max_quantity),
        "no price": ~raw_orders["unit_price"].gt(0),
        "unknown currency": ~raw_orders["currency"].isin(currencies),
    }
    problems = pd.Series("", index=raw_orders.index)
    for problem, found in checks.items():
        problems = problems.mask(found & problems.eq(""), problem)
    return problems


def rejected_orders(raw_orders: pd.DataFrame, order_problems: pd.Series) -> pd.DataFrame:
    """The orders that cannot be used, each with the first reason."""
    rejected = raw_orders.assign(problem=order_problems)[order_problems.ne("")]
    for order in rejected.itertuples():
        log.warning("order %s rejected: %s", order.order_id, order.problem)
    return rejected


def valid_orders(raw_orders: pd.DataFrame, order_problems: pd.Series) -> pd.DataFrame:
    """The orders that can be used, with proper types."""
    valid = raw_orders[order_problems.eq("")]
    log.info("%d of %d orders are valid", len(valid), len(raw_orders))
    return valid.assign(
        ordered_on=pd.to_datetime(valid["ordered_on"]),
        month=valid["ordered_on"].str.slice(0, 7),
        quantity=valid["quantity"].astype("int64"),
    )


# --- enrich -----------------------------------------------------------------------------------------------------------


def orders_in_euros(valid_orders: pd.DataFrame, exchange_rates: pd.DataFrame) -> pd.DataFrame:
    """Orders with their revenue in euros, at the rate of their month."""
    orders = valid_orders.merge(exchange_rates, on=["month", "currency"], how="left", validate="many_to_one")
    return orders.assign(revenue=(orders["quantity"] * orders["unit_price"] * orders["euros"]).round(2))


def enriched_orders(orders_in_euros: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Orders with product, category and what is left after the cost of the goods."""
    orders = orders_in_euros.join(products, on="sku")
    return orders.assign(margin=(orders["revenue"] - orders["quantity"] * orders["unit_cost_eur"]).round(2))


# --- aggregate --------------------------------------------------------------------------------------------------------


def revenue_by_region(orders_in_euros: pd.DataFrame) -> pd.Series:
    """Euros by sales region, most first."""
    return orders_in_euros.groupby("region")["revenue"].sum().sort_values(ascending=False).round(2)


def revenue_by_month(orders_in_euros: pd.DataFrame) -> pd.Series:
    """Euros by month, in the order of the calendar."""
    return orders_in_euros.groupby("month")["revenue"].sum().round(2)


def monthly_growth(revenue_by_month: pd.Series) -> pd.Series:
    """Change on the month before, in percent."""
    return (revenue_by_month.pct_change() * 100).round(1).rename("growth")


def margin_by_product(enriched_orders: pd.DataFrame) -> pd.DataFrame:
    """Units, revenue and margin of each product, the most profitable first."""
    totals = enriched_orders.groupby(["category", "product"])[["quantity", "revenue", "margin"]].sum().round(2)
    return totals.sort_values("margin", ascending=False)


@parameterize(**PARAMS["best_customers"])
def best_customers(enriched_orders: pd.DataFrame, how_many: int) -> pd.DataFrame:
    """The customers who left most margin, with their region."""
    totals = enriched_orders.groupby(["customer", "region"])[["revenue", "margin"]].sum().round(2)
    return totals.nlargest(how_many, "margin")


# --- deliver ----------------------------------------------------------------------------------------------------------


def headline(
    revenue_by_region: pd.Series, monthly_growth: pd.Series, best_customers: pd.DataFrame, rejected_orders: pd.DataFrame
) -> str:
    """The year in four lines, printed."""
    customer, region = best_customers.index[0]
    text = "\n".join(
        [
            f"Revenue      {revenue_by_region.sum():>12,.2f} EUR, most of it from {revenue_by_region.index[0]}",
            f"Best month   {monthly_growth.idxmax()}, {monthly_growth.max():+.1f} % on the month before",
            f"Best client  {customer} ({region})",
            f"Rejected     {len(rejected_orders)} orders",
        ]
    )
    print(text)
    return text


def saved_reports(
    report_folder: str,
    revenue_by_region: pd.Series,
    revenue_by_month: pd.Series,
    margin_by_product: pd.DataFrame,
    best_customers: pd.DataFrame,
    rejected_orders: pd.DataFrame,
) -> list[str]:
    """Paths of the reports, written as CSV."""
    folder = PROJECT / report_folder
    folder.mkdir(parents=True, exist_ok=True)
    reports = {
        "revenue_by_region": revenue_by_region,
        "revenue_by_month": revenue_by_month,
        "margin_by_product": margin_by_product,
        "best_customers": best_customers,
        "rejected_orders": rejected_orders,
    }
    for name, report in reports.items():
        report.to_csv(folder / f"{name}.csv")
    log.info("wrote %d reports to %s", len(reports), folder)
    return [str(folder / f"{name}.csv") for name in reports]
