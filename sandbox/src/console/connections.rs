//! Pages that create and configure the SSO connections of an organization.

use askama::Template;
use serde_json::{Map, Value};

use crate::{
    api::{self, sso_connections::IDENTITY_PROVIDERS},
    console::{
        field::{Choice, Field, Input},
        form::{FieldsOfErrors, Form, Group, Refusal},
        organization::organization,
        redirect_urls::Edit,
        shell::{Shell, render},
        typed::Typed,
        visit::{Shown, Visit, unknown},
    },
    control::error::ControlError,
    http::{Answer, Api},
    model::{Organization, SsoConnection, sso::protocol},
    public::names,
    rules::sso::configured,
};

/// The form field for each error whose text does not name one.
const FIELDS_OF_ERRORS: FieldsOfErrors = &[
    ("invalid_xml_from_saml_metadata_url", "metadata_url"),
    ("external_connection_id_not_found", "external_connection_id"),
    ("external_connection_not_active", "external_connection_id"),
    ("organization_not_found", "external_organization_id"),
    (
        "external_organization_id_same_as_organization_id",
        "external_organization_id",
    ),
];

#[derive(Template)]
#[template(path = "console/connection.html")]
struct Page {
    shell: Shell,
    /// Path of the connection's page.
    own: String,
    id: String,
    name: String,
    kind: &'static str,
    is_active: bool,
    organization_id: String,
    organization: String,
    /// Labels and values that the identity provider needs or has supplied.
    values: Vec<(&'static str, String)>,
    form: Form,
}

/// `GET …/organizations/{organization_id}/connections/new`
pub fn new(visit: &Visit<'_>) -> Shown {
    let organization = organization(visit)?;
    let form = new_form(visit, &organization);
    Ok(show_new(visit, &organization, form))
}

/// `POST …/organizations/{organization_id}/connections/new`: creates the connection, as `sso.{kind}.create_connection`
/// does.
pub fn create(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let organization = organization(visit)?;
    let form = new_form(visit, &organization);
    let created = form.given(typed).and_then(|mut body| {
        let create: Api = match typed.text("kind") {
            "saml" => api::sso_saml::create,
            "oidc" => api::sso_oidc::create,
            "external" => api::sso_external::create,
            _ => {
                let message = "kind must be one of: saml, oidc, external.".to_owned();
                return Err(Refusal::of_field("kind", message));
            }
        };
        body.remove("kind");
        let path = [("organization_id", organization.id())];
        let created = visit.call(create, &path, body);
        created.map_err(|error| Refusal::of_api(&error, FIELDS_OF_ERRORS))
    });
    Ok(match created {
        Ok(answer) => {
            let id = answer["connection"]["connection_id"].as_str();
            visit.back_to(&path(&organization, id.unwrap_or_default()), "created")
        }
        Err(refusal) => show_new(visit, &organization, form.refused(typed, refusal)),
    })
}

/// `GET …/organizations/{organization_id}/connections/{connection_id}`
pub fn page(visit: &Visit<'_>) -> Shown {
    let (organization, connection) = connection(visit)?;
    let form = form(visit, &organization, &connection);
    Ok(show(visit, &organization, &connection, form))
}

/// `POST …/organizations/{organization_id}/connections/{connection_id}`: updates the changed fields, all or none, as
/// `sso.{kind}.update_connection` does. A `metadata_url` is read first, as `update_by_url` does.
pub fn save(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let (organization, connection) = connection(visit)?;
    let form = form(visit, &organization, &connection);
    let saved = form
        .changes(typed)
        .and_then(|changes| change(visit, &connection, changes));
    Ok(match saved {
        Ok(done) => visit.back_to(&path(&organization, connection.id()), done),
        Err(refusal) => {
            let form = form.refused(typed, refusal);
            show(visit, &organization, &connection, form)
        }
    })
}

fn change(
    visit: &Visit<'_>,
    connection: &SsoConnection,
    mut changes: Map<String, Value>,
) -> Result<&'static str, Refusal> {
    if changes.is_empty() {
        return Ok("unchanged");
    }
    let path = [
        ("organization_id", connection.organization_id()),
        ("connection_id", connection.id()),
    ];
    let update: Api = match connection.kind() {
        "saml" => api::sso_saml::update,
        "oidc" => api::sso_oidc::update,
        _ => api::sso_external::update,
    };
    let metadata_url = changes.remove("metadata_url");
    let mut state = visit.world.lock();
    // If the second call is refused, the first one is undone.
    let before = state.clone();
    let mut call = |api: Api, body| {
        let called = visit.run(&mut state, api, &path, body);
        called.map_err(|error| Refusal::of_api(&error, FIELDS_OF_ERRORS))
    };
    let by_url = metadata_url.map_or(Ok(()), |url| {
        let body = Map::from_iter([("metadata_url".to_owned(), url)]);
        call(api::sso_saml::update_by_url, body).map(|_| ())
    });
    let updated = by_url.and_then(|()| {
        if changes.is_empty() {
            Ok(())
        } else {
            call(update, changes).map(|_| ())
        }
    });
    if updated.is_err() {
        *state = before;
    }
    updated.map(|()| "saved")
}

/// `POST …/organizations/{organization_id}/connections/{connection_id}/delete`: deletes the connection, as
/// `sso.delete_connection` does.
pub fn delete(visit: &Visit<'_>) -> Shown {
    let (organization, connection) = connection(visit)?;
    let path = [
        ("organization_id", organization.id()),
        ("connection_id", connection.id()),
    ];
    visit.press(api::sso::delete_connection, &path, Map::new())?;
    Ok(visit.back_to(&format!("/organizations/{}", organization.id()), "deleted"))
}

fn path(organization: &Organization, id: &str) -> String {
    format!("/organizations/{}/connections/{id}", organization.id())
}

fn connection(visit: &Visit<'_>) -> Result<(Organization, SsoConnection), ControlError> {
    let organization = organization(visit)?;
    let id = visit.part("connection_id");
    let found = configured(&visit.world.lock(), &organization, id);
    let connection = found.ok_or_else(|| unknown("connection"))?;
    Ok((organization, connection))
}

fn new_form(visit: &Visit<'_>, organization: &Organization) -> Form {
    let kinds = [
        ("oidc", protocol("oidc")),
        ("saml", protocol("saml")),
        ("external", "The connection of another organization"),
    ];
    let kinds = kinds.map(|(word, label)| Choice::labeled(word, label, word == "oidc"));
    let only_external = "Only for a connection of another organization.";
    let fields = vec![
        Field::new("kind", "Protocol", Input::One(kinds.into())),
        Field::text("display_name", "Name on sign-in buttons", ""),
        Field::text(
            "external_organization_id",
            "Organization of the connection",
            "",
        )
        .hint(only_external),
        Field::text("external_connection_id", "Connection ID", "").hint(only_external),
    ];
    let action = visit.path(&path(organization, "new"));
    Form::of_fields(action, "Add connection", fields)
}

fn form(visit: &Visit<'_>, organization: &Organization, connection: &SsoConnection) -> Form {
    let text = |name, label| Field::text(name, label, connection.text(name));
    let mut names = vec![text("display_name", "Name on sign-in buttons")];
    let mut idp = Vec::new();
    if connection.kind() != "external" {
        let now = connection.text("identity_provider");
        let choice = |word: &&str| Choice::plain(word, *word == now);
        let menu = Input::Menu(IDENTITY_PROVIDERS.iter().map(choice).collect());
        names.push(Field::new("identity_provider", "Identity provider", menu));
    }
    match connection.kind() {
        "saml" => idp.extend([
            Field::text("metadata_url", "Metadata URL", "")
                .hint("It fills in the two fields below. For the sandbox's own identity provider, enter https://NAME.idp.example/metadata with any NAME."),
            text("idp_entity_id", "Entity ID (required)"),
            text("idp_sso_url", "Sign-in URL (required)"),
            mapping(connection, "Attribute mapping (required)").hint(
                "For the sandbox's own identity provider, {\"email\": \"NameID\", \"full_name\": \"displayName\"}.",
            ),
        ]),
        "oidc" => idp.extend([
            text("issuer", "Issuer (required)")
                .hint("For the sandbox's own identity provider, enter https://NAME.idp.example with any NAME, and leave the URLs below empty."),
            text("client_id", "Client ID (required)"),
            text("client_secret", "Client secret (required)"),
            text("authorization_url", "Authorization URL (required for other issuers)"),
            text("token_url", "Token URL (required for other issuers)"),
            text("userinfo_url", "Userinfo URL (required for other issuers)"),
            text("jwks_url", "JWKS URL (required for other issuers)"),
            text("custom_scopes", "Custom scopes"),
            mapping(connection, "Attribute mapping"),
        ]),
        _ => {}
    }
    let mut groups = vec![Group {
        legend: "Name",
        fields: names,
    }];
    if !idp.is_empty() {
        groups.push(Group {
            legend: "Identity provider",
            fields: idp,
        });
    }
    let action = visit.path(&path(organization, connection.id()));
    Form::new(action, "Save connection", groups)
}

fn mapping(connection: &SsoConnection, label: &'static str) -> Field {
    let now = connection.value("attribute_mapping");
    Field::json("attribute_mapping", label, now)
}

fn show_new(visit: &Visit<'_>, organization: &Organization, form: Form) -> Answer {
    let path = visit.path(&format!("/organizations/{}", organization.id()));
    let page = Edit {
        shell: visit.shell("/organizations"),
        title: "New SSO connection",
        lead: "It is pending until its identity provider is configured on the next page.",
        within: (path, organization.name().to_owned()),
        form,
    };
    render(page.form.status(), &page)
}

fn show(
    visit: &Visit<'_>,
    organization: &Organization,
    connection: &SsoConnection,
    form: Form,
) -> Answer {
    let values = [
        ("ACS URL", "acs_url"),
        ("Audience URI", "audience_uri"),
        ("Redirect URL", "redirect_url"),
        ("Organization of the connection", "external_organization_id"),
        ("Connection ID", "external_connection_id"),
    ];
    let values = values.map(|(label, field)| (label, connection.text(field).to_owned()));
    let page = Page {
        shell: visit.shell("/organizations"),
        own: visit.path(&path(organization, connection.id())),
        id: connection.id().to_owned(),
        name: connection.text("display_name").to_owned(),
        kind: protocol(connection.kind()),
        is_active: organization.has_connection(connection.id()),
        organization_id: organization.id().to_owned(),
        organization: organization.name().to_owned(),
        values: values.into_iter().filter(|it| !it.1.is_empty()).collect(),
        form,
    };
    render(page.form.status(), &page)
}
