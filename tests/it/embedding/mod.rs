//! This package as a part of another application.

mod traps;
mod your_app;
