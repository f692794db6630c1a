"""The shared library: where it is, what it says of itself, and what needs no engine."""

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, List, Optional, Sequence, Tuple

from . import _raw
from ._convert import borrow, decoded, octets, text
from .constants import API_VERSION, ERR_TOO_SMALL

_library: Optional[ctypes.CDLL] = None


class Error(Exception):
    """A function of the library failed."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text or strerror(status))
        #: One of ERR_*.
        self.status = status
        #: What happened, and what to do about it.
        self.text = str(self)


def library() -> ctypes.CDLL:
    """The library, loaded once: $SIDETONE_LIBRARY, else the file beside this package's, else the
    one that the system finds."""
    global _library
    if _library is None:
        _library = _load()
    return _library


def _load() -> ctypes.CDLL:
    names = {"win32": "sidetone.dll", "darwin": "libsidetone.dylib"}
    name = names.get(sys.platform, "libsidetone.so")
    beside = Path(__file__).with_name(name)
    path = os.environ.get("SIDETONE_LIBRARY") or (str(beside) if beside.exists() else name)
    try:
        loaded = ctypes.CDLL(path)
    except OSError as error:
        raise OSError(
            f"Sidetone's library was not found; set SIDETONE_LIBRARY to {name} (`make release` makes "
            f"it, for Windows `make windows`), or put it into the package's folder ({error})"
        ) from error
    functions = dict(_raw.FUNCTIONS)
    if sys.platform == "win32":
        functions.update(_raw.WINDOWS_FUNCTIONS)
    for name, (result, parameters) in functions.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, parameters
    version = loaded.sidetone_api_version()
    if version >> 16 != API_VERSION >> 16 or version < API_VERSION:
        raise ImportError(f"the library has interface {version:#x}, needed is {API_VERSION:#x}")
    for kind, size in _raw.SIZES.items():
        if ctypes.sizeof(kind) != size:
            raise ImportError(f"{kind.__name__} has not the size that the library knows")
    return loaded


def check(status: int) -> int:
    """Raises what the library says about a failure of this thread; gives a success back."""
    if status >= 0:
        return status
    needed = ctypes.c_uint32()
    library().sidetone_last_error(None, 0, needed)
    buffer = ctypes.create_string_buffer(max(needed.value, 1))
    library().sidetone_last_error(buffer, len(buffer), needed)
    raise Error(status, buffer.value.decode(errors="replace"))


def version() -> str:
    """The version of the library, for people."""
    return str(library().sidetone_version(), "utf-8")


def api_version() -> int:
    """The interface version of the library that is loaded, in the form of API_VERSION."""
    return int(library().sidetone_api_version())


def has_feature(name: str) -> bool:
    """Whether the library has a feature by name: "audio", "srtp", "opus", "wakeup-fd"..."""
    return check(library().sidetone_has_feature(*text(name))) == 1


def strerror(status: int) -> str:
    """A short English text for a status."""
    return str(library().sidetone_strerror(status), "utf-8")


def multipart_read(content_type: str, body: bytes) -> List[Tuple[str, bytes]]:
    """The parts of a multipart body: content type and content of each."""
    count = ctypes.c_uint32()
    whole = (*text(content_type), *octets(body))
    check(library().sidetone_multipart_count(*whole, count))
    return [_part(whole, body, index) for index in range(count.value)]


def _part(whole: Sequence[Any], body: bytes, index: int) -> Tuple[str, bytes]:
    offset, length, needed = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_uint32()
    name, capacity = text("Content-Type"), 256
    while True:
        buffer = ctypes.create_string_buffer(capacity)
        status = library().sidetone_multipart_read(
            *whole, index, offset, length, *name, buffer, capacity, needed
        )
        if status != ERR_TOO_SMALL:
            break
        capacity = needed.value
    check(status)
    content = body[offset.value : offset.value + length.value]
    return decoded(buffer, needed.value) or "", content


def multipart_write(parts: Sequence[Tuple[str, bytes]]) -> Tuple[str, bytes]:
    """Content type and content of a multipart body with these parts."""
    keep: List[Any] = []
    array = (_raw.sidetone_body_part * len(parts))()
    for entry, (content_type, content) in zip(array, parts):
        borrow(entry.content_type, content_type.encode(), keep)
        borrow(entry.body, bytes(content), keep)
    media_type, needed, capacity = ctypes.create_string_buffer(256), ctypes.c_uint32(), 4096
    while True:
        body = ctypes.create_string_buffer(capacity)
        status = library().sidetone_multipart_write(
            array, len(parts), media_type, len(media_type), body, capacity, needed
        )
        if status != ERR_TOO_SMALL or needed.value <= capacity:
            break
        capacity = needed.value
    check(status)
    return media_type.value.decode(), body.raw[: needed.value]
