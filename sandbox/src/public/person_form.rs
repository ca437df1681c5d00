//! Reads and checks the form that adds a person. An invalid form is shown again with its input.

use std::collections::HashMap;

use crate::{
    model::{
        Authorization, Identity, Person, Provider,
        people::{domain, is_email},
    },
    public::names::is_disruptive,
};

/// Input of the form, with its errors.
#[derive(Clone, Debug, Default)]
pub struct PersonForm {
    pub name: String,
    pub email: String,
    /// For Google only: whether the account belongs to a Workspace, so it has `hd` and proves its address. A Gmail
    /// address is proved without it.
    pub workspace: bool,
    pub tenants: String,
    pub name_error: Option<&'static str>,
    pub email_error: Option<&'static str>,
    pub tenants_error: Option<&'static str>,
    pub open: bool,
}

impl PersonForm {
    /// An empty form, except for the address that the app suggests.
    pub fn empty(authorization: &Authorization) -> Self {
        let email = authorization.login_hint().unwrap_or_default().to_owned();
        Self {
            email,
            workspace: true,
            ..Self::default()
        }
    }

    pub fn read(form: &HashMap<String, String>, authorization: &Authorization) -> Self {
        let text = |name: &str| {
            form.get(name)
                .map(|text| text.trim().to_owned())
                .unwrap_or_default()
        };
        Self {
            name: text("name"),
            email: text("email"),
            workspace: authorization.provider == Provider::Google && text("workspace") == "yes",
            tenants: if authorization.provider.has_tenants() {
                text("tenants")
            } else {
                String::new()
            },
            open: true,
            ..Self::default()
        }
    }

    /// Adds the person to the world, or the account to an existing person without it. If the input is invalid, returns
    /// the form with its errors.
    pub fn into_person(
        mut self,
        people: &mut Vec<Person>,
        provider: Provider,
    ) -> Result<Person, Box<Self>> {
        let known = people
            .iter()
            .position(|person| person.email.eq_ignore_ascii_case(&self.email));
        let tenants: Vec<String> = self
            .tenants
            .split(',')
            .map(str::trim)
            .filter(|tenant| !tenant.is_empty())
            .map(str::to_owned)
            .collect();
        if self.name.is_empty() || self.name.chars().count() > 100 {
            self.name_error = Some("Give a name of up to 100 characters.");
        }
        if self.name.contains(is_disruptive) {
            self.name_error = Some(
                "Give a name without control characters and marks that change the text direction.",
            );
        }
        if !is_email(&self.email) || self.email.contains(is_disruptive) {
            self.email_error = Some("Give an email address, such as sam@acme.example.");
        } else if known.is_some_and(|index| people[index].identity(provider).is_some()) {
            self.email_error = Some("This person exists already. Press their button above.");
        }
        if tenants.len() > 1 && provider != Provider::Github {
            self.tenants_error = Some("Give one id. Only GitHub accounts can have several.");
        } else if self.tenants.chars().count() > 200 {
            self.tenants_error = Some("Give up to 200 characters.");
        }
        if self.name_error.is_some() || self.email_error.is_some() || self.tenants_error.is_some() {
            return Err(Box::new(self));
        }
        let hd = self.workspace.then(|| domain(&self.email).to_lowercase());
        let identity = Identity::new(provider, hd, tenants);
        if let Some(index) = known {
            people[index].identities.push(identity);
            return Ok(people[index].clone());
        }
        let person = Person::new(&self.name, &self.email, identity);
        people.push(person.clone());
        Ok(person)
    }
}
