//! The outcomes that are not errors: done, another first factor, a second factor.

use super::{
    columns::{Flow, Flow as F},
    rows::GOOD_OUTCOMES,
    rules::{want_a_second_factor, want_another_first_factor},
};
use crate::support::TestApp;

#[tokio::test]
async fn a_complete_login_signs_in() {
    for flow in Flow::ALL {
        let app = TestApp::start().await;
        let mut browser = flow.begin(&app).await;
        let before = browser.cookie();
        let page = flow.finish(&app, &mut browser).await;
        if flow == F::Provider {
            assert_eq!(page.status, 200, "{}", page.text());
            continue;
        }
        assert_eq!(page.status, 303, "{flow:?}: {}", page.text());
        assert_eq!(page.location().path(), flow.end(), "{flow:?}");
        if flow == F::Enrol {
            assert!(browser.follow().await.text().contains("Scan this"));
            assert_eq!(browser.get("/member").await.status, 401);
            continue;
        }
        assert_eq!(
            flow != F::Jit,
            browser.cookie() != before,
            "{flow:?}: a new session id"
        );
        let choice = GOOD_OUTCOMES[1].1.contains(&flow);
        let inside = browser.get("/member").await.status == 200;
        assert_eq!(inside, !choice, "{flow:?}");
        assert_eq!(
            choice,
            app.state.store.dump().contains("\"ist\""),
            "{flow:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_first_factor_leads_to_step_up() {
    for &flow in GOOD_OUTCOMES[2].1 {
        let app = TestApp::start().await;
        let mut browser = match flow {
            F::Create => {
                // Google without a Workspace domain does not prove the address.
                let mut erin = app.choosing("erin@freemail.example").await;
                erin.go("Create an organization").await;
                erin
            }
            F::Organization => {
                let mut grace = app.browser();
                grace.get("/org/acme").await;
                grace.go("Continue with GitHub").await;
                grace
            }
            flow => {
                let browser = flow.begin(&app).await;
                want_another_first_factor(&app, flow.slug().unwrap(), "microsoft_oauth");
                browser
            }
        };
        let before = browser.cookie();
        let page = if flow == F::Organization {
            browser.click("grace@acme.example").await;
            browser.follow().await
        } else {
            flow.finish(&app, &mut browser).await
        };
        assert_eq!(page.status, 303, "{flow:?}: {}", page.text());
        assert_eq!(page.location().path(), "/step_up", "{flow:?}");
        assert_ne!(browser.cookie(), before, "{flow:?}: a new session id");
        assert_eq!(browser.arrive().await.status, 200);
        assert_eq!(
            browser.get("/member").await.status,
            401,
            "{flow:?}: not signed in"
        );
        assert!(
            !app.state.store.dump().contains("\"session_token\""),
            "{flow:?}"
        );
    }
}

#[tokio::test]
async fn a_missing_second_factor_leads_to_mfa() {
    for &flow in GOOD_OUTCOMES[3].1 {
        let app = TestApp::start().await;
        let mut browser = flow.begin(&app).await;
        want_a_second_factor(&app, flow.slug().unwrap());
        let before = browser.cookie();
        let page = flow.finish(&app, &mut browser).await;
        assert_eq!(page.status, 303, "{flow:?}: {}", page.text());
        assert_eq!(page.location().path(), "/mfa", "{flow:?}");
        assert_ne!(browser.cookie(), before, "{flow:?}: a new session id");
        assert_eq!(browser.arrive().await.status, 200);
        assert_eq!(
            browser.get("/member").await.status,
            401,
            "{flow:?}: not signed in"
        );
        assert!(
            !app.state.store.dump().contains("\"session_token\""),
            "{flow:?}"
        );
    }
}
