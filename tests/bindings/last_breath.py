"""Ends without closing its engine, in the way that the argument names, with a call up."""

import gc
import sys
import threading

import sidetone
from sidetone import Engine, Event


def engine() -> Engine:
    return Engine(bind="127.0.0.1")


def answer(far: Engine, event: Event) -> None:
    if event.kind == sidetone.EVENT_INCOMING_CALL:
        far.call_answer(event.call)


def connected(near: Engine, far: Engine) -> None:
    """Has one engine call the other, whose events come by themselves."""
    near.call_dial(sidetone.ID_NONE, "sip:b@" + far.engine_address_read(sidetone.TRANSPORT_UDP))
    while True:
        event = near.event_next(20000)
        assert event is not None
        if event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_CONNECTED:
            return


def by_callback() -> None:
    """Callbacks of events, wake-ups and log lines run until the end."""
    global near, far
    near, far = engine(), engine()
    answering = far
    far.event_thread_start(lambda event: answer(answering, event))
    far.log_set(sidetone.LOG_TRACE, lambda _level, _module, _text: None)
    near.wakeup_set_function(lambda: None)
    near.log_set(sidetone.LOG_TRACE, lambda _level, _module, _text: None)
    connected(near, far)


def by_thread() -> None:
    """A thread waits for events for ever."""
    global near, far
    near, far = engine(), engine()

    def pull() -> None:
        for event in far:
            answer(far, event)

    threading.Thread(target=pull, daemon=True).start()
    connected(near, far)


def dropped() -> None:
    """Nothing refers to the engines any more."""
    by_callback()
    global near, far
    del near, far


def collected() -> None:
    """A thread of the library finds that nothing refers to its engine any more. Another one has to
    destroy it: nobody is left who answers a call."""
    near, far = engine(), engine()
    uri = "sip:b@" + far.engine_address_read(sidetone.TRANSPORT_UDP)
    gc.disable()
    answering = [far]
    far.event_thread_start(lambda event: answer(answering[0], event) if answering else None)
    far.log_set(sidetone.LOG_TRACE, lambda _level, _module, _text: gc.collect() and None)
    connected(near, far)
    answering.clear()
    del far
    call = 0
    while True:
        if call == 0:
            call, _ = near.call_dial(sidetone.ID_NONE, uri)
        event = near.event_next(20000)
        assert event is not None
        if event.kind == sidetone.EVENT_CALL and event.call == call:
            if event.state == sidetone.CALL_CONNECTED:
                near.call_hangup(call)
            if event.state == sidetone.CALL_ENDED:
                if event.status == sidetone.ERR_TRANSPORT:
                    return
                call = 0


{"callback": by_callback, "thread": by_thread, "dropped": dropped, "collected": collected}[
    sys.argv[1]
]()
print("last words", flush=True)
