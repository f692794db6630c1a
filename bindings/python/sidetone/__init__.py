"""A voice engine: SIP calls for desktop programs and dialers.

    import sidetone

    with sidetone.Engine() as engine:
        call, _ = engine.call_dial(sidetone.ID_NONE, "sip:bob@192.0.2.7")
        for event in engine:
            if event.kind == sidetone.EVENT_CALL and event.state == sidetone.CALL_ENDED:
                break

What functions do, and which errors they give, is told in sidetone.h: sidetone_call_dial() there is
Engine.call_dial() here, SIDETONE_CALL_ENDED is CALL_ENDED.
"""

from .constants import *
from .engine import Engine
from .library import (
    Error,
    api_version,
    has_feature,
    multipart_read,
    multipart_write,
    strerror,
    version,
)
from .structs import *
