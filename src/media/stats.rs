//! What a stream tells of itself. `None` means: not measured yet.

/// A snapshot; counters run since the stream began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamStats {
    /// RTP packets sent.
    pub packets_sent: u64,
    /// RTP payload bytes sent.
    pub bytes_sent: u64,
    /// RTP packets received and believed.
    pub packets_received: u64,
    /// RTP payload bytes received and believed.
    pub bytes_received: u64,
    /// Packets that never came.
    pub packets_lost: Option<u64>,
    /// Packets that came too late to be played.
    pub packets_late: u64,
    /// Packets that came twice.
    pub packets_duplicate: u64,
    /// Datagrams dropped: malformed, of a stranger, of an unknown payload type.
    pub packets_discarded: u64,
    /// Datagrams that failed SRTP authentication or replay protection.
    pub srtp_failures: u64,
    /// Packets of ours that could not be encoded or protected.
    pub send_failures: u64,
    /// telephone-event packets that carried no digit.
    pub events_ignored: u64,
    /// Interarrival jitter.
    pub jitter_ms: Option<f32>,
    /// Round-trip time from RTCP.
    pub round_trip_ms: Option<f32>,
    /// Loss that the far end reports of our packets, 0 to 1.
    pub remote_loss: Option<f32>,
    /// Jitter that the far end reports.
    pub remote_jitter_ms: Option<f32>,
    /// What the jitter buffer aims at.
    pub target_delay_ms: Option<f32>,
    /// What it holds now.
    pub playout_delay_ms: Option<f32>,
    /// Share of played audio that was concealment, 0 to 1.
    pub concealed: Option<f32>,
    /// Milliseconds of audio played.
    pub played_ms: u64,
    /// Milliseconds of it that were concealment.
    pub concealed_ms: u64,
    /// Milliseconds cut out by shortening.
    pub accelerated_ms: u64,
    /// Milliseconds put in by stretching.
    pub stretched_ms: u64,
    /// Level received, dBFS.
    pub level_received_db: Option<f32>,
    /// Level sent, dBFS.
    pub level_sent_db: Option<f32>,
    /// R factor of the E-model, 0 to 100.
    pub r_factor: Option<f32>,
    /// MOS from it, 1 to 4.5.
    pub mos: Option<f32>,
    /// Worst departure of the spacing of sent packets from the packet time.
    pub send_deviation_max_ms: Option<f32>,
}
