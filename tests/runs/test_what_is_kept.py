"""What is kept for later is kept whole, whoever writes it at that moment; and what is damaged is made anew."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

import pytest

from flowerpower_tui.graph.model import Graph, Node
from flowerpower_tui.location import put
from flowerpower_tui.runs import interpreter, preloads
from flowerpower_tui.runs.graph_cache import load_graph, store_graph
from flowerpower_tui.runs.interpreter import Choice
from flowerpower_tui.runs.preloads import Preloads, recall


def test_looks_that_end_at_once_leave_a_graph_that_can_be_read(project: Path, state: Path) -> None:
    graphs = [Graph(tuple(Node(f"n{number}") for number in range(size))) for size in (5, 400)]
    raised: list[Exception] = []

    def keep(graph: Graph) -> None:
        try:
            for _ in range(300):
                store_graph(project, "etl", graph, (), "")
                assert load_graph(project, "etl") is not None
        except (OSError, AssertionError) as error:
            raised.append(error)

    threads = [Thread(target=keep, args=[graph]) for graph in graphs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert raised == []
    assert len(list((state / "graphs").iterdir())) == 1


@pytest.mark.parametrize("damaged", [b"", b'{"etl":', b'{"etl":{"modules":["\xff"]}}'])
def test_what_is_damaged_is_as_good_as_not_there(project: Path, state: Path, damaged: bytes) -> None:
    put(preloads._path(state, project), damaged)
    choice = Choice(sys.executable)
    put(interpreter._path(choice), damaged)

    assert recall(state, project) == Preloads()
    assert interpreter.look(choice).version.startswith("3.")


def test_what_cannot_be_written_leaves_nothing_beside_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(IsADirectoryError):
        put(tmp_path / "folder", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
