//! A second SRTP transform, written from RFC 3711, 6188 and 7714 on the RustCrypto primitives, to hold
//! the back end against. It keeps no state: roll-over counter and index are given.

use aes::{
    Aes128, Aes256,
    cipher::{KeyIvInit, StreamCipher, StreamCipherSeek},
};
use aes_gcm::{
    Aes128Gcm, Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use ctr::Ctr128BE;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sidetone::base::plan::SrtpSuite;

/// Session keys of one direction.
pub struct Reference {
    suite: SrtpSuite,
    rtp: SessionKeys,
    rtcp: SessionKeys,
}

/// What encrypts and authenticates (RFC 3711 §4.3, RFC 7714 §11).
#[derive(Clone)]
pub struct SessionKeys {
    pub cipher: Vec<u8>,
    pub auth: Vec<u8>,
    pub salt: Vec<u8>,
}

/// The AES-CM key stream from byte `offset` on (RFC 3711 §4.1.1).
pub fn key_stream(key: &[u8], iv: [u8; 16], offset: usize, bytes: usize) -> Vec<u8> {
    let mut stream = vec![0; bytes];
    match key.len() {
        16 => {
            let mut cipher = Ctr128BE::<Aes128>::new_from_slices(key, &iv).unwrap();
            cipher.seek(offset);
            cipher.apply_keystream(&mut stream);
        }
        32 => {
            let mut cipher = Ctr128BE::<Aes256>::new_from_slices(key, &iv).unwrap();
            cipher.seek(offset);
            cipher.apply_keystream(&mut stream);
        }
        other => panic!("no AES with {other} key bytes"),
    }
    stream
}

/// Key derivation with a rate of 0 (RFC 3711 §4.3.1); a salt of 96 bits is padded with zeros
/// (RFC 7714 §11).
pub fn derive(master_key: &[u8], master_salt: &[u8], label: u8, bytes: usize) -> Vec<u8> {
    let mut iv = [0; 16];
    iv[..master_salt.len()].copy_from_slice(master_salt);
    iv[7] ^= label;
    key_stream(master_key, iv, 0, bytes)
}

/// IV of a packet: salt, SSRC and 48-bit index (RFC 3711 §4.1.1).
pub fn counter_iv(salt: &[u8], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[..14].copy_from_slice(salt);
    for (n, byte) in ssrc.to_be_bytes().into_iter().enumerate() {
        iv[4 + n] ^= byte;
    }
    for (n, byte) in index.to_be_bytes()[2..].iter().enumerate() {
        iv[8 + n] ^= byte;
    }
    iv
}

impl Reference {
    /// From master key and salt.
    pub fn from_master(suite: SrtpSuite, key: &[u8], salt: &[u8]) -> Self {
        let session = |labels: [u8; 3]| SessionKeys {
            cipher: derive(key, salt, labels[0], suite.key_bytes()),
            auth: derive(key, salt, labels[1], 20),
            salt: derive(key, salt, labels[2], suite.salt_bytes()),
        };
        Self { suite, rtp: session([0, 1, 2]), rtcp: session([3, 4, 5]) }
    }

    /// From session keys, the same for RTP and RTCP, as RFC 7714's examples have them.
    pub fn from_session(suite: SrtpSuite, cipher: &[u8], salt: &[u8]) -> Self {
        let keys = SessionKeys { cipher: cipher.to_vec(), auth: Vec::new(), salt: salt.to_vec() };
        Self { suite, rtp: keys.clone(), rtcp: keys }
    }

    fn is_aead(&self) -> bool {
        matches!(self.suite, SrtpSuite::AeadAes128Gcm | SrtpSuite::AeadAes256Gcm)
    }

    fn rtp_tag_bytes(&self) -> usize {
        match self.suite {
            SrtpSuite::Aes128CmSha1_32 | SrtpSuite::Aes256CmSha1_32 => 4,
            _ => 10,
        }
    }

    /// SRTP out of RTP. `roc`: roll-over counter.
    pub fn protect_rtp(&self, packet: &[u8], roc: u32) -> Vec<u8> {
        let header = header_bytes(packet);
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let ssrc = u32::from_be_bytes(packet[8..12].try_into().unwrap());
        let (clear, payload) = packet.split_at(header);
        if self.is_aead() {
            // RFC 7714 §8.1: 00 00 | SSRC | ROC | SEQ, with the salt.
            let mut iv = [0; 12];
            iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
            iv[6..10].copy_from_slice(&roc.to_be_bytes());
            iv[10..].copy_from_slice(&sequence.to_be_bytes());
            return [clear, &seal(&self.rtp, iv, clear, payload)].concat();
        }
        let iv = counter_iv(&self.rtp.salt, ssrc, u64::from(roc) << 16 | u64::from(sequence));
        let mut protected = [clear, &encrypt(&self.rtp, iv, payload)].concat();
        let tag = hmac(&self.rtp.auth, &[&protected, &roc.to_be_bytes()]);
        protected.extend_from_slice(&tag[..self.rtp_tag_bytes()]);
        protected
    }

    /// SRTCP out of RTCP.
    pub fn protect_rtcp(&self, packet: &[u8], index: u32) -> Vec<u8> {
        let ssrc = u32::from_be_bytes(packet[4..8].try_into().unwrap());
        let (clear, payload) = packet.split_at(8);
        let trailer = (index | 1 << 31).to_be_bytes();
        if self.is_aead() {
            // RFC 7714 §9.1: 00 00 | SSRC | 00 00 | index; header and trailer are authenticated.
            let mut iv = [0; 12];
            iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
            iv[8..].copy_from_slice(&index.to_be_bytes());
            let sealed = seal(&self.rtcp, iv, &[clear, &trailer[..]].concat(), payload);
            return [clear, &sealed, &trailer].concat();
        }
        let iv = counter_iv(&self.rtcp.salt, ssrc, u64::from(index));
        let mut protected = [clear, &encrypt(&self.rtcp, iv, payload), &trailer].concat();
        let tag = hmac(&self.rtcp.auth, &[&protected]);
        protected.extend_from_slice(&tag[..10]);
        protected
    }
}

fn header_bytes(packet: &[u8]) -> usize {
    let mut bytes = 12 + 4 * usize::from(packet[0] & 15);
    if packet[0] & 0x10 != 0 {
        let words = u16::from_be_bytes([packet[bytes + 2], packet[bytes + 3]]);
        bytes += 4 + 4 * usize::from(words);
    }
    bytes
}

fn encrypt(keys: &SessionKeys, iv: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let stream = key_stream(&keys.cipher, iv, 0, payload.len());
    payload.iter().zip(stream).map(|(byte, key)| byte ^ key).collect()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn seal(keys: &SessionKeys, mut iv: [u8; 12], aad: &[u8], msg: &[u8]) -> Vec<u8> {
    iv.iter_mut().zip(&keys.salt).for_each(|(byte, salt)| *byte ^= salt);
    let payload = Payload { msg, aad };
    if keys.cipher.len() == 16 {
        Aes128Gcm::new_from_slice(&keys.cipher).unwrap().encrypt(&iv.into(), payload).unwrap()
    } else {
        Aes256Gcm::new_from_slice(&keys.cipher).unwrap().encrypt(&iv.into(), payload).unwrap()
    }
}
