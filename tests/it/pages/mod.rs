//! Every page, rendered as a template without a server.

mod errors;
mod samples;
