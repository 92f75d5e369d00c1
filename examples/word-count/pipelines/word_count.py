"""Counts the words of many texts, several at a time: the nodes between `Parallelizable` and `Collect` run per text."""

import re
import time
from collections import Counter
from pathlib import Path

from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize
from hamilton.htypes import Collect, Parallelizable
from loguru import logger

PROJECT = Path(__file__).parents[1]
PARAMS = Config.load(PROJECT, pipeline_name="word_count").pipeline.h_params


def text_file(text_folder: str) -> Parallelizable[Path]:
    """One text after the other; the block that follows runs for each of them."""
    yield from sorted((PROJECT / text_folder).glob("*.txt"))


# --- for each text ----------------------------------------------------------------------------------------------------


@parameterize(**PARAMS["text"])
def text(text_file: Path, seconds_per_text: float) -> str:
    """The text itself; reading takes a moment, as it would over a network."""
    time.sleep(seconds_per_text)
    logger.info("read {}", text_file.name)
    return text_file.read_text(encoding="utf-8")


@parameterize(**PARAMS["words"])
def words(text: str, ignored: list[str]) -> list[str]:
    """Its words in lower case, without those that say little."""
    return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in ignored]


def word_counts(text_file: Path, words: list[str]) -> tuple[str, Counter]:
    """The name of the text, and how often each word stands in it."""
    return text_file.stem, Counter(words)


# --- for all of them --------------------------------------------------------------------------------------------------


def counts_by_text(word_counts: Collect[tuple[str, Counter]]) -> dict[str, Counter]:
    """The counts of every text, by its name."""
    return dict(word_counts)


def total_counts(counts_by_text: dict[str, Counter]) -> Counter:
    """How often each word stands in all texts together."""
    return sum(counts_by_text.values(), Counter())


@parameterize(**PARAMS["common_words"])
def common_words(total_counts: Counter, how_many: int) -> list[tuple[str, int]]:
    """The most frequent words, printed as a chart."""
    # Words of equal frequency in the order of the alphabet, so that the chart is the same every time.
    common = sorted(total_counts.items(), key=lambda item: (-item[1], item[0]))[:how_many]
    for word, count in common:
        print(f"{word:>10} {'█' * count} {count}")
    return common


def richest_text(counts_by_text: dict[str, Counter]) -> str:
    """The text with most different words for its length."""
    return max(counts_by_text, key=lambda name: len(counts_by_text[name]) / counts_by_text[name].total())
