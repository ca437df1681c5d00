//! `INSPECTOR`: whether each page shows the requests and calls of the sign-in.

use url::Url;

use super::{Account, Reader, is_loopback};

impl Reader<'_> {
    /// The default is on with the embedded sandbox on this machine, and off otherwise. Visitors see the calls to
    /// Stytch, so it is refused with an `APP_URL` that other machines can reach.
    pub(super) fn inspector(&mut self, stytch: &Account, app_url: &Url) -> bool {
        match self.get("INSPECTOR").as_deref() {
            None => matches!(stytch, Account::Sandbox { .. }) && is_loopback(app_url),
            Some("off") => false,
            Some("on") => {
                if !is_loopback(app_url) {
                    self.wrong("INSPECTOR is on, but APP_URL is not on localhost: the inspector shows visitors the calls to Stytch. Remove INSPECTOR, or set it to off".to_owned());
                }
                true
            }
            Some(_) => {
                self.wrong("INSPECTOR must be on or off".to_owned());
                false
            }
        }
    }
}
