"""Answers calls, and lets each caller hear itself.

    answer_echo.py [IP [CALLS]]

IP: where to listen, 0.0.0.0 by default. CALLS: end after so many, 0 (the default) never.
"""

import sys

import sidetone


def try_to(command, *arguments) -> None:
    """A caller may give up at any moment: then the end follows."""
    try:
        command(*arguments)
    except sidetone.Error as error:
        print("not done:", error, flush=True)


def main(bind: str = "", calls: str = "0") -> None:
    ended = 0
    with sidetone.Engine(bind=bind, max_calls=1000) as engine:
        print("listening on", engine.engine_address_read(sidetone.TRANSPORT_UDP), flush=True)
        for event in engine:
            if event.kind == sidetone.EVENT_INCOMING_CALL:
                print("call from", event.from_, flush=True)
                try_to(engine.call_answer, event.call)
            elif event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_CONNECTED:
                # Within the engine: nothing of it passes through Python.
                try_to(engine.call_route, event.call, event.call, -3.0)
            elif event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_ENDED:
                ended += 1
                if ended == int(calls):
                    return


main(*sys.argv[1:])
