"""Numbers of the C interface: what does not fit is refused, where ctypes would cut it off."""

import ctypes
from typing import Any, List, Tuple


def within(value: int, low: int, high: int) -> int:
    value = int(value)
    if not low <= value <= high:
        raise OverflowError(f"{value} is not within {low} to {high}")
    return value


class I32(ctypes.c_int32):
    @classmethod
    def from_param(cls, value: Any) -> Any:
        return ctypes.c_int32(within(value, -(2**31), 2**31 - 1))


class U32(ctypes.c_uint32):
    @classmethod
    def from_param(cls, value: Any) -> Any:
        return ctypes.c_uint32(within(value, 0, 2**32 - 1))


class U64(ctypes.c_uint64):
    @classmethod
    def from_param(cls, value: Any) -> Any:
        return ctypes.c_uint64(within(value, 0, 2**64 - 1))


Float = ctypes.c_float


def pointer(name: str) -> List[Tuple[str, Any]]:
    """A pointer in a struct, which takes eight bytes on every target."""
    fields: List[Tuple[str, Any]] = [(name, ctypes.c_void_p)]
    if ctypes.sizeof(ctypes.c_void_p) == 4:
        fields.append((name + "_padding", ctypes.c_uint32))
    return fields
