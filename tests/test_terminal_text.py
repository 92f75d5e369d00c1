"""Nothing that a log or a file holds can drive the terminal."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowerpower_tui.terminal import one_line, sanitise

SGR = re.compile(r"\x1b\[[0-9;:]*m")

nasty_pieces = st.one_of(
    st.sampled_from(
        [
            "\x1b]52;c;aGVsbG8=\x07",
            "\x1b]0;title\x1b\\",
            "\x1b[2J",
            "\x1b[?1049h",
            "\x1b[31m",
            "\x1b[0m",
            "\x1bP+q544e\x1b\\",
            "\x1b_Gf=32;AAAA\x1b\\",
            "\x1b^pm\x1b\\",
            "\x1bc",
            "\x1b(0",
            "\x9b2J",
            "\x9d0;title\x9c",
            "\x90q\x9c",
            "\x1b",
            "\x1b[",
            "\x1b]",
            "\r",
            "\r\n",
            "\b\b",
            "\x07",
            "\x00",
            "\x7f",
            "\u202e",
            "\u2028",
        ]
    ),
    st.text(max_size=8),
    st.text(alphabet="\x1b\x9b\x9d[]?;0123456789mhHJKABC\\\x07\n\t a", max_size=12),
)
nasty_text = st.lists(nasty_pieces, max_size=12).map("".join)


def controls(text: str) -> set[str]:
    return {char for char in text if unicodedata.category(char) == "Cc"} - {"\n", "\t"}


@given(nasty_text)
@example("\x1b\x1b[0m[2J")
@example("\x1b]0;no end")
@example("\x1b[3\x1b[1m1m")
def test_no_control_character_is_left(text: str) -> None:
    assert controls(sanitise(text)) == set()


@given(nasty_text)
@example("\x1b\x1b[0m[2J")
@example("\x1b[3\x1b[1m1m")
@example("\x1b[31m\r\x1b[0m]0;x\x07")
def test_with_colours_only_colours_are_left(text: str) -> None:
    assert controls(SGR.sub("", sanitise(text, colours=True))) == set()


@given(nasty_text)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert sanitise(sanitise(text)) == sanitise(text)
    once = sanitise(text, colours=True)
    assert sanitise(once, colours=True) == once


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"])))
def test_ordinary_text_is_untouched(text: str) -> None:
    assert sanitise(text) == text


@given(nasty_text)
def test_printable_text_around_sequences_survives(text: str) -> None:
    assert sanitise(f"before \x1b[2J{'x'} after\n{text}").startswith("before x after\n")


def test_a_progress_bar_shows_its_last_state() -> None:
    assert sanitise("10%\r50%\r100%\ndone\r\n") == "100%\ndone\n"


def test_a_lone_control_character_is_made_visible() -> None:
    assert sanitise("a\x00b\x07c") == "a␀b␇c"


def test_bidirectional_controls_cannot_reorder_a_line() -> None:
    assert "\u202e" not in sanitise("user\u202egpj.exe")


@given(nasty_text)
def test_one_line_is_one_line(text: str) -> None:
    assert controls(one_line(text)) == set()
    assert not {"\n", "\t"} & set(one_line(text))


def test_of_colours_only_what_stands_still_is_left() -> None:
    assert sanitise("\x1b[1;5;31mx\x1b[8my\x1b[07mz", colours=True) == "\x1b[1;31mxyz"


@pytest.mark.parametrize(
    ("given_colours", "kept"),
    [
        ("38:2::0:128:255", "38;2;0;128;255"),
        ("1;48:2:5:7:8", "1;48;2;5;7;8"),
        ("58:5:7", "58;5;7"),
        ("4:3", "4"),
        ("4:0;31", "24;31"),
    ],
)
def test_colours_with_colons_are_the_colours_that_they_are(given_colours: str, kept: str) -> None:
    assert sanitise(f"\x1b[{given_colours}mx", colours=True) == f"\x1b[{kept}mx"


def test_the_numbers_of_an_extended_colour_are_no_attributes() -> None:
    text = "\x1b[38;5;8mgrey\x1b[48;2;5;7;8mdark\x1b[0m"
    assert sanitise(text, colours=True) == text
