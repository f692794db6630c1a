//! Certificates for tests: an authority of its own and what it signs, as PEM files.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};

use super::child::Folder;

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Certificate, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// When a certificate is valid, by years.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// From long ago until long hence.
    Now,
    /// It ended in 2020.
    Over,
}

/// An authority that phones are told to trust, or not.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, PEM: what `--ca-file` wants.
    pub certificate: PathBuf,
}

impl Authority {
    /// A new one, its certificate in `folder`.
    pub fn new(folder: &Folder, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = folder.path(&format!("{name}.pem"));
        fs::write(&certificate, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// Signs a certificate for `names`: host names, addresses, or `sip:` URIs.
    pub fn issue(&self, folder: &Folder, names: &[&str], validity: Validity) -> Identity {
        let (uris, hosts): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| name.starts_with("sip:"));
        let hosts: Vec<String> = hosts.into_iter().map(str::to_owned).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        let uris = uris.into_iter().map(|uri| SanType::URI(uri.try_into().unwrap()));
        params.subject_alt_names.extend(uris);
        if validity == Validity::Over {
            params.not_before = rcgen::date_time_ymd(2019, 1, 1);
            params.not_after = rcgen::date_time_ymd(2020, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        let stem = names.first().copied().unwrap_or("nobody").replace([':', '@'], "-");
        let identity = Identity {
            certificate: folder.path(&format!("{stem}.{validity:?}.pem")),
            key: folder.path(&format!("{stem}.{validity:?}.key")),
        };
        fs::write(&identity.certificate, signed.pem()).unwrap();
        fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }
}
