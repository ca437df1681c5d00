//! The one shared value.

use stytch_b2b_axum::{session::Context, state::AppState, web::site::Site};

/// Cloning the state, or what a layer takes of it, costs one reference count.
#[test]
fn what_is_cloned_for_each_request_is_one_pointer() {
    let pointer = size_of::<usize>();
    assert_eq!(size_of::<AppState>(), pointer);
    assert_eq!(size_of::<Context>(), pointer);
    assert_eq!(size_of::<Site>(), pointer);
}
