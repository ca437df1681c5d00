//! The consent page and its buttons. One press of a person's button finishes the sign-in.

use crate::{
    http::{Answer, Incoming, answer},
    model::{ApiError, Authorization, Person},
    public::{
        generated_person,
        pages::{self, FAILURES},
        pending::{app, check, find, leave, take},
        person_form::PersonForm,
    },
    rules::{Refused, authorization::approve},
    world::{World, sandbox::Sandbox},
};

/// `GET`: shows the page. Opening it changes nothing.
pub fn show(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match find::<Authorization>(sandbox, request) {
        Some((_, authorization)) if authorization.open.used => {
            pages::finished(app(sandbox, request).as_deref())
        }
        Some((world, authorization)) => {
            let form = PersonForm::empty(&authorization);
            pages::consent(200, request, &world.lock(), &authorization, &form)
        }
        None => pages::gone(app(sandbox, request).as_deref()),
    }
}

/// `POST`: signs in the person whose button was pressed. The person must exist and have an account at this provider.
pub fn choose(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check::<Authorization>(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(sandbox, request, error),
    };
    let id = request.form().remove("person").unwrap_or_default();
    let person = world
        .lock()
        .people
        .iter()
        .find(|person| person.id == id)
        .cloned();
    finish(sandbox, request, &world, &authorization, person.as_ref())
}

/// `POST …/person`: adds a person to the world, and signs them in.
pub fn add_person(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check::<Authorization>(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(sandbox, request, error),
    };
    let added = {
        let mut state = world.lock();
        match PersonForm::read(&request.form(), &authorization)
            .into_person(&mut state.people, authorization.provider)
        {
            Ok(person) => person,
            Err(form) => return pages::consent(422, request, &state, &authorization, &form),
        }
    };
    finish(sandbox, request, &world, &authorization, Some(&added))
}

/// `POST …/made-up`: adds a generated person to the world and signs them in.
pub fn make_up(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check::<Authorization>(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(sandbox, request, error),
    };
    let person = {
        let people = &mut world.lock().people;
        let person = generated_person::person(authorization.provider, people);
        people.push(person.clone());
        person
    };
    finish(sandbox, request, &world, &authorization, Some(&person))
}

/// `POST …/fail`: ends the sign-in with one of [`FAILURES`], which the vendor shows as error JSON in the browser.
pub fn fail(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let wanted = request.form().remove("error").unwrap_or_default();
    let failed = check::<Authorization>(sandbox, request).and_then(|(world, authorization)| {
        let (error, _) = FAILURES
            .iter()
            .find(|(error, _)| *error == wanted)
            .ok_or_else(|| ApiError::bad_request("There is no such failure."))?;
        take(&mut world.lock(), &authorization)?;
        Ok(ApiError::of(error))
    });
    match failed {
        Ok(error) => answer::error(&error, &request.request_id),
        Err(error) => refuse(sandbox, request, error),
    }
}

/// `POST …/cancel`: returns to the app with an error and no token.
pub fn cancel(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let cancelled = check::<Authorization>(sandbox, request).and_then(|(world, authorization)| {
        take(&mut world.lock(), &authorization)?;
        Ok(authorization)
    });
    match cancelled {
        Ok(authorization) => leave(&authorization, &authorization.canceled()),
        Err(error) => refuse(sandbox, request, error),
    }
}

fn finish(
    sandbox: &Sandbox,
    request: &Incoming,
    world: &World,
    authorization: &Authorization,
    person: Option<&Person>,
) -> Answer {
    let back = app(sandbox, request); // before the world is locked
    let refuse = |error| {
        let refused = Refused::Error(error);
        pages::refused_with(request, &refused, back.as_deref())
    };
    let Some(person) = person.filter(|person| person.identity(authorization.provider).is_some())
    else {
        let provider = authorization.provider.label();
        let message = format!("There is no such person with a {provider} account.");
        return refuse(ApiError::bad_request(message));
    };
    let mut state = world.lock();
    if let Err(error) = take(&mut state, authorization) {
        return refuse(error);
    }
    match approve(&mut state, authorization, person) {
        Some((_, url)) => leave(authorization, &url),
        None => refuse(ApiError::of("bad_request")),
    }
}

fn refuse(sandbox: &Sandbox, request: &Incoming, error: ApiError) -> Answer {
    let back = app(sandbox, request);
    pages::refused_with(request, &Refused::Error(error), back.as_deref())
}
