"""An engine: its life, its events, its callbacks."""

import asyncio
import atexit
import ctypes
import os
import threading
import weakref
from contextlib import suppress
from typing import Any, AsyncIterator, Callable, Iterator, List, Optional, Set, Tuple, Type

from . import _raw
from ._convert import Values, decoded, fill, values
from ._methods import Methods
from .constants import (
    ERR_SHUTDOWN,
    ERR_TIMEOUT,
    ERR_TOO_SMALL,
    ERR_WRONG_THREAD,
    EVENT_STOPPED,
    LOG_OFF,
    TAP_SAMPLES_MAX,
)
from .library import Error, check, library
from .structs import EngineConfig, Event, TapFrame

# How long a wait lasts at most before Python looks for signals, so that Ctrl-C is heard.
_SLICE_MS = 500

# How long far ends may take to answer when an engine is closed.
_SHUTDOWN_MS = 2000

# Those that are closed when the interpreter ends, before its threads can run no callback any more.
_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    for engine in list(_engines):
        with suppress(Error):
            engine.close()


class Engine(Methods):
    """A voice engine. Use it as a context manager, or close() it.

    Functions may be called from any thread; one thread at a time takes the events. A function that
    fails raises Error. Commands give the number of their request: its outcome comes as an event
    EVENT_REPLY with that `request`.
    """

    def __init__(self, config: Optional[EngineConfig] = None, **settings: Any) -> None:
        """`settings`: fields of EngineConfig, in the place of `config`."""
        self._library = library()
        self._engine: Optional[int] = None
        self._gate = threading.Condition()
        self._inside = 0
        self._loops: Set[Callable[[], None]] = set()
        self._event_thread = 0
        self._on_event: Any = None
        self._on_wakeup: Any = None
        self._on_log: Any = None
        engine = ctypes.c_void_p()
        raw = self._settings(config or EngineConfig(**settings))
        check(self._library.sidetone_engine_create(raw, engine))
        self._engine = engine.value
        _engines.add(self)

    def close(self) -> None:
        """Shuts down and destroys the engine. Calls of other threads come back before."""
        if threading.get_ident() == self._event_thread:
            raise Error(ERR_WRONG_THREAD, "the callback of events cannot destroy its engine")
        with self._gate:
            engine, self._engine = self._engine, None
        if engine is None:
            return
        # What ends the waits of other threads is refused on a thread that may not destroy the engine.
        status = self._library.sidetone_wake(engine)
        if status != ERR_WRONG_THREAD:
            self._library.sidetone_engine_shutdown(engine, _SHUTDOWN_MS)
            for notify in list(self._loops):
                notify()
            with self._gate:
                self._gate.wait_for(lambda: self._inside == 0)
            status = self._library.sidetone_engine_destroy(engine)
        if status < 0:
            with self._gate:
                self._engine = engine
        check(status)

    @property
    def closed(self) -> bool:
        return self._engine is None

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def __del__(self) -> None:
        try:
            self.close()
        except AttributeError:  # half made
            pass
        except Error:  # collected on a thread of the library, which must not
            with suppress(RuntimeError):
                threading.Thread(target=self.close, daemon=False).start()

    def event_next(self, timeout_ms: int = -1) -> Optional[Event]:
        """The next event, waiting so long (-1: for ever); None when none came, when wake() was
        called, or when the engine has stopped."""
        raw = _raw.sidetone_event(size=ctypes.sizeof(_raw.sidetone_event))
        status = self._try("sidetone_event_next", timeout_ms, raw)
        if status in (ERR_TIMEOUT, ERR_SHUTDOWN):
            return None
        check(status)
        return values(Event, raw)

    def __iter__(self) -> Iterator[Event]:
        """The events until the engine has stopped or is closed."""
        while not self.closed:
            try:
                event = self.event_next(_SLICE_MS)
            except Error as error:
                if error.status == ERR_SHUTDOWN:  # closed just now
                    return
                raise
            if event is not None:
                yield event
                if event.kind == EVENT_STOPPED:
                    return

    async def __aiter__(self) -> AsyncIterator[Event]:
        """The same in the event loop that runs; no thread is made."""
        loop, waiting = asyncio.get_running_loop(), asyncio.Event()

        def notify() -> None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(waiting.set)

        self._loops.add(notify)
        end = self._wake_loop(loop, waiting.set, notify)
        try:
            while not self.closed:
                waiting.clear()
                event = self.event_next(0)
                if event is None:
                    await waiting.wait()
                    continue
                yield event
                if event.kind == EVENT_STOPPED:
                    return
        finally:
            self._loops.discard(notify)
            end()

    def _wake_loop(
        self, loop: Any, awake: Callable[[], None], notify: Callable[[], None]
    ) -> Callable[[], None]:
        """Has a loop woken up when events wait; what ends it."""
        if os.name != "posix":
            self.wakeup_set_function(notify)
            return lambda: self._unless_closed(self.wakeup_set_function, None)
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)

        def ready() -> None:
            with suppress(BlockingIOError):
                while os.read(reading, 4096):
                    pass
            awake()

        def end() -> None:
            loop.remove_reader(reading)
            self._unless_closed(self.wakeup_set_fd, -1)
            os.close(reading)
            os.close(writing)

        loop.add_reader(reading, ready)
        self.wakeup_set_fd(writing)
        return end

    def _unless_closed(self, function: Callable[..., None], *arguments: Any) -> None:
        with suppress(Error):
            if not self.closed:
                function(*arguments)

    def event_thread_start(self, function: Callable[[Event], None]) -> None:
        """Has a thread of the library call a function with each event. What it raises is printed."""

        def call(raw: Any, _user: Any) -> None:
            self._event_thread = threading.get_ident()
            function(values(Event, raw.contents))

        callback = _raw.sidetone_event_fn(call)
        self._call("sidetone_event_thread_start", callback, None)
        self._on_event = callback

    def event_thread_stop(self) -> None:
        """Ends that thread; when this is back, the function does not run any more."""
        self._call("sidetone_event_thread_stop")
        self._event_thread, self._on_event = 0, None

    def wakeup_set_function(self, function: Optional[Callable[[], None]]) -> None:
        """Has a function called each time that events wait after there were none; it may only
        notify. None ends every wake-up."""
        callback = _raw.sidetone_wakeup_fn((lambda _user: function()) if function else 0)
        self._call("sidetone_wakeup_set_function", callback, None)
        self._on_wakeup = callback

    def wakeup_set_fd(self, fd: int) -> None:
        """Has eight bytes written to a descriptor each time that events wait after there were none:
        an eventfd, or the writing end of a non-blocking pipe. -1 ends every wake-up."""
        self._call("sidetone_wakeup_set_fd", fd)

    def wakeup_set_handle(self, handle: Optional[int]) -> None:
        """Windows: has an event object set each time that events wait after there were none."""
        self._call("sidetone_wakeup_set_handle", handle)

    def wakeup_set_window(self, window: Optional[int], message: int) -> None:
        """Windows: has a message posted to a window each time that events wait after there were
        none."""
        self._call("sidetone_wakeup_set_window", window, message)

    def log_set(self, level: int, function: Optional[Callable[[int, str, str], None]]) -> None:
        """Sends log lines (level, module, text) to a function on a thread of the library; it may
        not call the engine. None ends the log."""

        def call(level: int, module: bytes, text: bytes, _length: int, _user: Any) -> None:
            assert function is not None
            function(level, module.decode(), text.decode(errors="replace"))

        callback = _raw.sidetone_log_fn(call if function else 0)
        self._call("sidetone_log_set", level if function else LOG_OFF, callback, None)
        self._on_log = callback

    def tap_read(self, tap: int, timeout_ms: int = -1) -> Optional[Tuple[bytes, TapFrame]]:
        """The next frame of a tap, samples of 16 bits in the machine's order, waiting so long (-1:
        for ever); None when none came. Raises Error with ERR_ENDED when the call is over and all
        was read."""
        samples = (ctypes.c_int16 * TAP_SAMPLES_MAX)()
        raw = _raw.sidetone_tap_frame(size=ctypes.sizeof(_raw.sidetone_tap_frame))
        status = self._try("sidetone_tap_read", tap, samples, TAP_SAMPLES_MAX, timeout_ms, raw)
        if status == ERR_TIMEOUT:
            return None
        check(status)
        return bytes(samples)[: 2 * raw.samples], values(TapFrame, raw)

    def inject_write(self, injection: int, samples: bytes) -> int:
        """Queues samples of 16 bits in the machine's order behind those that wait; how many there
        was room for."""
        count, written = len(samples) // 2, ctypes.c_uint32()
        array = (ctypes.c_int16 * count).from_buffer_copy(samples)
        self._call("sidetone_inject_write", injection, array, count, written)
        return written.value

    def _try(self, name: str, *arguments: Any) -> int:
        """Calls a function with the engine, which lives until it is back."""
        with self._gate:
            engine = self._engine
            if engine is None:
                raise Error(ERR_SHUTDOWN, "the engine is closed")
            self._inside += 1
        try:
            return int(getattr(self._library, name)(engine, *arguments))
        finally:
            with self._gate:
                self._inside -= 1
                self._gate.notify_all()

    def _call(self, name: str, *arguments: Any) -> int:
        return check(self._try(name, *arguments))

    def _settings(self, options: Any) -> Any:
        if options is None:
            return None
        raw = options.RAW()
        check(getattr(self._library, options.INIT)(raw, ctypes.sizeof(raw)))
        fill(raw, options)
        return raw

    def _text(self, name: str, *arguments: Any) -> Optional[str]:
        needed, capacity = ctypes.c_uint32(), 256
        while True:
            buffer = ctypes.create_string_buffer(capacity)
            status = self._try(name, *arguments, buffer, capacity, needed)
            if status != ERR_TOO_SMALL:
                check(status)
                return decoded(buffer, needed.value)
            capacity = needed.value

    def _ids(self, name: str, *arguments: Any) -> List[int]:
        count, capacity = ctypes.c_uint32(), 16
        while True:
            array = (ctypes.c_uint64 * capacity)()
            status = self._try(name, *arguments, array, capacity, count)
            if status != ERR_TOO_SMALL:
                check(status)
                return list(array[: count.value])
            capacity = count.value

    def _values(self, kind: Type[Values], name: str, *arguments: Any) -> Values:
        made: Any = kind
        raw = made.RAW(size=ctypes.sizeof(made.RAW))
        self._call(name, *arguments, raw)
        return values(kind, raw)
