"""Two taps of a call: while the reader of one stalls, and while the whole interpreter does, the other
one and the call lose nothing."""

import ctypes
import gc
import threading
import time

import sidetone
from sidetone import Engine, Event, TapOptions

# Frames that the steady reader has to get in a stall: a second.
FRAMES = 50


def await_event(engine: Engine, kind: int, state: int = -1) -> Event:
    while True:
        event = engine.event_next(20000)
        assert event is not None
        if event.kind == kind and state in (-1, event.state):
            return event


def tap(engine: Engine, call: int, buffer_ms: int) -> int:
    return engine.tap_open(call, TapOptions(sample_rate_hz=16000, buffer_ms=buffer_ms))


class Reader:
    """Reads a tap all the time, and counts."""

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine, self.tap = engine, number
        self.frames = 0
        self.ends = False
        self.read = threading.Condition()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        expected = 0
        while not self.ends:
            found = self.engine.tap_read(self.tap, 20000)
            assert found is not None, "a frame in time"
            _, frame = found
            assert frame.dropped == 0 and frame.timestamp == expected, "without a gap"
            expected += frame.samples
            with self.read:
                self.frames += 1
                self.read.notify_all()

    def wait(self, more: int) -> None:
        with self.read:
            end = self.frames + more
            assert self.read.wait_for(lambda: self.frames >= end or not self.thread.is_alive(), 60)
            assert self.frames >= end, "the reader failed"

    def end(self) -> None:
        self.ends = True
        self.thread.join()


def find_the_gap(engine: Engine, number: int) -> None:
    """What a reader finds that has stalled: what waited, then a gap as long as its tap says."""
    expected = dropped = 0
    while dropped == 0:
        found = engine.tap_read(number, 20000)
        assert found is not None, "a frame in time"
        _, frame = found
        dropped = frame.dropped
        assert frame.timestamp == expected + frame.dropped * frame.samples, "a gap is told"
        expected = frame.timestamp + frame.samples
    assert dropped >= FRAMES - 30, f"{dropped} frames were dropped"
    assert engine.tap_info_read(number).dropped >= dropped, "the tap counts them"


with Engine(bind="127.0.0.1") as near, Engine(bind="127.0.0.1") as far:
    uri = "sip:b@" + far.engine_address_read(sidetone.TRANSPORT_UDP)
    call, _ = near.call_dial(sidetone.ID_NONE, uri)
    far_call = await_event(far, sidetone.EVENT_INCOMING_CALL).call
    far.call_answer(far_call)
    await_event(near, sidetone.EVENT_CALL, sidetone.CALL_CONNECTED)
    steady = tap(near, call, 10000)
    reader = Reader(near, steady)
    for stall in (time.sleep, lambda seconds: ctypes.PyDLL(None).usleep(int(seconds * 1e6))):
        stalled = tap(near, call, 100)
        reader.wait(1)
        stall(0.5)
        gc.collect()
        reader.wait(FRAMES)
        find_the_gap(near, stalled)
        near.tap_close(stalled)
    reader.end()
    assert near.tap_info_read(steady).dropped == 0, "the other tap lost nothing"
    assert near.call_stats_read(call).packets_lost == 0, "the call lost nothing"
    assert far.call_stats_read(far_call).packets_lost == 0, "nor did the far end"
print("all heard")
