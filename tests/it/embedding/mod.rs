//! This package as a part of another application.

mod options;
mod traps;
mod your_app;
