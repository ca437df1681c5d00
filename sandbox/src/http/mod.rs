//! Requests, responses and URL matching.

pub mod answer;
pub mod api_request;
pub mod auth;
pub mod hosts;
pub mod incoming;
pub mod matching;
pub mod origins;
pub mod route;
pub mod targets;

pub use self::{
    answer::Answer,
    api_request::{Api, ApiRequest},
    incoming::Incoming,
    matching::Match,
    route::Route,
};
