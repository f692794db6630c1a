//! Floor 4: threads and actors, and [`Engine`], the public Rust API.

pub mod config;
pub mod device_policy;
pub mod error;
pub mod event;
pub mod info;
pub mod log;
pub mod wakeup;

use std::{path::Path, time::Duration};

pub use self::{
    config::{
        AccountConfig, DialOptions, DtmfMethod, EngineConfig, PlayOptions, SipTimers, SipTransport,
        SrtpPolicy, WavPair,
    },
    device_policy::{AudioPolicy, DevicePolicy},
    error::{Error, ErrorKind},
    event::{CallState, DeviceState, Event, EventKind, RegistrationState},
    info::{AccountInfo, CallInfo, CallStats, DeviceInfo, DeviceLevels, EngineStats},
    log::{LogLevel, LogLine, LogSink},
    wakeup::Wakeup,
};
use crate::base::ids::{AccountId, CallId, RequestId};

/// A voice engine. Every method may be called from any thread; none waits for the network.
///
/// A command returns at once. Where it takes a `request`, its outcome comes as
/// [`EventKind::Reply`] with that number. Dropping the engine shuts it down ([`Engine::shutdown`]
/// with two seconds).
#[derive(Debug)]
pub struct Engine {}

#[allow(unused_variables)]
impl Engine {
    /// Starts the engine's threads. Errors: `InvalidArgument`, `Transport` (port taken).
    pub fn new(config: EngineConfig) -> Result<Engine, Error> {
        unimplemented!()
    }

    /// A fresh number to tie a reply to its command; never 0.
    pub fn new_request(&self) -> RequestId {
        unimplemented!()
    }

    /// Adds an account, and registers it when it has a registrar and `register_on_add`. The reply
    /// comes when the account stands; how its registration does is told by its own events.
    pub fn account_add(
        &self,
        config: AccountConfig,
        request: Option<RequestId>,
    ) -> Result<AccountId, Error> {
        unimplemented!()
    }

    /// Replaces an account's settings; calls that are up keep the old ones.
    pub fn account_update(
        &self,
        account: AccountId,
        config: AccountConfig,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Unregisters and removes an account; its calls go on.
    pub fn account_remove(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Registers (again). The reply comes with the registrar's final answer.
    pub fn account_register(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Takes the registration back.
    pub fn account_unregister(
        &self,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// How an account stands.
    pub fn account_info(&self, account: AccountId) -> Result<AccountInfo, Error> {
        unimplemented!()
    }

    /// The live accounts.
    pub fn accounts(&self) -> Vec<AccountId> {
        unimplemented!()
    }

    /// Places a call. `uri`: `sip:user@host`, `user@host`, or what stands before the `@` of a URI
    /// at the account's registrar. `account` may be `None`: a call straight to an address. The
    /// reply comes with the final answer: done when the call is connected, else why it ended.
    pub fn dial(
        &self,
        account: Option<AccountId>,
        uri: &str,
        options: DialOptions,
        request: Option<RequestId>,
    ) -> Result<CallId, Error> {
        unimplemented!()
    }

    /// Sends 180 for an incoming call.
    pub fn ring(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// Answers an incoming call with 200, with `headers` in it.
    pub fn answer(
        &self,
        call: CallId,
        headers: Vec<(String, String)>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Refuses an incoming call with a code of 300 to 699. An empty `reason`: the standard phrase.
    pub fn reject(
        &self,
        call: CallId,
        code: u16,
        reason: &str,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Ends a call in whatever state: CANCEL, BYE, or 603 for one not answered.
    pub fn hangup(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// Mutes or unmutes what the far end hears of us.
    pub fn mute(&self, call: CallId, muted: bool, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// Gains of a call in dB, -96 (silence) to +24: what we send, what we hear.
    pub fn gain(
        &self,
        call: CallId,
        send_db: f32,
        receive_db: f32,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Lets what call `from` says be heard by call `to`, at `gain_db`; `None` ends it. `from` may
    /// be `to`: an echo.
    pub fn route(
        &self,
        from: CallId,
        to: CallId,
        gain_db: Option<f32>,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Sends digits (`0`-`9 * # A`-`D !`, `,` a pause of one second), each `duration_ms` long (40 to
    /// 6000; 0: 160). The reply comes when the last has been sent.
    pub fn dtmf(
        &self,
        call: CallId,
        digits: &str,
        duration_ms: u32,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// How a call stands. Ended calls answer until their end event was pulled.
    pub fn call_info(&self, call: CallId) -> Result<CallInfo, Error> {
        unimplemented!()
    }

    /// How a call's media does.
    pub fn call_stats(&self, call: CallId) -> Result<CallStats, Error> {
        unimplemented!()
    }

    /// A header of the far end's latest INVITE or final response; the first of that name.
    pub fn call_header(&self, call: CallId, name: &str) -> Result<Option<String>, Error> {
        unimplemented!()
    }

    /// The live calls.
    pub fn calls(&self) -> Vec<CallId> {
        unimplemented!()
    }

    /// Plays a WAV file into a call (what the far end hears), instead of one playing before.
    pub fn play(
        &self,
        call: CallId,
        path: &Path,
        options: PlayOptions,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Ends the playing.
    pub fn stop_playing(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// Records a call to a stereo WAV file: near end left, far end right.
    pub fn record(
        &self,
        call: CallId,
        path: &Path,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Ends the recording; its event follows when the file is whole.
    pub fn stop_recording(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages to
    /// a PCAP file.
    pub fn capture(
        &self,
        call: CallId,
        path: &Path,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Ends the capture.
    pub fn stop_capture(&self, call: CallId, request: Option<RequestId>) -> Result<(), Error> {
        unimplemented!()
    }

    /// The sound cards. Looks them up on the device thread; waits up to five seconds for it.
    pub fn devices(&self) -> Result<Vec<DeviceInfo>, Error> {
        unimplemented!()
    }

    /// Chooses how audio reaches the user; calls that are up change over.
    pub fn select_audio(
        &self,
        policy: AudioPolicy,
        request: Option<RequestId>,
    ) -> Result<(), Error> {
        unimplemented!()
    }

    /// Levels at the sound card.
    pub fn levels(&self) -> DeviceLevels {
        unimplemented!()
    }

    /// Counters of the engine.
    pub fn stats(&self) -> EngineStats {
        unimplemented!()
    }

    /// Local SIP address for a transport, `ip:port` of the engine's own socket.
    pub fn local_address(&self, transport: SipTransport) -> Result<std::net::SocketAddr, Error> {
        unimplemented!()
    }

    /// The next event; waits up to `timeout` (`None`: for ever). `Ok(None)`: the time ran out or
    /// [`Engine::wake`] was called. One thread at a time; a second one gets `WrongThread`.
    pub fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Event>, Error> {
        unimplemented!()
    }

    /// Ends a waiting [`Engine::next_event`].
    pub fn wake(&self) {
        unimplemented!()
    }

    /// How the engine tells that events wait; `None`: not at all.
    pub fn set_wakeup(&self, wakeup: Option<Wakeup>) {
        unimplemented!()
    }

    /// Sends log lines up to `level` to `sink`, on a thread of their own, lossy; `None` ends it.
    pub fn set_log(&self, level: LogLevel, sink: Option<LogSink>) {
        unimplemented!()
    }

    /// Ends all calls and registrations, waits up to `timeout` for the far ends, stops the
    /// threads. The last event is `Stopped`. Again: nothing happens.
    pub fn shutdown(&self, timeout: Duration) {
        unimplemented!()
    }
}
