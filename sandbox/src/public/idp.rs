//! The simulated IdP of an organization: the page of a request with its buttons. The buttons follow the rules of the
//! consent page.

use crate::{
    http::{Answer, Incoming},
    model::{Account, ApiError, SsoRequest, State, ids, people::is_email},
    public::{
        idp_pages::{self, AccountForm},
        names::is_disruptive,
        pages,
        pending::{app, check, find, leave, take},
    },
    rules::{
        Refused,
        sso::{accounts, connection, idp},
        sso_request::approve,
    },
    world::sandbox::Sandbox,
};

/// `GET`: shows the page of a request. Opening it changes nothing.
pub fn show(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match find::<SsoRequest>(sandbox, request) {
        Some((_, sso_request)) if sso_request.open.used => {
            pages::finished(app(sandbox, request).as_deref())
        }
        Some((world, sso_request)) => idp_pages::people(
            200,
            request,
            &world.lock(),
            &sso_request,
            &AccountForm::default(),
        ),
        None => pages::gone(app(sandbox, request).as_deref()),
    }
}

/// `POST`: signs in the person whose button was pressed. The person must exist at the identity provider.
pub fn choose(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let id = request.form().remove("person").unwrap_or_default();
    finish(sandbox, request, |state, sso_request| {
        accounts(state, &sso_request.connection_id)
            .into_iter()
            .find(|account| account.id == id)
            .ok_or_else(|| {
                let error = ApiError::bad_request("The identity provider has no such person.");
                Box::new(pages::refused(sandbox, request, &Refused::Error(error)))
            })
    })
}

/// `POST …/person`: adds a person to the IdP, and signs them in.
pub fn add_person(sandbox: &Sandbox, request: &Incoming) -> Answer {
    finish(sandbox, request, |state, sso_request| {
        let form = request.form();
        let text = |name: &str| form.get(name).map_or("", |text| text.trim()).to_owned();
        let form = AccountForm {
            name: text("name"),
            email: text("email"),
            groups: text("groups"),
            ..AccountForm::default()
        };
        add(state, sso_request, form)
            .map_err(|form| Box::new(idp_pages::people(422, request, state, sso_request, &form)))
    })
}

/// `POST …/cancel`: returns to the app with an error and no token.
pub fn cancel(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let sso_request = check::<SsoRequest>(sandbox, request).and_then(|(world, sso_request)| {
        take(&mut world.lock(), &sso_request)?;
        Ok(sso_request)
    });
    match sso_request {
        Ok(sso_request) => leave(&sso_request, &sso_request.canceled()),
        Err(error) => refuse(sandbox, request, error),
    }
}

fn refuse(sandbox: &Sandbox, request: &Incoming, error: ApiError) -> Answer {
    let back = app(sandbox, request);
    pages::refused_with(request, &Refused::Error(error), back.as_deref())
}

/// Finds the person, and redirects to the app with a token. An error does not use up the request.
fn finish(
    sandbox: &Sandbox,
    request: &Incoming,
    person: impl FnOnce(&mut State, &SsoRequest) -> Result<Account, Box<Answer>>,
) -> Answer {
    let back = app(sandbox, request); // before the world is locked
    let refuse = |error| {
        let refused = Refused::Error(error);
        pages::refused_with(request, &refused, back.as_deref())
    };
    let (world, sso_request) = match check::<SsoRequest>(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(error),
    };
    let mut state = world.lock();
    if connection(&state, &sso_request.connection_id).is_none() {
        return refuse(ApiError::of("sso_connection_not_found"));
    }
    match person(&mut state, &sso_request) {
        Ok(account) => match take(&mut state, &sso_request) {
            Ok(()) => leave(&sso_request, &approve(&mut state, &sso_request, &account).1),
            Err(error) => refuse(error),
        },
        Err(answer) => *answer,
    }
}

/// A new account at the IdP, whose id is the address, or the form with the errors.
fn add(
    state: &mut State,
    sso_request: &SsoRequest,
    mut form: AccountForm,
) -> Result<Account, Box<AccountForm>> {
    let known = accounts(state, &sso_request.connection_id);
    let idp = idp(state, &sso_request.connection_id).map_or_else(String::new, |(id, _)| id);
    if form.name.is_empty() || form.name.chars().count() > 100 {
        form.name_error = Some("Enter a name of up to 100 characters.");
    }
    if form.name.contains(is_disruptive) {
        form.name_error = Some(
            "Enter a name without control characters and marks that change the text direction.",
        );
    }
    if !is_email(&form.email) || form.email.contains(is_disruptive) {
        form.email_error = Some("Enter an email address, such as sam@globex.example.");
    } else if known
        .iter()
        .any(|it| it.email.eq_ignore_ascii_case(&form.email))
    {
        form.email_error = Some("This person already exists. Press their button above.");
    }
    let groups: Vec<String> = form
        .groups
        .split(',')
        .map(|group| group.trim().to_owned())
        .filter(|group| !group.is_empty())
        .collect();
    if groups.len() > 100 || form.groups.len() > 4096 || form.groups.contains(is_disruptive) {
        form.groups_error = Some("Enter up to 100 groups, separated by commas.");
    }
    if form.name_error.is_some() || form.email_error.is_some() || form.groups_error.is_some() {
        return Err(Box::new(form));
    }
    let email = form.email.to_lowercase();
    let account = Account {
        id: ids::mint("account"),
        connection_id: idp,
        groups,
        name: form.name,
        external_id: email.clone(),
        email,
    };
    state.factors.accounts.push(account.clone());
    Ok(account)
}
