"""The functions of sidetone.h that take an engine, as its methods.

Written by tests/bindings.rs from include/sidetone.h; change it there.
"""

import ctypes
from typing import Any, List, Optional, Tuple, Type

from ._convert import Values, header_list, octets, text
from .structs import (
    AccountConfig,
    AccountInfo,
    AccountServices,
    AnswerOptions,
    Audio,
    AudioLevels,
    CallInfo,
    CallStats,
    DeviceInfo,
    DialOptions,
    EngineHealth,
    EngineStats,
    InjectInfo,
    InjectOptions,
    PlayOptions,
    Presence,
    SipAnswer,
    SipRequest,
    SubscriptionInfo,
    SubscriptionOptions,
    TapInfo,
    TapOptions,
    WatchedDialog,
    Headers,
)


class Methods:
    """Methods of an engine; see Engine."""

    # What the engine gives them.
    def _call(self, name: str, *arguments: Any) -> int:
        raise NotImplementedError

    def _settings(self, options: Any) -> Any:
        raise NotImplementedError

    def _text(self, name: str, *arguments: Any) -> Optional[str]:
        raise NotImplementedError

    def _ids(self, name: str, *arguments: Any) -> List[int]:
        raise NotImplementedError

    def _values(self, kind: Type[Values], name: str, *arguments: Any) -> Values:
        raise NotImplementedError

    def engine_shutdown(self, timeout_ms: int) -> None:
        """Ends all calls and registrations, waits for the far ends at most `timeout_ms`, and stops
        the engine's threads. Its last event is SIDETONE_EVENT_STOPPED; it can still be pulled
        afterwards. A second call does nothing."""
        self._call("sidetone_engine_shutdown", timeout_ms)

    def engine_address_read(self, transport: int) -> Optional[str]:
        """The engine's own SIP address, "ip:port"; an IPv6 address in brackets."""
        return self._text("sidetone_engine_address_read", transport)

    def account_add(self, config: AccountConfig) -> Tuple[int, int]:
        """Adds an account, and registers it when it has a registrar and `register_on_add`. How the
        registration does is told by SIDETONE_EVENT_REGISTRATION."""
        account = ctypes.c_uint64()
        request = ctypes.c_uint64()
        self._call("sidetone_account_add", self._settings(config), account, request)
        return account.value, request.value

    def account_update(self, account: int, config: AccountConfig) -> int:
        """Replaces the settings of an account. Calls that are up keep the old ones; a registration
        is made anew."""
        request = ctypes.c_uint64()
        self._call("sidetone_account_update", account, self._settings(config), request)
        return request.value

    def account_remove(self, account: int) -> int:
        """Unregisters and removes an account. Its calls go on; its id is stale at once."""
        request = ctypes.c_uint64()
        self._call("sidetone_account_remove", account, request)
        return request.value

    def account_register(self, account: int) -> int:
        """Registers an account, or registers it again at once."""
        request = ctypes.c_uint64()
        self._call("sidetone_account_register", account, request)
        return request.value

    def account_unregister(self, account: int) -> int:
        """Takes an account's registration back. The account stays."""
        request = ctypes.c_uint64()
        self._call("sidetone_account_unregister", account, request)
        return request.value

    def account_info_read(self, account: int) -> AccountInfo:
        """How an account stands now."""
        return self._values(AccountInfo, "sidetone_account_info_read", account)

    def account_text_read(self, account: int, which: int) -> Optional[str]:
        """A text of an account."""
        return self._text("sidetone_account_text_read", account, which)

    def account_list(self) -> List[int]:
        """The ids of the accounts."""
        return self._ids("sidetone_account_list")

    def network_changed(self) -> None:
        """Says that the network has changed, or that the machine has woken up: call it from the
        system's notification. What was found by DNS is forgotten, every account is registered
        anew, and calls whose own address has changed are told so by re-INVITE; their media goes on
        with the same keys. The engine notices much of this by itself, but later: when a
        registration is refreshed, when something cannot be sent, when a connection breaks."""
        self._call("sidetone_network_changed")

    def call_dial(
        self,
        account: int,
        uri: str,
        options: Optional[DialOptions] = None,
    ) -> Tuple[int, int]:
        """Places a call. It is under way when this function is back; what becomes of it is told by
        SIDETONE_EVENT_CALL, which may come before that."""
        call = ctypes.c_uint64()
        request = ctypes.c_uint64()
        self._call(
            "sidetone_call_dial",
            account,
            *text(uri),
            self._settings(options),
            call,
            request,
        )
        return call.value, request.value

    def call_ring(self, call: int) -> int:
        """Sends 180 Ringing for an incoming call."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_ring", call, request)
        return request.value

    def call_answer(self, call: int, options: Optional[AnswerOptions] = None) -> int:
        """Answers an incoming call with 200."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_answer", call, self._settings(options), request)
        return request.value

    def call_reject(self, call: int, sip_code: int, reason: str = "") -> int:
        """Refuses an incoming call."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_reject", call, sip_code, *text(reason), request)
        return request.value

    def call_hangup(self, call: int) -> int:
        """Ends a call in whatever state it is: CANCEL, BYE, or 603 for one that was not answered."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_hangup", call, request)
        return request.value

    def call_mute(self, call: int, muted: int) -> int:
        """Mutes or unmutes our user's microphone in a call. Within 20 ms. What else the far end
        hears (files that are played, injections, routes, digits as tones) goes on."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_mute", call, muted, request)
        return request.value

    def call_gain(self, call: int, send_db: float, receive_db: float) -> int:
        """Sets the gains of a call. Within 20 ms."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_gain", call, send_db, receive_db, request)
        return request.value

    def call_route(self, from_: int, to: int, gain_db: float) -> int:
        """Lets what call `from` says be heard by call `to`. Both ways make a conversation of two
        far ends; `from` equal to `to` is an echo. Routes add to what the calls hear otherwise.
        Calls that are to hear each other all, or not all, are a conference:
        sidetone_conference_create()."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_route", from_, to, gain_db, request)
        return request.value

    def call_unroute(self, from_: int, to: int) -> int:
        """Ends a route of sidetone_call_route(). None there: nothing happens."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_unroute", from_, to, request)
        return request.value

    def call_dtmf(self, call: int, digits: str, duration_ms: int) -> int:
        """Sends DTMF digits, one after the other, behind those that are still to be sent."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_dtmf", call, *text(digits), duration_ms, request)
        return request.value

    def call_info_read(self, call: int) -> CallInfo:
        """How a call stands now. A call that ended answers until its last event was pulled."""
        return self._values(CallInfo, "sidetone_call_info_read", call)

    def call_text_read(self, call: int, which: int) -> Optional[str]:
        """A text of a call."""
        return self._text("sidetone_call_text_read", call, which)

    def call_header_read(self, call: int, name: str) -> Optional[str]:
        """The value of a header of the far end's latest INVITE or final response; the first of
        that name."""
        return self._text("sidetone_call_header_read", call, *text(name))

    def call_list(self) -> List[int]:
        """The ids of the live calls."""
        return self._ids("sidetone_call_list")

    def account_services_set(self, account: int, services: AccountServices) -> None:
        """Replaces what an account does without asking, for calls that begin from now on. An
        account that was given none has the defaults; sidetone_account_update() leaves them as they
        are."""
        self._call("sidetone_account_services_set", account, self._settings(services))

    def call_transfer(self, call: int, target: str, silent: int) -> int:
        """Has the far end of a call call somebody else (blind transfer). How it goes is told by
        SIDETONE_EVENT_TRANSFER; when the new call stands, this one ends."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_transfer", call, *text(target), silent, request)
        return request.value

    def call_transfer_to(self, call: int, other: int) -> int:
        """Connects the far ends of two of our calls with each other (attended transfer). How it
        goes is told by SIDETONE_EVENT_TRANSFER of `call`; when they are connected, both calls end."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_transfer_to", call, other, request)
        return request.value

    def call_transfer_accept(self, call: int) -> int:
        """Does what a far end asked for: calls whom SIDETONE_EVENT_TRANSFER
        (SIDETONE_TRANSFER_ASKED) named. The call stays the host's; SIDETONE_EVENT_REPLACED tells
        when the other one is there. There are 60 seconds to decide: then the transfer is refused
        with 603, and told as SIDETONE_TRANSFER_FAILED. A far end that names a tel: URI means what
        a dial of it would call."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_transfer_accept", call, request)
        return request.value

    def call_transfer_reject(self, call: int) -> int:
        """Does not do what a far end asked for, which is told 603; the call goes on as it is."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_transfer_reject", call, request)
        return request.value

    def call_redirect(self, call: int, target: str) -> int:
        """Sends the caller of an incoming call elsewhere with 302."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_redirect", call, *text(target), request)
        return request.value

    def call_redirect_follow(self, call: int, follow: int) -> int:
        """Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_redirect_follow", call, follow, request)
        return request.value

    def call_hangup_with(self, call: int, q850_cause: int, reason: str = "") -> int:
        """Ends a call like sidetone_call_hangup(), with a Reason header that says why (RFC 3326)."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_hangup_with", call, q850_cause, *text(reason), request)
        return request.value

    def call_headers_set(self, call: int, message: int, headers: Headers) -> int:
        """Puts headers on our messages of a kind in this call from now on, in the place of earlier
        ones. Those of a call's INVITE go with sidetone_dial_options."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_headers_set", call, message, header_list(headers), request)
        return request.value

    def call_message_header_read(
        self,
        call: int,
        message: int,
        name: str,
        index: int,
    ) -> Optional[str]:
        """The value of a header of the far end's last message of a kind. Those of the message that
        ends a call can be read until its last event was pulled: SIDETONE_CALL_ENDING comes before."""
        return self._text("sidetone_call_message_header_read", call, message, *text(name), index)

    def call_identity_read(self, call: int, which: int, index: int) -> Optional[str]:
        """What the INVITE of an incoming call tells of its caller and its way. Whether it can be
        believed is for the account to say: the `from` of SIDETONE_EVENT_INCOMING_CALL is the
        asserted identity when `trust_identity` of sidetone_account_services is set."""
        return self._text("sidetone_call_identity_read", call, which, index)

    def call_privacy_read(self, call: int) -> int:
        """What the caller of an incoming call wants withheld."""
        privacy = ctypes.c_uint32()
        self._call("sidetone_call_privacy_read", call, privacy)
        return privacy.value

    def call_progress(self, call: int) -> int:
        """Sends 183 Session Progress with our description for an incoming call, so that media runs
        before the answer: what is played into the call is heard by the caller. Without an offer in
        the INVITE, and where the caller cannot acknowledge one of ours, 180 goes out instead."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_progress", call, request)
        return request.value

    def call_hold(self, call: int) -> int:
        """Puts the far end on hold: it hears the music on hold or silence, and the user no longer
        hears it. Both at once, and the far end is asked to agree by re-INVITE (UPDATE before the
        answer); SIDETONE_EVENT_HOLD tells when it has. A call that does not stand yet is held as
        soon as it does."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_hold", call, request)
        return request.value

    def call_resume(self, call: int) -> int:
        """Takes the far end off hold. Where it holds us too, media comes back when it has resumed
        as well."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_resume", call, request)
        return request.value

    def call_hold_music(self, call: int, path: str) -> int:
        """Chooses what the far end of this call hears while it is held, in the place of the
        account's `hold_music`. It is repeated for as long as the hold lasts."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_hold_music", call, *text(path), request)
        return request.value

    def conference_create(self) -> int:
        """Makes a conference: calls that are added to it hear each other. Our own user is heard by
        every call and hears every call, in a conference or not, where the engine has a microphone
        and a loudspeaker (sidetone_audio_select()); sidetone_conference_gain() turns them down in
        it. A file for everybody is played into each of its calls."""
        conference = ctypes.c_uint64()
        self._call("sidetone_conference_create", conference)
        return conference.value

    def conference_destroy(self, conference: int) -> int:
        """Ends a conference. The calls that are in it go on, each alone with our user; hang them
        up where they are to end, too."""
        request = ctypes.c_uint64()
        self._call("sidetone_conference_destroy", conference, request)
        return request.value

    def conference_add(self, conference: int, call: int) -> int:
        """Lets a call and the calls of a conference hear each other, each with the gain that is
        set for the pair. It need not be answered: it takes part as soon as it has media. It leaves
        by itself when it ends, and a hold parts it from the others as from our user. A call is in
        one conference at most; added again, nothing changes. Between its calls use no
        sidetone_call_route()."""
        request = ctypes.c_uint64()
        self._call("sidetone_conference_add", conference, call, request)
        return request.value

    def conference_remove(self, conference: int, call: int) -> int:
        """Takes a call out of a conference; it goes on, and the gains that were set for it are
        forgotten."""
        request = ctypes.c_uint64()
        self._call("sidetone_conference_remove", conference, call, request)
        return request.value

    def conference_gain(self, conference: int, from_: int, to: int, gain_db: float) -> int:
        """Sets how loud `to` hears `from` in a conference; within 20 ms. The other way keeps its
        own gain. So a supervisor who is to whisper has a gain of -INFINITY towards the customer,
        one who only listens towards everybody, and one who barges in has none. What is set for a
        call before it is added holds from its first sample on."""
        request = ctypes.c_uint64()
        self._call("sidetone_conference_gain", conference, from_, to, gain_db, request)
        return request.value

    def conference_calls(self, conference: int) -> List[int]:
        """The ids of the calls of a conference, in the order in which they were added."""
        return self._ids("sidetone_conference_calls", conference)

    def call_play(self, call: int, path: str, options: Optional[PlayOptions] = None) -> int:
        """Plays a WAV file into a call: the far end hears it, with the microphone. One that is
        playing already ends. SIDETONE_EVENT_PLAY_FINISHED follows."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_play", call, *text(path), self._settings(options), request)
        return request.value

    def call_play_stop(self, call: int) -> int:
        """Ends the playing of sidetone_call_play(). None there: nothing happens."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_play_stop", call, request)
        return request.value

    def call_record(self, call: int, path: str) -> int:
        """Records a call to a stereo WAV file: near end left, far end right. The file can be
        played at any moment, also after a crash. A disk that is slow or full harms no call: what
        is lost then is told by the event at the end. It ends with the call or with
        sidetone_call_record_stop(), and then SIDETONE_EVENT_RECORD_FINISHED follows."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_record", call, *text(path), request)
        return request.value

    def call_record_pause(self, call: int) -> int:
        """Pauses the recording of sidetone_call_record(), for instance while a card number is
        said: what is said until sidetone_call_record_resume() never comes near the file. The file
        goes on right behind what was before, with a mark there (a cue point, its text "paused for
        12.30 s") that audio editors show. SIDETONE_EVENT_RECORD_PAUSED follows when it is so; what
        is to be left out may be said then."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_record_pause", call, request)
        return request.value

    def call_record_resume(self, call: int) -> int:
        """Goes on with a recording that is paused. SIDETONE_EVENT_RECORD_PAUSED follows, with
        `state` 0."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_record_resume", call, request)
        return request.value

    def call_record_stop(self, call: int) -> int:
        """Ends the recording of sidetone_call_record(). None there: nothing happens."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_record_stop", call, request)
        return request.value

    def call_capture(self, call: int, path: str) -> int:
        """Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages
        to a PCAP file, until the call ends or sidetone_call_capture_stop()."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_capture", call, *text(path), request)
        return request.value

    def call_capture_stop(self, call: int) -> int:
        """Ends the capture of sidetone_call_capture(). None there: nothing happens."""
        request = ctypes.c_uint64()
        self._call("sidetone_call_capture_stop", call, request)
        return request.value

    def tap_open(self, call: int, options: Optional[TapOptions] = None) -> int:
        """Taps a call: one way of its audio as frames of 16-bit mono PCM, at a rate of the host's
        choice. The tap is a clock: from when the call has media (a call that was dialled: once its
        far end was found) to its end there is a frame for every 10 or 20 ms, silence when nothing
        is received. It goes on through hold and changes of codec. Several taps of a call do not
        know of each other; one that is not read loses frames of its own and disturbs nothing else."""
        tap = ctypes.c_uint64()
        self._call("sidetone_tap_open", call, self._settings(options), tap)
        return tap.value

    def tap_info_read(self, tap: int) -> TapInfo:
        """How a tap does; after the end of its call, too."""
        return self._values(TapInfo, "sidetone_tap_info_read", tap)

    def tap_close(self, tap: int) -> None:
        """Ends a tap; what waits in it is thrown away, and a read that waits for it ends with
        SIDETONE_ERR_STALE_ID."""
        self._call("sidetone_tap_close", tap)

    def inject_open(self, call: int, options: Optional[InjectOptions] = None) -> int:
        """Opens a source of audio in a call, to which the host writes 16-bit mono PCM. It is mixed
        with whatever else is heard there: the microphone goes on beside it, and
        sidetone_call_mute() mutes the microphone only, so a program that is to speak in its place
        mutes. The gains of sidetone_call_gain() hold for it as for the rest of what is sent. What
        is written for the far end waits until the call has media."""
        injection = ctypes.c_uint64()
        self._call("sidetone_inject_open", call, self._settings(options), injection)
        return injection.value

    def inject_flush(self, injection: int) -> int:
        """Throws away what was written and not yet played: the far end interrupts. What has left
        the queue (10 ms, and what a packet holds) is still heard; what is written afterwards is
        played next."""
        flushed = ctypes.c_uint64()
        self._call("sidetone_inject_flush", injection, flushed)
        return flushed.value

    def inject_info_read(self, injection: int) -> InjectInfo:
        """How an injection does; after the end of its call, too."""
        return self._values(InjectInfo, "sidetone_inject_info_read", injection)

    def inject_close(self, injection: int) -> None:
        """Ends an injection; what waits in it is thrown away. To have all of it heard, close it
        when `queued` is 0."""
        self._call("sidetone_inject_close", injection)

    def message_send(self, from_: int, uri: str, content_type: str, body: bytes) -> int:
        """Sends an instant message."""
        request = ctypes.c_uint64()
        self._call(
            "sidetone_message_send",
            from_,
            *text(uri),
            *text(content_type),
            *octets(body),
            request,
        )
        return request.value

    def request_send(self, from_: int, uri: str, sip: SipRequest) -> int:
        """Sends a request of any method."""
        request = ctypes.c_uint64()
        self._call("sidetone_request_send", from_, *text(uri), self._settings(sip), request)
        return request.value

    def request_answer(self, transaction: int, answer: SipAnswer) -> int:
        """Answers a request that came as SIDETONE_EVENT_REQUEST. One that is not answered within
        32 T1 (16 s) gets 500."""
        request = ctypes.c_uint64()
        self._call("sidetone_request_answer", transaction, self._settings(answer), request)
        return request.value

    def subscription_add(
        self,
        account: int,
        uri: str,
        options: Optional[SubscriptionOptions] = None,
    ) -> Tuple[int, int]:
        """Watches somebody, or a mailbox. The subscription is kept up, and begun anew after
        failures, until sidetone_subscription_remove(). Its changes are
        SIDETONE_EVENT_SUBSCRIPTION, what it tells SIDETONE_EVENT_MESSAGE_WAITING,
        SIDETONE_EVENT_LAMP, SIDETONE_EVENT_PRESENCE or SIDETONE_EVENT_NOTIFY. Where a proxy asks
        several far ends, the first that tells something is watched; the others are refused (481),
        so that they stop."""
        subscription = ctypes.c_uint64()
        request = ctypes.c_uint64()
        self._call(
            "sidetone_subscription_add",
            account,
            *text(uri),
            self._settings(options),
            subscription,
            request,
        )
        return subscription.value, request.value

    def subscription_refresh(self, subscription: int) -> int:
        """Refreshes a subscription at once; begins one anew that has ended."""
        request = ctypes.c_uint64()
        self._call("sidetone_subscription_refresh", subscription, request)
        return request.value

    def subscription_remove(self, subscription: int) -> int:
        """Takes a subscription back. Its id is stale at once, and no event of it follows but those
        that wait already."""
        request = ctypes.c_uint64()
        self._call("sidetone_subscription_remove", subscription, request)
        return request.value

    def subscription_info_read(self, subscription: int) -> SubscriptionInfo:
        """Reads how a subscription stands, and what it told last."""
        return self._values(SubscriptionInfo, "sidetone_subscription_info_read", subscription)

    def subscription_text_read(self, subscription: int, which: int) -> Optional[str]:
        """Reads a text of a subscription."""
        return self._text("sidetone_subscription_text_read", subscription, which)

    def subscription_list(self) -> List[int]:
        """Lists the subscriptions that were not removed."""
        return self._ids("sidetone_subscription_list")

    def subscription_dialog_read(self, subscription: int, index: int) -> WatchedDialog:
        """Reads one dialog of somebody who is watched."""
        return self._values(
            WatchedDialog,
            "sidetone_subscription_dialog_read",
            subscription,
            index,
        )

    def subscription_dialog_text_read(
        self,
        subscription: int,
        index: int,
        which: int,
    ) -> Optional[str]:
        """Reads a text of a dialog of somebody who is watched."""
        return self._text("sidetone_subscription_dialog_text_read", subscription, index, which)

    def presence_publish(self, account: int, presence: Presence) -> Tuple[int, int]:
        """Publishes the presence of an account. It is refreshed until
        sidetone_publication_remove(); its changes are SIDETONE_EVENT_PUBLICATION."""
        publication = ctypes.c_uint64()
        request = ctypes.c_uint64()
        self._call(
            "sidetone_presence_publish",
            account,
            self._settings(presence),
            publication,
            request,
        )
        return publication.value, request.value

    def presence_update(self, publication: int, presence: Presence) -> int:
        """Publishes another presence in the place of the one before."""
        request = ctypes.c_uint64()
        self._call("sidetone_presence_update", publication, self._settings(presence), request)
        return request.value

    def publication_add(
        self,
        account: int,
        event: str,
        content_type: str,
        body: bytes,
    ) -> Tuple[int, int]:
        """Publishes event state of any package under an account. It is refreshed until
        sidetone_publication_remove()."""
        publication = ctypes.c_uint64()
        request = ctypes.c_uint64()
        self._call(
            "sidetone_publication_add",
            account,
            *text(event),
            *text(content_type),
            *octets(body),
            publication,
            request,
        )
        return publication.value, request.value

    def publication_update(self, publication: int, content_type: str, body: bytes) -> int:
        """Publishes another state of any package in the place of the one before."""
        request = ctypes.c_uint64()
        self._call(
            "sidetone_publication_update",
            publication,
            *text(content_type),
            *octets(body),
            request,
        )
        return request.value

    def publication_remove(self, publication: int) -> int:
        """Removes what is published. Its id is stale at once, and no event of it follows but those
        that wait already."""
        request = ctypes.c_uint64()
        self._call("sidetone_publication_remove", publication, request)
        return request.value

    def audio_select(self, audio: Audio) -> int:
        """Chooses how audio reaches the user. Calls that are up change over."""
        request = ctypes.c_uint64()
        self._call("sidetone_audio_select", self._settings(audio), request)
        return request.value

    def audio_levels_read(self) -> AudioLevels:
        """Levels at the sound card now. Reading often is cheap."""
        return self._values(AudioLevels, "sidetone_audio_levels_read")

    def device_list(self) -> int:
        """Looks the sound cards up, and keeps the list in the engine until the next call. Waits
        for the system, at most five seconds."""
        count = ctypes.c_uint32()
        self._call("sidetone_device_list", count)
        return count.value

    def device_info_read(self, index: int) -> DeviceInfo:
        """What a sound card of the list can do."""
        return self._values(DeviceInfo, "sidetone_device_info_read", index)

    def device_text_read(self, index: int, which: int) -> Optional[str]:
        """A text of a sound card of the list."""
        return self._text("sidetone_device_text_read", index, which)

    def call_stats_read(self, call: int) -> CallStats:
        """How a call's media does now. Reading often is cheap."""
        return self._values(CallStats, "sidetone_call_stats_read", call)

    def engine_stats_read(self) -> EngineStats:
        """Counters of the engine now."""
        return self._values(EngineStats, "sidetone_engine_stats_read")

    def engine_health_read(self) -> EngineHealth:
        """How the threads do that have to keep time: durations of the sound card's callbacks,
        missed deadlines, late rounds, and what scheduling the system gave them. Reading never
        disturbs them."""
        return self._values(EngineHealth, "sidetone_engine_health_read")

    def engine_priority_read(self, threads: int) -> Optional[str]:
        """What scheduling threads of an engine got, in words: of a refusal why, and what to do
        about it."""
        return self._text("sidetone_engine_priority_read", threads)

    def wake(self) -> None:
        """Ends a waiting sidetone_event_next(), or the next one at once, with
        SIDETONE_ERR_TIMEOUT."""
        self._call("sidetone_wake")
