//! We register with sipp.

use std::time::Duration;

use sidetone::engine::{AccountConfig, EventKind, Gruu, RegistrationState};

use super::{
    case::{Case, calling},
    scene::Scene,
};

/// All of them.
pub const CASES: &[Case] = &[
    calling("reg_takes_it_back", registers),
    calling("reg_two_challenges", registers).account(with_password),
    calling("reg_interval_too_brief", registers),
    calling("reg_interval_too_brief_unsaid", registers)
        .engine(|config| config.timers.min_registration = Duration::from_secs(600)),
    calling("reg_interval_never_enough", |scene| {
        scene.registration(RegistrationState::Retrying);
    })
    .engine(|config| config.timers.retry_base = Duration::from_secs(4)),
    calling("reg_refreshes", registers_twice).account(with_password),
    calling("reg_new_nonce", registers_twice).account(with_password),
    calling("reg_next_nonce_unannounced", registers_twice).account(with_password),
    calling("reg_lifetime_of_our_contact", |scene| {
        scene.registration(RegistrationState::Registered);
        let granted = scene.engine.account_info(scene.account).unwrap().expires;
        assert_eq!(granted, Duration::from_secs(30));
        unregisters(scene);
    }),
    calling("reg_asked_to_wait", registers),
    calling("reg_forbidden", is_refused),
    calling("reg_proxy_challenge", registers).account(with_password),
    calling("reg_both_challenge", registers).account(with_password),
    calling("reg_login_name", registers).account(|account| {
        with_password(account);
        account.auth_user = "extension42".into();
    }),
    calling("reg_outbound_proxy", registers).account(|account| {
        account.registrar = "sip:registrar.invalid".into();
        account.outbound_proxy = "sip:sipp".into();
    }),
    calling("reg_wrong_password", is_refused).account(with_password),
    calling("reg_stale_for_ever", is_refused).account(with_password),
    calling("reg_unknown_algorithm", is_refused).account(with_password),
    calling("reg_tcp", registers).sipp(&["-t", "t1"]),
    calling("reg_path", registers),
    calling("reg_gruu", registers).account(|account| {
        account.instance_id = "urn:uuid:12345678-1234-4234-8234-123456789abc".into();
        account.gruu = Gruu::Public;
    }),
];

fn with_password(account: &mut AccountConfig) {
    account.password = "secret".into();
}

/// Registers, and takes it back.
fn registers(scene: &mut Scene) {
    scene.registration(RegistrationState::Registered);
    unregisters(scene);
}

/// Registers, refreshes, and takes it back.
fn registers_twice(scene: &mut Scene) {
    scene.registration(RegistrationState::Registered);
    registers(scene);
}

fn unregisters(scene: &mut Scene) {
    scene.engine.account_unregister(scene.account, None).unwrap();
    scene.registration(RegistrationState::Unregistered);
}

/// The registrar does not want us.
fn is_refused(scene: &mut Scene) {
    scene.registration(RegistrationState::Failed);
    scene.wait_for_sipp();
    let tried = |event: &&EventKind| {
        matches!(event, EventKind::Registration { state: RegistrationState::Registering, .. })
    };
    assert_eq!(scene.events.iter().filter(tried).count(), 1);
}
