//! The project's RBAC policy: roles, resources and scopes, as the vendor's objects.

use serde_json::{Value, json};

/// A project's checked RBAC policy, the default one or one from a seed or the control API.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Objects with `role_id`, `description` and `permissions`.
    pub(crate) roles: Vec<Value>,
    /// Objects with `resource_id`, `description` and `actions`.
    pub(crate) resources: Vec<Value>,
    /// Objects with `scope`, `description` and `permissions`.
    pub(crate) scopes: Vec<Value>,
}

impl Policy {
    /// The vendor's `policy` object.
    pub fn object(&self) -> Value {
        json!({ "roles": self.roles, "resources": self.resources, "scopes": self.scopes })
    }

    /// The role with this id.
    pub(crate) fn role(&self, id: &str) -> Option<&Value> {
        self.roles.iter().find(|role| role["role_id"] == id)
    }

    /// Whether the resource exists and has the action. `*` stands for all actions.
    pub(crate) fn has_action(&self, resource: &str, action: &str) -> bool {
        let mut resources = self.resources.iter();
        let found = resources.find(|it| it["resource_id"] == resource);
        found.is_some_and(|it| {
            let actions = it["actions"].as_array();
            action == "*" || actions.is_some_and(|actions| actions.iter().any(|it| it == action))
        })
    }
}
