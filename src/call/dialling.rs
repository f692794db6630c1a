//! What a number means in a call: the account's dial plan, and the domain at which numbers are.

use super::dial_plan::{DialPlan, Dialled};
use crate::proto::sip::uri::Uri;

/// Where numbers are dialled: by a plan, at a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialling {
    /// The plan.
    pub plan: DialPlan,
    /// The account's address; `None`: there is no domain for numbers.
    pub home: Option<Uri>,
}

impl Dialling {
    /// The SIP URI that is called for a `tel:` one, as a dial of it would; else the status code of
    /// the refusal: 403 for a number that the plan bars, 416 for what no number is called by.
    pub fn called(&self, tel: &Uri) -> Result<Uri, u16> {
        match self.plan.apply(&tel.to_string()) {
            Dialled::Barred => Err(403),
            Dialled::Address(_) => Err(416),
            Dialled::Number { user, phone } => {
                let home = self.home.as_ref().ok_or(416u16)?;
                number_uri(&user, phone, home).ok_or(416)
            }
        }
    }
}

/// A number that is called, as a URI at the domain of `home`; `None` for an empty one.
pub fn number_uri(user: &str, phone: bool, home: &Uri) -> Option<Uri> {
    if user.is_empty() {
        return None;
    }
    let uri = home.for_identity().with_user(user).with_port(home.port());
    Some(if phone { uri.with_param("user", Some("phone")) } else { uri })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_uris_at_the_accounts_domain() {
        let home = "sip:al@pbx.test:5070".parse().unwrap();
        let uri = |user, phone| number_uri(user, phone, &home).map(|uri| uri.to_string());
        assert_eq!(uri("200", false).as_deref(), Some("sip:200@pbx.test:5070"));
        assert_eq!(uri("*21#", false).as_deref(), Some("sip:*21%23@pbx.test:5070"));
        assert_eq!(
            uri("+49301;ext=12", true).as_deref(),
            Some("sip:+49301;ext=12@pbx.test:5070;user=phone")
        );
        assert_eq!(uri("", false), None);
    }

    #[test]
    fn a_tel_uri_is_called_by_the_plan_at_the_domain_or_not_at_all() {
        let plan = DialPlan::parse("<+49:0>[1-9]x.|0900x.!").unwrap();
        let home = Some("sip:al@pbx.test".parse().unwrap());
        let dialling = Dialling { plan, home };
        let called = |dialling: &Dialling, tel: &str| {
            dialling.called(&tel.parse().unwrap()).map(|uri| uri.to_string())
        };
        let wanted = Ok("sip:030123@pbx.test;user=phone".to_owned());
        assert_eq!(called(&dialling, "tel:+49-30-123"), wanted);
        assert_eq!(called(&dialling, "tel:0900-12;phone-context=pbx.test"), Err(403));
        assert_eq!(called(&dialling, "tel:nobody"), Err(416));
        assert_eq!(called(&Dialling::default(), "tel:+49-30-123"), Err(416));
    }
}
