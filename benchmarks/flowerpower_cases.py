"""Projects that both systems run alike, for `compare_with_flowerpower.py`: what FlowerPower's users write.

The code of a case is the same for both systems. It finds `project` (opened), `manager`, `root`, and FlowerPower's names
through `names(module)`, and leaves what is compared in `result`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

RUN = 'result = project.run("main")'

TOTAL = """
def double(x: int) -> int:
    return 2 * x

def total(double: int, y: int) -> int:
    return double + y
"""

PARAMS = """
from pathlib import Path

from flowerpower.cfg import Config
from hamilton.function_modifiers import parameterize

PARAMS = Config.load(Path(__file__).parents[1], pipeline_name="main").pipeline.h_params
"""

COUNTING = """
from pathlib import Path

CALLS = Path(__file__).parents[1] / "calls.txt"

def _called() -> int:
    calls = int(CALLS.read_text()) + 1 if CALLS.exists() else 1
    CALLS.write_text(str(calls))
    return calls
"""

FLAKY = f"""{COUNTING}
def answer(failures: int) -> int:
    calls = _called()
    if calls <= failures:
        raise TimeoutError(f"call {{calls}}")
    return calls
"""


@dataclass(frozen=True)
class Case:
    """A project, and what is done with it.

    Attributes:
        name: what the case is about.
        conf: the YAML of the pipeline `main`.
        files: the project's other files; `pipelines/main.py` is its module.
        code: what is done.
        environ: variables that are set.
        better: what FlowerPower does instead; empty where both shall give the same.
        expected: for a case of `better`, what we shall give, as Python.
    """

    name: str
    conf: str = "run: {final_vars: [total], inputs: {x: 1, y: 2}}\n"
    files: dict[str, str] = field(default_factory=lambda: {"pipelines/main.py": TOTAL})
    code: str = RUN
    environ: dict[str, str] = field(default_factory=dict)
    better: str = ""
    expected: object = None


def module(text: str, **more: str) -> dict[str, str]:
    """The files of a project with this module, and others in `pipelines/`."""
    return {"pipelines/main.py": text, **{f"pipelines/{name}.py": other for name, other in more.items()}}


SAME = (
    Case("inputs and final_vars"),
    Case("inputs are merged", code='result = project.run("main", inputs={"y": 7})'),
    Case("final_vars are replaced", code='result = project.run("main", final_vars=["double"])'),
    Case("the manager runs too", code='result = manager.run("main", inputs={"x": 5})'),
    Case(
        "a RunConfig and keywords",
        code='R = names("flowerpower.cfg.pipeline.run").RunConfig\n'
        'result = project.run("main", R(inputs={"x": 5}, final_vars=["double"]), inputs={"x": 6})',
    ),
    Case(
        "a RunConfigBuilder",
        code='B = names("flowerpower.utils.config").RunConfigBuilder\n'
        'built = B().with_inputs({"x": 9, "y": 1}).with_final_vars(["total", "double"]).with_retries(0).build()\n'
        'result = project.run("main", run_config=built)',
    ),
    Case(
        "h_params by item, attribute and **",
        conf="params: {p: {a: {b: hi}}, node: {x: 3}, other: {x: 4}, plain: 5}\n"
        "run: {final_vars: [seen, node, other]}\n",
        files=module(
            f"{PARAMS}\n@parameterize(**PARAMS['node'])\ndef node(x: int) -> int:\n    return x\n\n"
            "@parameterize(**PARAMS.other)\ndef other(x: int) -> int:\n    return x\n\n"
            "def seen() -> dict:\n    return {'keys': sorted(PARAMS), 'value': PARAMS['p']['p']['a'].value['b'],\n"
            "            'same': PARAMS.p.p.a.value == PARAMS.get('p')['p']['a'].value, 'plain': PARAMS.plain.plain,\n"
            "            'in': 'p' in PARAMS, 'dict': PARAMS.to_dict()['plain']}\n"
        ),
    ),
    Case(
        "a param that names another is its source",
        conf="params: {base: {x: 4}, derived: {x: base}}\nrun: {final_vars: [derived]}\n",
        files=module(
            f"{PARAMS}\n@parameterize(**PARAMS['base'])\ndef base(x: int) -> int:\n    return x\n\n"
            "@parameterize(**PARAMS['derived'])\ndef derived(x: int) -> int:\n    return 10 * x\n"
        ),
    ),
    Case(
        "Config.load as modules use it",
        conf="params: {limit: 3}\nrun: {final_vars: [seen], inputs: {x: 1}}\n",
        files=module(
            "from flowerpower.cfg import Config\nfrom pathlib import Path\nROOT = Path(__file__).parents[1]\n"
            "C = Config.load(str(ROOT), pipeline_name='main')\nEMPTY = Config.load(ROOT, 'main')\n"
            "NAMED = Config.load(ROOT, pipeline_name='main', cfg_dir='conf', pipelines_dir='pipelines')\n"
            "def seen() -> dict:\n    return {'params': C.pipeline.params, 'inputs': C.pipeline.run.inputs,\n"
            "            'project': C.project.name, 'empty': EMPTY.pipeline.params, 'named': NAMED.pipeline.params,\n"
            "            'retry': C.pipeline.run.retry.max_retries, 'base': str(C.base_dir_path) == str(ROOT)}\n"
        ),
    ),
    Case(
        "${} in YAML",
        conf="params: {set: '${SET}', unset: '${UNSET}', default: '${UNSET:-d}', empty: '${EMPTY-d}', list: '${LIST}',"
        " number: '${NUMBER}', double: 'a${SET}b', cash: '$$5', text: '0123', truth: '${TRUTH}', ones: '${ONE}$ONE'}\n"
        "run: {final_vars: [seen]}\n",
        files=module(f"{PARAMS}\ndef seen() -> dict:\n    return {{k: v[k] for k, v in PARAMS.to_dict().items()}}\n"),
        environ={"SET": "value", "EMPTY": "", "NUMBER": "12", "LIST": "[1, 2]", "TRUTH": "true", "ONE": "1"},
    ),
    Case(
        "variables over YAML",
        environ={
            "FP_PIPELINE__RUN__INPUTS": '{"x": 8, "y": 9}',
            "FP_PIPELINE__RUN__FINAL_VARS": '["double"]',
            "FP_LOG_LEVEL": "WARNING",
        },
    ),
    Case(
        "variables over params",
        conf="params: {node: {x: 1}}\nrun: {final_vars: [node]}\n",
        files=module(f"{PARAMS}\n@parameterize(**PARAMS['node'])\ndef node(x: int) -> int:\n    return x\n"),
        environ={"FP_PIPELINE__PARAMS__NODE__X": "5"},
    ),
    Case(
        "a retry that helps",
        conf="run: {final_vars: [answer], inputs: {failures: 2}, retry: {max_retries: 3, retry_delay: 0.01}}\n",
        files=module(FLAKY),
    ),
    Case(
        "retries that are used up",
        conf="run: {final_vars: [answer], inputs: {failures: 9}, retry: {max_retries: 2, retry_delay: 0.01}}\n",
        files=module(FLAKY),
        code='try:\n    project.run("main")\nexcept RuntimeError as error:\n'
        '    result = [type(error.__cause__).__name__, str(error.__cause__), (root / "calls.txt").read_text()]',
    ),
    Case(
        "an exception that is not tried again",
        conf="run: {final_vars: [answer], inputs: {failures: 9},"
        " retry: {max_retries: 3, retry_exceptions: [KeyError]}}\n",
        files=module(FLAKY),
        code='try:\n    manager.run("main")\nexcept TimeoutError as error:\n'
        '    result = [str(error), (root / "calls.txt").read_text()]',
    ),
    Case(
        "retry keys as they once were",
        conf="run: {final_vars: [answer], inputs: {failures: 2}, max_retries: 3, retry_delay: 0.01}\n",
        files=module(FLAKY),
    ),
    Case(
        "callbacks",
        code="told = []\n"
        'project.run("main", on_success=(lambda r, e, *a, **k: told.append([r, e, a, k]), (1,), {"k": 2}))\n'
        "try:\n    project.run('main', inputs={'y': 'no'}, max_retries=0,"
        " on_failure=lambda r, e: told.append([r, e is not None]))\nexcept RuntimeError:\n    told.append('raised')\n"
        "result = [told[0], told[-1]]",
    ),
    Case(
        "config.when",
        conf="run: {final_vars: [rate], config: {region: eu}}\n",
        files=module(
            "from hamilton.function_modifiers import config\n\n"
            "@config.when(region='eu')\ndef rate__eu() -> float:\n    return 0.19\n\n"
            "@config.when(region='us')\ndef rate__us() -> float:\n    return 0.07\n"
        ),
        code='result = [project.run("main"), project.run("main", config={"region": "us"})]',
    ),
    Case(
        "additional modules",
        conf="run: {final_vars: [total], additional_modules: [more, lib.deep]}\n",
        files={
            **module("def total(a: int, b: int) -> int:\n    return a + b\n", more="def a() -> int:\n    return 1\n"),
            "pipelines/lib/deep.py": "def b() -> int:\n    return 2\n",
        },
    ),
    Case(
        "names with dots and hyphens, .yaml, conf/",
        files={
            "pipelines/grp/sub_pipe.py": TOTAL,
            "conf/pipelines/grp/sub_pipe.yaml": "run: {final_vars: [total], inputs: {x: 1, y: 1}}\n",
            "pipelines/flat.py": TOTAL,
            "conf/flat.yml": "run: {final_vars: [double], inputs: {x: 4, y: 1}}\n",
            "pipelines/main.py": TOTAL,
        },
        code='result = [project.run("grp.sub-pipe"), project.run("grp.sub_pipe"), project.run("flat")]',
    ),
    Case(
        "YAML 1.1",
        conf="params: {n: 10_000, yes: yes, off: off, day: 2026-01-31, octal: 010, text: 'no', sci: 1.5e3, hex: 0x1F}\n"
        "run: {final_vars: [seen]}\n",
        files=module(
            f"{PARAMS}\ndef seen() -> dict:\n    return {{str(k): v[k] for k, v in PARAMS.to_dict().items()}}\n"
        ),
    ),
    *(
        Case(
            f"Parallelizable in {executor}",
            conf=f"run: {{final_vars: [gathered], inputs: {{n: 6}}, executor: {{type: {executor}, max_workers: 3}}}}\n",
            files=module(
                "from hamilton.htypes import Collect, Parallelizable\n\n"
                "def item(n: int) -> Parallelizable[int]:\n    yield from range(n)\n\n"
                "def square(item: int) -> int:\n    return item * item\n\n"
                "def gathered(square: Collect[int]) -> list:\n    return sorted(square)\n"
            ),
        )
        for executor in ("threadpool", "processpool", "synchronous", "local")
    ),
    Case(
        "tables",
        conf="run: {final_vars: [means, wide]}\n",
        files=module(
            "import pandas as pd\nfrom hamilton.function_modifiers import extract_columns, tag\n\n"
            "@extract_columns('a', 'b')\ndef table() -> pd.DataFrame:\n"
            "    return pd.DataFrame({'a': [1, 2, 3], 'b': [0.5, 1.5, 2.5]})\n\n"
            "@tag(owner='me')\ndef means(a: pd.Series, b: pd.Series) -> pd.Series:\n    return (a + b) / 2\n\n"
            "def wide(table: pd.DataFrame, means: pd.Series) -> pd.DataFrame:\n    return table.assign(means=means)\n"
        ),
    ),
    Case(
        "an adapter as an object",
        code="from hamilton.lifecycle import NodeExecutionHook\n\nclass Hears(NodeExecutionHook):\n"
        "    def __init__(self):\n        self.heard = []\n\n"
        "    def run_before_node_execution(self, *, node_name, **_):\n        self.heard.append(node_name)\n\n"
        "    def run_after_node_execution(self, **_):\n        pass\n\n"
        "hears = Hears()\nresult = [project.run('main', adapter={'hears': hears}), sorted(set(hears.heard))]",
    ),
    Case(
        "an edit and reload",
        code='first = project.run("main")\n'
        '(root / "pipelines/main.py").write_text((root / "pipelines/main.py").read_text().replace("2 *", "300 *"))\n'
        'result = [first, project.run("main", reload=True)]',
    ),
    Case(
        "pipelines made, listed, sent elsewhere, deleted",
        code='import shutil\nother = root.parent / "other"\nshutil.rmtree(other, ignore_errors=True)\n'
        "for folder in ('conf/pipelines', 'pipelines'):\n    (other / folder).mkdir(parents=True)\n"
        'manager.creator.create_pipeline("team.fresh")\nlisted = list(manager.pipelines)\n'
        'manager.io.export_pipeline("main", str(other))\n'
        "sent = sorted(str(p.relative_to(other)) for p in other.rglob('*.*') if p.suffix in ('.py', '.yml'))\n"
        'manager.registry.delete_pipeline("team.fresh", cfg=True, module=True)\n'
        "loaded = manager.load_pipeline('main')\n"
        "result = [listed, list(manager.pipelines), [s for s in sent if 'project' not in s], loaded.run.inputs,"
        " manager.registry.get_summary('main')['pipelines']['main']['cfg']['run']['inputs']]",
    ),
    Case(
        "what a script catches",
        code="caught = []\n"
        "def catch(call, *kinds):\n    try:\n        call()\n    except kinds as error:\n"
        "        caught.append(next(k.__name__ for k in kinds if isinstance(error, k)))\n"
        "P = type(project)\n"
        'catch(lambda: P.new("x", base_dir=str(root)), FileExistsError)\n'
        'catch(lambda: manager.creator.create_pipeline("main"), ValueError)\n'
        'catch(lambda: project.run("absent", max_retries=0), RuntimeError)\n'
        'catch(lambda: manager.io.export_pipeline("absent", str(root.parent / "x")), ValueError)\n'
        'caught.append(P.load(str(root.parent / "nothing")))\nresult = caught',
    ),
)
