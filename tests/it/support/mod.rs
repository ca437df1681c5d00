//! What the tests stand on: the real app and the real sandbox on free ports, a browser without a screen, the logs.

pub mod app;
pub mod browser;
pub mod child;
pub mod instances;
pub mod logs;
pub mod page;
pub mod proxy;
pub mod redis;

pub use app::TestApp;
pub use browser::Browser;
pub use instances::Instances;
pub use page::Page;
pub use redis::Redis;
