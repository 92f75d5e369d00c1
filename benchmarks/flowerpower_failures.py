"""What FlowerPower fails in and we promise to do, for `compare_with_flowerpower.py`: each with what we shall give."""

from flowerpower_cases import COUNTING, FLAKY, Case, module

_TEMPLATE_NULLS = (
    "adapter: {hamilton_tracker: {project_id: 7}}\n"
    "run: {final_vars: [total], inputs: {x: 1, y: 2}, pipeline_adapter_cfg: null, project_adapter_cfg: null}\n"
)

BETTER = (
    Case(
        "empty final_vars",
        conf="run: {inputs: {x: 1, y: 2}}\n",
        better="hangs",
        expected={"total": 4},
    ),
    Case(
        "run_async",
        conf="run: {final_vars: [total]}\n",
        files=module(
            "import asyncio\n\nasync def one() -> int:\n    await asyncio.sleep(0.01)\n    return 1\n\n"
            "async def total(one: int) -> int:\n    return one + 1\n"
        ),
        code='import asyncio\nresult = asyncio.run(manager.run_async("main"))',
        better="always raises",
        expected={"total": 2},
    ),
    Case(
        "cache",
        conf="run: {final_vars: [answer], inputs: {failures: 0}, cache: true}\n",
        files=module(
            f"from pipelines import helper\n{COUNTING}\n"
            "def answer(failures: int) -> int:\n    return 10 * _called() + helper.MORE\n",
            helper="MORE = 1\n",
        ),
        code='first = [project.run("main"), project.run("main")]\n'
        '(root / "pipelines/helper.py").write_text("MORE = 5\\n")\n'
        'result = [*first, project.run("main", reload=True)]',
        better="computes everything again",
        expected=[{"answer": 11}, {"answer": 11}, {"answer": 25}],
    ),
    Case(
        "adapters that cannot be used together",
        code="from hamilton.plugins.h_threadpool import FutureAdapter\n\nclass Other(FutureAdapter):\n    pass\n\n"
        "try:\n    manager.run('main', adapter={'one': FutureAdapter(), 'two': Other()}, max_retries=0)\n"
        "except Exception as error:\n    result = 'one' in str(error) and 'two' in str(error)",
        better="does not say which",
        expected=True,
    ),
    Case(
        "an adapter's settings beside the template's nulls",
        conf=_TEMPLATE_NULLS,
        files=module(
            "from flowerpower.cfg import Config\nfrom pathlib import Path\n"
            "C = Config.load(Path(__file__).parents[1], pipeline_name='main')\n"
            "def total() -> list:\n    run = C.pipeline.run\n"
            "    return [C.pipeline.adapter.hamilton_tracker.project_id, run.pipeline_adapter_cfg is None]\n"
        ),
        better="nulls switch them off",
        expected={"total": [7, False]},
    ),
    Case(
        "two projects with a pipeline of one name",
        code='import shutil\nother = root.parent / "other"\nshutil.rmtree(other, ignore_errors=True)\n'
        "shutil.copytree(root, other)\n"
        '(other / "pipelines/main.py").write_text("def total(x: int, y: int) -> str:\\n    return \'other\'\\n")\n'
        "second = type(project).load(str(other))\n"
        'result = [project.run("main"), second.run("main"), project.run("main", reload=True)]',
        better="runs the other's code",
        expected=[{"total": 4}, {"total": "other"}, {"total": 4}],
    ),
    Case(
        "two of one name, the pipeline's own counts",
        conf="run: {final_vars: [total], additional_modules: [more]}\n",
        files=module("def total() -> int:\n    return 1\n", more="def total() -> int:\n    return 2\n"),
        better="refuses",
        expected={"total": 1},
    ),
    Case(
        "a misspelt argument",
        code='try:\n    result = project.run("main", final_varz=["double"])\nexcept TypeError as error:\n'
        "    result = \"Did you mean 'final_vars'?\" in str(error)",
        better="is ignored",
        expected=True,
    ),
    Case(
        "text for a whole number",
        conf="run: {final_vars: [total], inputs: {x: '1', y: '2'}, retry: {max_retries: 0}}\n",
        better="refuses",
        expected={"total": 4},
    ),
    Case(
        "an override that equals the default",
        conf="run: {final_vars: [answer], inputs: {failures: 2}, retry: {max_retries: 0, retry_delay: 0.01}}\n",
        files=module(FLAKY),
        code='m = names("flowerpower.cfg.pipeline.run")\n'
        'result = project.run("main", m.RunConfig(retry=m.RetryConfig(max_retries=3)))',
        better="is not seen",
        expected={"answer": 3},
    ),
    Case(
        "a missing input is not tried again",
        conf="run: {final_vars: [total], inputs: {x: 1}, retry: {max_retries: 1, retry_delay: 1.5}}\n",
        code="import time\nfor _ in range(2):\n    began = time.perf_counter()\n"
        "    try:\n        project.run('main')\n    except RuntimeError as error:\n"
        "        result = [time.perf_counter() - began < 1.4, \"'y'\" in str(error)]",
        better="waits, tries again",
        expected=[True, True],
    ),
    Case(
        "independent nodes side by side",
        conf="run: {final_vars: [total], executor: {type: threadpool, max_workers: 3}}\n",
        files=module(
            "import time\n\ndef a() -> int:\n    time.sleep(0.4)\n    return 1\n\n"
            "def b() -> int:\n    time.sleep(0.4)\n    return 1\n\n"
            "def total(a: int, b: int) -> int:\n    return a + b\n"
        ),
        code="import time\nproject.run('main')\nbegan = time.perf_counter()\nproject.run('main')\n"
        "result = time.perf_counter() - began < 0.75",
        better="one by one",
        expected=True,
    ),
    Case(
        "reading a file leaves it as it is",
        conf="# mine\nrun: {final_vars: [total], inputs: {x: 1, y: 2}, max_retries: 0}  # legacy\n",
        code="before = (root / 'conf/pipelines/main.yml').read_text()\nproject.run('main')\n"
        "result = (root / 'conf/pipelines/main.yml').read_text() == before",
        better="rewrites it",
        expected=True,
    ),
)
