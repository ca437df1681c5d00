//! What is true of every page, whatever is on it and however it is looked at.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{tab::Tab, variants::Script};

pub struct Checks {
    axe: String,
    /// The pages that axe has seen, each with a look and a width. It judges structure and colors, so a page that differs
    /// from one of those in its words only is not looked at again; sideways scrolling, which words can cause, is.
    seen: Mutex<HashSet<String>>,
    pub pages: AtomicUsize,
}

impl Checks {
    pub fn new() -> Self {
        Self {
            axe: crate::gallery::axe(),
            seen: Mutex::default(),
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
        let is_new = self.seen().insert(format!("{width:?} {look:?} {alike}"));
        if is_new {
            self.is_accessible(tab, page["url"].as_str().unwrap()).await;
        }
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
