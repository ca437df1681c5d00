//! Checks that hold for every page, whatever it shows and however it is viewed.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    tab::Tab,
    variants::{LOOKS, Look, Script, WIDTHS},
};

/// The widest narrow page, in CSS pixels. The styles of both sites change between this and the next of [`WIDTHS`].
const NARROW: u32 = 375;

pub struct Checks {
    axe: String,
    /// Pages that axe has checked, each with a look and with whether it is narrow. Axe judges structure and colors, so
    /// a page that differs only in its words is not checked again. Sideways scrolling, which words can cause, is always
    /// checked.
    seen: Mutex<HashSet<String>>,
    /// Outcomes whose last page was checked, each with a width and a look.
    outcomes: Mutex<HashSet<(&'static str, u32, Look)>>,
    pub pages: AtomicUsize,
}

impl Checks {
    pub fn new() -> Self {
        Self {
            axe: crate::gallery::axe(),
            seen: Mutex::default(),
            outcomes: Mutex::default(),
            pages: AtomicUsize::new(0),
        }
    }

    /// Number of pages that axe has checked.
    pub fn looked_at(&self) -> usize {
        self.seen().len()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails if the page scrolls sideways, has an accessibility error, or makes the browser complain.
    pub async fn page(&self, tab: &Tab) {
        self.pages.fetch_add(1, Ordering::Relaxed);
        let complaints = tab.complaints();
        assert!(complaints.is_empty(), "{complaints:#?}");
        let page = tab.ask("state()").await;
        if page["text"].as_str().unwrap().starts_with('{') {
            return; // JSON
        }
        let (wide, width) = (page["wide"].as_u64(), page["width"].as_u64());
        assert!(
            wide <= width,
            "{} scrolls sideways: {wide:?} > {width:?}",
            page["url"]
        );
        let look = tab.variant.look;
        let alike = page["alike"].as_str().unwrap();
        let is_narrow = width <= Some(u64::from(NARROW));
        let is_new = self.seen().insert(format!("{is_narrow} {look:?} {alike}"));
        if is_new {
            self.is_accessible(tab, page["url"].as_str().unwrap()).await;
        }
    }

    /// Checks the last page of a case in each width and look in which no case has shown this outcome yet.
    pub async fn outcome(&self, outcome: &'static str, tab: &mut Tab) {
        let shown = tab.variant;
        self.is_first(outcome, shown.width, shown.look);
        for width in WIDTHS {
            for look in LOOKS {
                if self.is_first(outcome, width, look) {
                    tab.variant.width = width;
                    tab.variant.look = look;
                    tab.show().await;
                    self.page(tab).await;
                }
            }
        }
        tab.variant = shown;
    }

    fn is_first(&self, outcome: &'static str, width: u32, look: Look) -> bool {
        let outcomes = self.outcomes.lock();
        let mut outcomes = outcomes.unwrap_or_else(PoisonError::into_inner);
        outcomes.insert((outcome, width, look))
    }

    /// Number of combinations of width and look in which no case has shown these outcomes.
    pub fn not_shown(&self, outcomes: &HashSet<&'static str>) -> usize {
        let seen = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.len() * WIDTHS.len() * LOOKS.len() - seen.len()
    }

    /// A case without scripts loads its pages without them. Axe needs timers, so scripts are switched on for it
    /// afterwards.
    async fn is_accessible(&self, tab: &Tab, page: &str) {
        let has_scripts = tab.variant.script == Script::On;
        if !has_scripts {
            tab.run_scripts(true).await;
        }
        tab.evaluate(&format!("{};0", self.axe)).await;
        let found = tab.ask("violations()").await;
        assert_eq!(found, serde_json::json!([]), "{page}");
        if !has_scripts {
            tab.run_scripts(false).await;
        }
    }
}
