"""A weather station that does not answer twice, and then does: what `run.retry` is for."""

import csv
import logging
from itertools import count
from pathlib import Path
from statistics import fmean

from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

PROJECT = Path(__file__).parents[1]
PARAMS = Config.load(PROJECT, pipeline_name="flaky").pipeline.h_params

log = logging.getLogger(__name__)

# A run imports its modules afresh, and repeats the whole DAG with them when it tries again: so this counts the attempts
# of one run.
attempts = count(1)


@parameterize(**PARAMS["readings"])
def readings(readings_file: str, outages: int) -> list[dict[str, str]]:
    """Temperatures of a week, as the station sends them.

    Raises:
        TimeoutError: the station does not answer, `outages` times.
    """
    attempt = next(attempts)
    if attempt <= outages:
        log.warning("no answer from the station (attempt %d)", attempt)
        raise TimeoutError("the weather station did not answer within 2 s")
    with (PROJECT / readings_file).open(newline="") as file:
        return list(csv.DictReader(file))


def temperatures_by_day(readings: list[dict[str, str]]) -> dict[str, list[float]]:
    """Degrees Celsius of each day, in the order they were measured."""
    days: dict[str, list[float]] = {}
    for reading in readings:
        days.setdefault(reading["day"], []).append(float(reading["celsius"]))
    return days


def daily_means(temperatures_by_day: dict[str, list[float]]) -> dict[str, float]:
    """The mean temperature of each day."""
    return {day: round(fmean(temperatures), 1) for day, temperatures in temperatures_by_day.items()}


def warmest_day(daily_means: dict[str, float]) -> str:
    """The day with the highest mean, printed."""
    day = max(daily_means, key=daily_means.__getitem__)
    print(f"{day} was the warmest day, with {daily_means[day]} °C on average")
    return day
