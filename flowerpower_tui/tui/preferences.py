"""What the user's own files ask of the application: done when it opens, and again when one of them is saved."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

from flowerpower_tui.errors import did_you_mean
from flowerpower_tui.settings import FILE, Read, Settings, config_directory, read_settings
from flowerpower_tui.terminal import sanitise
from flowerpower_tui.tui.own_files import KEYMAP, THEMES, from_the_next_start, watch_own_files
from flowerpower_tui.tui.themes import DEFAULT_THEME, shipped_themes, user_themes

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowerpower_tui.errors import Problem
    from flowerpower_tui.runs.surroundings import Changes
    from flowerpower_tui.runs.watching import Watcher


class Preferences:
    """The settings, themes and keys of an application. What is wrong with them is told, and keeps nobody out."""

    def __init__(self, app: App[int], read: Read, changed: Callable[[Settings], object]) -> None:
        """Do nothing yet.

        Args:
            app: the application.
            read: the settings as they are now.
            changed: told of settings that were saved since.
        """
        self._app = app
        self._read = read
        self._changed = changed
        self._folder = config_directory()
        self._watcher: Watcher | None = None
        self._complained = ""
        self._theme_problems: list[Problem] = []

    @property
    def read(self) -> Read:
        """The settings as they hold, with where they come from."""
        return self._read

    @property
    def settings(self) -> Settings:
        """What the user wants."""
        return self._read.settings

    def dress(self) -> None:
        """Have the wanted theme, before anything is drawn; what is wrong is told by `take`."""
        self._take_themes()
        self._app.theme = self.settings.theme if self.settings.theme in self._app.available_themes else DEFAULT_THEME

    def take(self) -> None:
        """Do as the files say."""
        self._tell_of_themes()
        self._take_settings()
        self._take_keys()

    def take_saved(self) -> None:
        """Do as the settings say by now."""
        before, self._read = self.settings, read_settings()
        if self.settings != before:
            self._changed(self.settings)
        if self.settings.theme != before.theme or self._read.complaint != self._complained:
            self._take_settings()
        if later := from_the_next_start(before, self.settings):
            said = f"{', '.join(later)}: from the next start of fp-tui on."
            self._app.notify(said, title="Settings", timeout=6, markup=False)
        if self.settings.keys != before.keys:
            self._take_keys()

    def watch(self) -> None:
        """Do from now on as the files say, whenever one of them is saved."""
        tell = partial(self._app.call_later, self._take_changed)
        self._watcher = watch_own_files(self._folder, tell)

    def close(self) -> None:
        """Look at the files no more."""
        if self._watcher is not None:
            self._watcher.close()

    def _take_changed(self, changes: Changes) -> None:
        """Do as the files say by now."""
        if any(Path(path).parent == self._folder / THEMES for path in changes.paths):
            self._take_themes()
            self._tell_of_themes()
            self._app.mutate_reactive(App.theme)
        if str(self._folder / FILE) in changes.paths:
            self.take_saved()
        if str(self._folder / KEYMAP) in changes.paths:
            self._take_keys()

    def _take_themes(self) -> None:
        """Have our themes and the user's own to choose from."""
        own, self._theme_problems = user_themes(self._folder / THEMES)
        for theme in (*shipped_themes(), *own):
            self._app.register_theme(theme)

    def _tell_of_themes(self) -> None:
        for problem in self._theme_problems:
            self._warn(str(problem), "Themes")

    def _take_settings(self) -> None:
        """Do as the settings say."""
        wanted, complaint = self.settings.theme, self._read.complaint
        self._complained = complaint
        is_known = wanted in self._app.available_themes
        self._app.theme = wanted if is_known else DEFAULT_THEME
        if not is_known:
            complaint = complaint or f"There is no theme '{wanted}'. {did_you_mean(wanted, self._app.available_themes)}"
        if complaint:
            self._warn(complaint, "Settings")

    def _take_keys(self) -> None:
        """Have the user's own keys, if there are any."""
        if self.settings.keys == "default" and not (self._folder / KEYMAP).exists():
            self._app.set_keymap({})
            return
        # It imports all of the interface: only for who has keys of their own.
        from flowerpower_tui.tui.keymap import read_keymap

        keymap = read_keymap(self._folder, self.settings.keys)
        self._app.set_keymap(keymap.for_textual())
        if keymap.problems:
            self._warn("\n".join(map(str, keymap.problems[:3])), "Keys")

    def _warn(self, said: str, title: str) -> None:
        self._app.notify(sanitise(said), title=title, severity="warning", timeout=10, markup=False)
