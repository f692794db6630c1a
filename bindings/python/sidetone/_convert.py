"""Between Python's values and those of the C interface."""

import ctypes
from dataclasses import fields
from typing import Any, List, Optional, Sequence, Tuple, Type, TypeVar

from . import _raw
from ._numbers import within
from .structs import Headers

Values = TypeVar("Values")

# Bits of the numbers that structs have.
_UNSIGNED = {ctypes.c_uint32: 32, ctypes.c_uint64: 64}


def text(value: str) -> Tuple[bytes, int]:
    """A text and its length, as functions take it."""
    encoded = value.encode()
    return encoded, len(encoded)


def octets(value: bytes) -> Tuple[bytes, int]:
    """Octets and their number, as functions take them."""
    return bytes(value), len(value)


def borrow(target: Any, value: bytes, keep: List[Any]) -> None:
    """Lets a text of a struct point to `value`, which lives as long as `keep`."""
    keep.append(value)
    target.data = ctypes.cast(ctypes.c_char_p(value), ctypes.c_void_p)
    target.length = len(value)


def header_list(headers: Headers) -> Any:
    """A list of headers, with what it points to."""
    raw = _raw.sidetone_headers()
    raw.keep = []
    _set_headers(raw, headers, raw.keep)
    return raw


def _set_headers(target: Any, headers: Headers, keep: List[Any]) -> None:
    array = (_raw.sidetone_header * len(headers))()
    for entry, (name, value) in zip(array, headers):
        borrow(entry.name, name.encode(), keep)
        borrow(entry.value, value.encode(), keep)
    keep.append(array)
    target.data = ctypes.addressof(array) if headers else None
    target.count = len(headers)


def raw_name(name: str) -> str:
    """What C calls a field: Python keeps some names for itself."""
    return name.rstrip("_")


def fill(raw: Any, settings: Any) -> None:
    """Sets the fields of a C struct that are not None; what they point to lives as long as it."""
    raw.keep = []
    kinds = dict(raw._fields_)
    for field in fields(settings):
        value = getattr(settings, field.name)
        if value is None:
            continue
        name = raw_name(field.name)
        kind, target = kinds[name], getattr(raw, name)
        if kind is _raw.sidetone_text:
            borrow(target, value.encode() if isinstance(value, str) else bytes(value), raw.keep)
        elif kind is _raw.sidetone_headers:
            _set_headers(target, value, raw.keep)
        elif isinstance(target, ctypes.Array):
            _set_list(target, value, name)
        elif kind in _UNSIGNED:
            setattr(raw, name, within(value, 0, 2 ** _UNSIGNED[kind] - 1))
        else:
            setattr(raw, name, value)


def _set_list(target: Any, values: Sequence[int], name: str) -> None:
    if len(values) > len(target):
        raise OverflowError(f"{name} has {len(values)} entries, {len(target)} are taken")
    for index in range(len(target)):
        target[index] = within(values[index], 0, 2**32 - 1) if index < len(values) else 0


def values(kind: Type[Values], raw: Any) -> Values:
    """A dataclass with copies of what a C struct has."""
    return kind(**{field.name: _value(field, raw) for field in fields(kind)})  # type: ignore


def _value(field: Any, raw: Any) -> Any:
    value = getattr(raw, raw_name(field.name))
    if isinstance(value, _raw.sidetone_text):
        copied = _copy(value)
        return copied if field.type is bytes else copied.decode(errors="replace")
    if isinstance(value, _raw.sidetone_headers):
        array = ctypes.cast(value.data, ctypes.POINTER(_raw.sidetone_header))
        return tuple(_header(array[index]) for index in range(value.count))
    return value


def _header(raw: Any) -> Tuple[str, str]:
    name, value = _copy(raw.name), _copy(raw.value)
    return name.decode(errors="replace"), value.decode(errors="replace")


def _copy(raw: Any) -> bytes:
    return ctypes.string_at(raw.data, raw.length) if raw.length else b""


def decoded(buffer: Any, needed: int) -> Optional[str]:
    """A text out; None when there is none."""
    return buffer.raw[: needed - 1].decode() if needed else None
