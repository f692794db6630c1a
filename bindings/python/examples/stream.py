"""Answers calls, hands what each caller says to a function, and says what that gives back.

    stream.py [IP [CALLS]]

IP: where to listen, 0.0.0.0 by default. CALLS: end after so many, 0 (the default) never. A speech
recogniser or a voice agent takes the place of `function`.
"""

import array
import sys
import threading

import sidetone

RATE = 16_000


def function(samples: bytes) -> bytes:
    """20 ms of the caller's speech, 16-bit mono; here the same comes back at half the amplitude."""
    return array.array("h", (sample // 2 for sample in array.array("h", samples))).tobytes()


def stream(engine: sidetone.Engine, call: int) -> None:
    """On a thread for each call, until the call is over."""
    frames = 0
    try:
        tap = engine.tap_open(call, sidetone.TapOptions(sample_rate_hz=RATE))
        injection = engine.inject_open(call, sidetone.InjectOptions(sample_rate_hz=RATE))
        try:
            while True:
                heard = engine.tap_read(tap, 1_000)
                if heard is not None:
                    frames += 1
                    engine.inject_write(injection, function(heard[0]))
        finally:
            engine.tap_close(tap)
            engine.inject_close(injection)
    except sidetone.Error as error:
        # ERR_ENDED is how every call ends; it may be over before it was tapped.
        if error.status not in (sidetone.ERR_ENDED, sidetone.ERR_STALE_ID):
            raise
    print("streamed", frames, "frames", flush=True)


def answer(engine: sidetone.Engine, call: int) -> None:
    try:
        engine.call_answer(call)
    except sidetone.Error as error:  # the caller has given up; the end follows
        print("not answered:", error, flush=True)


def main(bind: str = "", calls: str = "0") -> None:
    threads: "dict[int, threading.Thread]" = {}
    ended = 0
    with sidetone.Engine(bind=bind) as engine:
        print("listening on", engine.engine_address_read(sidetone.TRANSPORT_UDP), flush=True)
        for event in engine:
            if event.kind == sidetone.EVENT_INCOMING_CALL:
                print("call from", event.from_, flush=True)
                answer(engine, event.call)
            elif event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_CONNECTED:
                threads[event.call] = threading.Thread(target=stream, args=(engine, event.call))
                threads[event.call].start()
            elif event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_ENDED:
                if event.call in threads:
                    threads.pop(event.call).join()
                ended += 1
                if ended == int(calls):
                    return


main(*sys.argv[1:])
