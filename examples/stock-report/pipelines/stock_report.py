"""What a shop has to order again, and from whom. No node reads or writes a file: the YAML says what comes and goes."""

from pathlib import Path

import pandas as pd
from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="stock_report").pipeline.h_params


def weeks_left(stock: pd.DataFrame) -> pd.Series:
    """How long each item lasts, as it sells now."""
    return (stock["on_hand"] / stock["sold_a_week"]).round(1)


@parameterize(**PARAMS["reorder"])
def reorder(stock: pd.DataFrame, weeks_left: pd.Series, suppliers: dict[str, str], weeks: int) -> pd.DataFrame:
    """The items that do not last long enough, with who has them; the most urgent first."""
    found = stock.assign(weeks_left=weeks_left, supplier=stock["category"].map(suppliers))
    found = found[found["weeks_left"] < weeks].sort_values("weeks_left")
    return found[["item", "supplier", "on_hand", "weeks_left"]].reset_index(drop=True)


def summary(reorder: pd.DataFrame, stock: pd.DataFrame) -> str:
    """The day's news in a few lines."""
    last = stock["counted_on"].max()
    lines = [f"{len(reorder)} of {len(stock)} items run out soon (counted until {last:%d %B %Y})."]
    lines += [f"  {row.item}: {row.weeks_left} weeks, from {row.supplier}" for row in reorder.itertuples()]
    return "\n".join(lines) + "\n"
