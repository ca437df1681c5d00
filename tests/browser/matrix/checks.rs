//! What is true of every page, whatever is on it and however it is looked at.

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

/// The widest of the narrow pages, in CSS pixels: the styles of both sites change between this and the next of [`WIDTHS`].
const NARROW: u32 = 375;

pub struct Checks {
    axe: String,
    /// The pages that axe has seen, each with a look and with whether it is narrow. It judges structure and colors, so a page that differs
    /// from one of those in its words only is not looked at again; sideways scrolling, which words can cause, is.
    seen: Mutex<HashSet<String>>,
    /// The outcomes whose last page was seen, each with a width and a look.
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

    /// How many pages axe has looked at.
    pub fn looked_at(&self) -> usize {
        self.seen().len()
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing scrolls sideways, nothing is wrong with its accessibility, and the browser complains about nothing.
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

    /// Looks at the last page of a case in each width and look in which no case has shown this outcome yet.
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

    /// How many pairs of a width and a look no case has shown of these outcomes.
    pub fn not_shown(&self, outcomes: &HashSet<&'static str>) -> usize {
        let seen = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.len() * WIDTHS.len() * LOOKS.len() - seen.len()
    }

    /// Without scripts a page is built without them; then they are let on for axe, which waits by timers.
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
