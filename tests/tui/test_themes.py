"""Every theme can be read; a user's own theme is used, or says what is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from flowerpower_tui.tui.themes import DEFAULT_THEME, SHIPPED, shipped_themes, user_themes

THEMES = {theme.name: theme for theme in user_themes(SHIPPED)[0]}
WORDS = (
    "foreground",
    "foreground-muted",
    "text-muted",
    "text-disabled",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
)


def contrast(text: Color, ground: Color) -> float:
    """The ratio of WCAG 2: from 1 to 21."""

    def luminance(colour: Color) -> float:
        parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(text), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def colour_on(ground: Color, value: str) -> Color:
    colour = (
        ground.get_contrast_text(float(value.split()[1].rstrip("%")) / 100) if "auto" in value else Color.parse(value)
    )
    return ground.blend(colour, colour.a, 1) if colour.a < 1 else colour


def plain_grounds(theme: Theme) -> dict[str, Color]:
    """What the parts of a screen stand on."""
    variables = theme.to_color_system().generate()
    return {name: Color.parse(variables[name]) for name in ("background", "surface", "panel")}


def bars(theme: Theme) -> dict[str, Color]:
    """What stands over that below words: cursors, the place that one is in."""
    bar = Color.parse(theme.to_color_system().generate()["primary"])
    plain = plain_grounds(theme)
    return {f"a bar on {name}": plain[name].blend(bar, 0.3, 1) for name in ("background", "surface")}


def worst_contrast(theme: Theme, roles: Iterable[str], grounds: Mapping[str, Color]) -> tuple[float, str]:
    """The lowest contrast of some roles' words, and where that is."""
    variables = theme.to_color_system().generate()
    return min(
        (contrast(colour_on(ground, variables[role]), ground), f"{role} on {name}")
        for role in roles
        for name, ground in grounds.items()
    )


def test_there_are_themes_for_every_room() -> None:
    assert DEFAULT_THEME in THEMES
    assert len(THEMES) >= 8
    assert {theme.dark for theme in THEMES.values()} == {True, False}
    assert any(theme.ansi for theme in THEMES.values())


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if not theme.ansi])
def test_words_can_be_read_on_every_ground(name: str) -> None:
    theme = THEMES[name]
    assert worst_contrast(theme, WORDS, plain_grounds(theme) | bars(theme)) >= (4.5, "")
    if name.startswith("contrast"):
        assert worst_contrast(theme, set(WORDS) - {"text-disabled"}, plain_grounds(theme)) >= (7, "")


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if not theme.ansi])
def test_words_on_what_stands_out_can_be_read(name: str) -> None:
    variables = THEMES[name].to_color_system().generate()
    ground = Color.parse(variables["background"])
    for role in ("primary", "warning"):
        assert contrast(ground, Color.parse(variables[role])) >= 4.5, f"a title, or a letter to jump by, on {role}"
    assert contrast(Color.parse(variables["foreground"]), ground) >= 7, "what is read for hours"


def test_what_yaml_made_of_our_themes_is_kept_until_one_of_them_changes(tmp_path: Path) -> None:
    folder, state = tmp_path / "themes", tmp_path / "state"
    shutil.copytree(SHIPPED, folder)
    state.mkdir()
    first = shipped_themes(folder, state)
    assert {theme.name: theme for theme in first} == THEMES
    kept = (state / "themes.json").read_bytes()
    assert shipped_themes(folder, state) == first
    assert (state / "themes.json").read_bytes() == kept

    (folder / "moss.yaml").write_text("name: moss\nprimary: '#010203'\n")

    assert {theme.name: theme.primary for theme in shipped_themes(folder, state)}["moss"] == "#010203"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"stamps": [], "themes": [{}]}'])
def test_where_nothing_useful_is_kept_the_themes_are_read_anew(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "themes.json").write_bytes(content)
    assert {theme.name: theme for theme in shipped_themes(state=tmp_path)} == THEMES


def test_themes_need_no_place_to_be_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert len(shipped_themes(state=tmp_path / "file")) == len(THEMES)


def test_a_users_own_theme_is_used(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("primary: '#ff0000'\ndark: false\n")
    (theme,), problems = user_themes(tmp_path)
    assert (theme.name, theme.primary, theme.dark, problems) == ("mine", "#ff0000", False, [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("primray: red\n", "primary"),
        ("primary: reddish\n", "'reddish' is no colour"),
        ("primary: [1]\n", "Expected `str`"),
        ("- a\n", "Expected `object`"),
        ("a: [\n", "mine.yml"),
        ("dark: true\n", "primary"),
    ],
)
def test_a_theme_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yml").write_text(text)
    themes, (problem,) = user_themes(tmp_path)
    assert themes == []
    assert said in str(problem)


def test_a_folder_that_is_not_there_has_no_themes(tmp_path: Path) -> None:
    assert user_themes(tmp_path / "themes") == ([], [])
