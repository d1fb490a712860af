"""Compiling the kernels: numba with a cache on disk where one can be written, without where none can."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def kernel(function: Function) -> Function:
    """Compile a function that needs no Python objects and releases the interpreter's lock.

    The machine code is kept beside the module, in the user's cache folder when the package may not be written to, and
    nowhere when neither can be: the first call of each process then compiles again.
    """
    try:
        compiled = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        compiled = numba.njit(nogil=True)(function)
    return cast(Function, compiled)
