//! Every page as a template that renders, without a server.

mod errors;
mod samples;
