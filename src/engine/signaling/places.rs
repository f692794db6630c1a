//! Where the media of a call goes: which worker, which ports.

use std::{collections::hash_map::Entry, io};

use super::{Signaling, WORKER_BUSY};
use crate::{
    engine::{
        config::AccountConfig,
        error::{Error, ErrorKind},
    },
    net::{ports::PortPool, rtp_udp::RtpSockets},
    proto::sip::Flow,
};

impl Signaling {
    /// Calls that the user hears are all on worker 0, where the sound card is attached.
    fn least_loaded(&self) -> usize {
        if self.audio.has_user() {
            return 0;
        }
        let loads = self.workers.iter().enumerate();
        loads.min_by_key(|(_, worker)| worker.calls).map_or(0, |(index, _)| index)
    }

    /// A worker and ports for a new call.
    pub(super) fn place_media(
        &mut self,
        config: &AccountConfig,
        flow: Flow,
    ) -> Result<(usize, RtpSockets), Error> {
        let worker = self.least_loaded();
        if self.workers[worker].inbox.is_full() {
            return Err(Error::new(ErrorKind::Busy, WORKER_BUSY));
        }
        Ok((worker, self.bind_rtp(config, flow)?))
    }

    pub(super) fn bind_rtp(
        &mut self,
        config: &AccountConfig,
        flow: Flow,
    ) -> Result<RtpSockets, Error> {
        let range = match config.rtp_ports {
            (0, 0) => self.shared.config.rtp_ports,
            range => range,
        };
        let none = |error: io::Error| {
            let text = format!("no RTP port is free ({error}); widen rtp_ports or end calls");
            Error::new(ErrorKind::NoPort, text)
        };
        // Not the flow's own: that one may be a public address in our place.
        let address = self.transports.local_ip(flow.remote).map_err(none)?;
        let pool = match self.rtp_ports.entry((address, range)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let (start, dscp) = (self.rng.u32(), self.shared.config.rtp_dscp);
                entry.insert(PortPool::new(address, range, start, dscp).map_err(none)?)
            }
        };
        RtpSockets::new(pool.bind_pair().map_err(none)?).map_err(none)
    }
}
