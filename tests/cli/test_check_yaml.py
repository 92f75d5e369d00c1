"""`fp-tui check` on YAML that means something else to other readers."""

from __future__ import annotations

from collections.abc import Callable

MODULE = "def quick(at: int) -> int:\n    return at\n"
YAML = """\
params:
  word: no
  password: 012
  said: "on"
run:
  reload: on
  inputs: {at: 1:30}
  final_vars: [quick]
"""


def test_what_yaml_1_2_reads_otherwise_is_told_with_its_place_and_fails_nothing(
    fp_tui: Callable, project: Callable
) -> None:
    root = project(quick=MODULE)
    file = root / "conf/pipelines/quick.yml"
    file.write_text(YAML)
    (root / "conf/project.yml").write_text("name: 1e-3\n")

    outcome = fp_tui("check", "-C", root)

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        f"{root}/conf/project.yml:1:7: '1e-3' is text here, no number; Write the number in full: 1.0e-3 (notice)",
        f"{file}:2:9: 'no' is false here; Write true or false, or quote it if it is a word. (notice)",
        f"{file}:3:13: this is something else to a reader of YAML 1.2; Quote it if its digits count. (notice)",
        f"{file}:6:11: 'on' is true here; Write true or false, or quote it if it is a word. (notice)",
        f"{file}:7:16: '1:30' is 90 here, a number to the base of 60; Quote it. (notice)",
    ]
    assert outcome.err == "1 pipeline: no problems.\n"


def test_as_json_they_are_notices(fp_tui: Callable, project: Callable) -> None:
    root = project(quick="def quick() -> int:\n    return 1\n")
    (root / "conf/pipelines/quick.yml").write_text("run: {reload: yes, final_vars: [quick], log_level: LOUD}\n")

    outcome = fp_tui("check", "-C", root, "--json")

    assert outcome.code == 2
    assert [(found["kind"], found["line"], found["column"]) for found in outcome.json] == [
        ("problem", 1, 52),
        ("notice", 1, 15),
    ]
    assert outcome.json[1]["hint"] == "Write true or false, or quote it if it is a word."
