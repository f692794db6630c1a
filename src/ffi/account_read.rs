//! How accounts stand.

use std::ffi::c_char;

use super::{
    account::account_id,
    engine::{seconds, sidetone_engine},
    guard::{enter, guard, invalid},
    sized::{self, Sized32},
    strings,
};
use crate::{base::ids::AccountId, engine::AccountInfo};

/// Text of an account: its address of record.
pub const SIDETONE_ACCOUNT_TEXT_AOR: u32 = 1;
/// Text of an account: local SIP address used towards the registrar, "ip:port"; empty before the
/// first request.
pub const SIDETONE_ACCOUNT_TEXT_LOCAL_ADDRESS: u32 = 2;

/// An account as it stands.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct sidetone_account_info {
    /// sizeof of this struct, set by the host.
    pub size: u32,
    /// SIDETONE_REGISTRATION_*.
    pub state: u32,
    /// Status code of the registrar's last response; 0: none yet.
    pub sip_code: u32,
    /// Lifetime granted, seconds; 0 when not registered.
    pub expires_s: u32,
    /// SIDETONE_REACH_*.
    pub reach: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), numbers, offsets without gaps asserted in `layout`.
unsafe impl Sized32 for sidetone_account_info {
    const NAME: &'static str = "sidetone_account_info";
    const FIRST_SIZE: u32 = 16;
}

/// How an account stands now.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_info info;
/// info.size = sizeof info;
/// if (sidetone_account_info_read(engine, account, &info) == SIDETONE_OK &&
///     info.state == SIDETONE_REGISTRATION_REGISTERED)
///   printf("registered for %u s\n", (unsigned)info.expires_s);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_info_read(
    engine: *mut sidetone_engine,
    account: u64,
    info: *mut sidetone_account_info,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let id = account_id(account)?;
        sized::check_out(info)?;
        let found: AccountInfo = engine.engine.account_info(id)?;
        sized::write(
            info,
            &sidetone_account_info {
                size: 0,
                state: found.state as u32,
                sip_code: found.code.into(),
                expires_s: seconds(found.expires),
                reach: found.reach as u32,
                reserved: 0,
            },
        )
    })
}

/// A text of an account.
///
/// `which`: SIDETONE_ACCOUNT_TEXT_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`which`),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char aor[256];
/// sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, aor, sizeof aor, NULL);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_text_read(
    engine: *mut sidetone_engine,
    account: u64,
    which: u32,
    buffer: *mut c_char,
    capacity: u32,
    needed: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let found = engine.engine.account_info(account_id(account)?)?;
        let text = match which {
            SIDETONE_ACCOUNT_TEXT_AOR => &found.aor,
            SIDETONE_ACCOUNT_TEXT_LOCAL_ADDRESS => &found.local_address,
            _ => return Err(invalid(format!("text {which} of an account is not known"))),
        };
        strings::copy_out(text, buffer, capacity, needed)
    })
}

/// The ids of the accounts.
///
/// `accounts`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many
/// there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t accounts[64];
/// uint32_t count = 0;
/// sidetone_account_list(engine, accounts, 64, &count);
/// ```
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sidetone_account_list(
    engine: *mut sidetone_engine,
    accounts: *mut u64,
    capacity: u32,
    count: *mut u32,
) -> i32 {
    guard(|| {
        let engine = enter(engine)?;
        let ids = engine.engine.accounts();
        strings::copy_ids(ids.into_iter().map(AccountId::raw), accounts, capacity, count)
    })
}
