//! What the tests stand on: the real app and the real sandbox on free ports, a browser without a screen, the logs.

pub mod app;
pub mod browser;
pub mod logs;
pub mod page;

pub use app::TestApp;
pub use browser::Browser;
pub use page::Page;
