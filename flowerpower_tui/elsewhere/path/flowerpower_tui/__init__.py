"""Stands in for this package where it is not installed: becomes the real one, which lies around it."""

import os.path

__path__[0] = os.path.abspath(os.path.join(__file__, *[os.pardir] * 4))  # noqa: PTH100, PTH118 - light
__file__ = os.path.join(__path__[0], "__init__.py")  # noqa: PTH118
with open(__file__, encoding="utf-8") as _real:  # noqa: PTH123
    exec(compile(_real.read(), __file__, "exec"))  # noqa: S102 - our own text
