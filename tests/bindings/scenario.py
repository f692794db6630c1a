"""Three calls to the phone of the argument: events pulled, in an event loop, and by a callback."""

import asyncio
import contextlib
import inspect
import queue
import sys
import threading
import typing

import sidetone
from sidetone import DialOptions, Engine, Error


def step(name: str) -> None:
    """Tells where the program is, and waits until that was looked at."""
    print(name, flush=True)
    assert sys.stdin.readline() == "\n"


class Calls:
    """What the events of one call after another say."""

    def __init__(self, engine: Engine, uri: str) -> None:
        self.engine, self.uri = engine, uri
        self.sequence = 0

    def dial(self) -> None:
        options = DialOptions(
            headers=[("X-Campaign", "Frühling")], codecs=[sidetone.CODEC_PCMU], srtp=sidetone.SRTP_OFF
        )
        self.call, self.request = self.engine.call_dial(sidetone.ID_NONE, self.uri, options)
        self.states: list = []
        self.replies: dict = {}

    def take(self, event: sidetone.Event) -> bool:
        """Whether the call has ended."""
        self.sequence += 1
        assert event.sequence == self.sequence, f"{event} is not number {self.sequence}"
        if event.kind == sidetone.EVENT_REPLY:
            self.replies[event.request] = event.status
        if event.kind != sidetone.EVENT_CALL:
            return False
        assert event.call == self.call
        self.states.append(event.state)
        if event.state == sidetone.CALL_CONNECTED:
            self.connected()
        if event.state != sidetone.CALL_ENDED:
            return False
        assert event.status == sidetone.OK and event.end == sidetone.END_LOCAL, event
        return True

    def connected(self) -> None:
        engine, call = self.engine, self.call
        info = engine.call_info_read(call)
        assert info.outgoing == 1 and info.codec == sidetone.CODEC_PCMU and info.sip_code == 200
        remote = engine.call_text_read(call, sidetone.CALL_TEXT_REMOTE_URI)
        assert remote is not None and "sipp@127.0.0.1" in remote
        assert engine.call_header_read(call, "X-Nothing") is None
        assert engine.call_list() == [call]
        assert engine.call_stats_read(call).packets_lost == 0
        engine.call_gain(call, -3.0, 3.0)
        self.echo()
        self.hangup = engine.call_hangup(call)

    def echo(self) -> None:
        """A frame of what is heard goes back."""
        engine = self.engine
        tap = engine.tap_open(self.call, sidetone.TapOptions(sample_rate_hz=8000))
        injection = engine.inject_open(self.call)
        heard = engine.tap_read(tap, 20_000)
        assert heard is not None
        samples, frame = heard
        assert frame.samples == 160 and len(samples) == 320 and frame.timestamp == 0, frame
        assert engine.inject_write(injection, samples) == 160
        info = engine.inject_info_read(injection)
        assert info.queued + info.played == 160, info
        engine.inject_close(injection)
        engine.tap_close(tap)
        refused(sidetone.ERR_STALE_ID, engine.tap_read, tap, 0)

    def done(self) -> None:
        assert self.replies[self.request] == sidetone.OK, self.replies
        assert self.replies[self.hangup] == sidetone.OK, self.replies
        print("states", *self.states, flush=True)


def refused(status: int, function, *arguments) -> str:
    try:
        function(*arguments)
    except Error as error:
        assert error.status == status and error.text, error
        return error.text
    raise AssertionError(f"{function} was not refused")


def pulled(calls: Calls) -> None:
    calls.dial()
    for event in calls.engine:
        if calls.take(event):
            break
    calls.done()
    refused(sidetone.ERR_STALE_ID, calls.engine.call_hangup, calls.call)


async def awaited(calls: Calls) -> None:
    calls.dial()
    async for event in calls.engine:
        if calls.take(event):
            break
    calls.done()


def called_back(calls: Calls) -> None:
    events: "queue.Queue[sidetone.Event]" = queue.Queue()
    refusals: "queue.Queue[str]" = queue.Queue()

    def callback(event: sidetone.Event) -> None:
        refusals.put(refused(sidetone.ERR_WRONG_THREAD, calls.engine.close))
        events.put(event)

    calls.engine.event_thread_start(callback)
    calls.dial()
    while not calls.take(events.get(timeout=20)):
        pass
    assert refusals.qsize() > 3
    calls.engine.event_thread_stop()
    calls.done()


def every_method(engine: Engine) -> None:
    """Calls each method once with what means nothing: it must come as far as the library."""
    numbers = {int: 0, float: 0.0, str: "x", bytes: b"x"}
    names = [name for name in vars(sidetone.engine.Methods) if not name.startswith("_")]
    assert len(names) > 50, names
    for name in names:
        hints = typing.get_type_hints(getattr(engine, name))
        hints.pop("return")
        made = [sidetone.structs.Headers]
        arguments = [
            numbers[hint] if hint in numbers else [] if hint in made else inner(hint)()
            for hint in hints.values()
        ]
        if name == "engine_shutdown":
            continue
        try:
            getattr(engine, name)(*arguments)
        except Error as error:
            known = [sidetone.ERR_WRONG_KIND, sidetone.ERR_INVALID_ARGUMENT, sidetone.ERR_INVALID_URI]
            assert error.status in known + [sidetone.ERR_UNSUPPORTED], f"{name}: {error.status} {error}"


def inner(hint: typing.Any) -> typing.Any:
    """The class behind Optional."""
    return next((kind for kind in typing.get_args(hint) if inspect.isclass(kind)), hint)


def without_an_engine() -> None:
    assert sidetone.api_version() >= sidetone.API_VERSION
    assert sidetone.has_feature("srtp") and not sidetone.has_feature("teleport")
    assert sidetone.version()[0].isdigit() and sidetone.strerror(sidetone.ERR_BUSY)
    parts = [("text/plain", b"see the map"), ("application/x-map", b"\0\1\2")]
    assert sidetone.multipart_read(*sidetone.multipart_write(parts)) == parts
    try:
        Engine(sip_port=2**32)
        raise AssertionError("a number that does not fit was taken")
    except OverflowError:
        pass
    assert "sip_port" in refused(sidetone.ERR_INVALID_ARGUMENT, lambda: Engine(sip_port=70_000))


def closed_while_waiting() -> None:
    """Another thread waits for events for ever: closing the engine ends that."""
    engine = Engine(bind="127.0.0.1")
    waits = threading.Event()

    def wait() -> None:
        waits.set()
        while not engine.closed:
            with contextlib.suppress(Error):  # it was closed just before
                engine.event_next()

    thread = threading.Thread(target=wait)
    thread.start()
    waits.wait()
    engine.close()
    thread.join()


def main() -> None:
    without_an_engine()
    step("before")
    log: "queue.Queue[tuple]" = queue.Queue()
    with Engine(bind="127.0.0.1", user_agent="scenario") as engine:
        engine.log_set(sidetone.LOG_TRACE, lambda *line: log.put(line))
        calls = Calls(engine, sys.argv[1])
        step("up")
        pulled(calls)
        asyncio.run(awaited(calls))
        called_back(calls)
        refused(sidetone.ERR_INVALID_URI, engine.call_dial, sidetone.ID_NONE, "foo:bar")
        assert engine.engine_address_read(sidetone.TRANSPORT_UDP).startswith("127.0.0.1:")
        every_method(engine)
        engine.log_set(sidetone.LOG_OFF, None)
        assert any("X-Campaign: Frühling" in text for _, _, text in log.queue)
        engine.engine_shutdown(2000)
        assert [event.kind for event in engine][-1] == sidetone.EVENT_STOPPED
    refused(sidetone.ERR_SHUTDOWN, engine.wake)
    closed_while_waiting()
    step("gone")


main()
