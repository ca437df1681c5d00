//! `organizations.get` (fact sheet §5.5).

use serde_json::{Map, Value};

use crate::sandbox::error::ApiError;
use crate::sandbox::server::request::ApiRequest;
use crate::sandbox::state::State;

/// `GET /v1/b2b/organizations/{organization_id}`: by id, slug or external id.
pub fn get(state: &mut State, request: &ApiRequest) -> Result<Map<String, Value>, ApiError> {
    let organization = state.need_organization(request.part("organization_id"))?;
    Ok(Map::from_iter([(
        "organization".to_owned(),
        organization.object(),
    )]))
}
