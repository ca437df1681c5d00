//! The consent page and its buttons. One press of a person's button finishes the sign-in.

use hyper::header::{HeaderValue, SET_COOKIE};

use crate::{
    http::{
        answer::{self, Answer},
        incoming::{Incoming, from_own_page},
    },
    model::{authorization::Authorization, error::ApiError, people::Person},
    public::{
        generated_person,
        pages::{self, FAILURES},
        person_form::PersonForm,
        start::STATE_COOKIE,
    },
    rules::{authorization::approve, redirect_urls::Refused},
    world::{World, sandbox::Sandbox},
};

/// `GET`: the page. Opening it changes nothing.
pub fn show(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match find(sandbox, request) {
        Some((_, authorization)) if authorization.used => pages::finished(),
        Some((world, authorization)) => {
            let form = PersonForm::empty(&authorization);
            pages::consent(200, &world.lock(), &authorization, &form)
        }
        None => pages::gone(),
    }
}

/// `POST`: somebody's button. The form names the person; whether there is one, with an account at this provider,
/// is looked up here.
pub fn choose(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(request, error),
    };
    let id = request.form().remove("person").unwrap_or_default();
    let person = world
        .lock()
        .people
        .iter()
        .find(|person| person.id == id)
        .cloned();
    finish(request, &world, &authorization, person.as_ref())
}

/// `POST …/person`: the form that adds a person, who is then in the world and signed in at once.
pub fn add_person(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(request, error),
    };
    let added = {
        let mut state = world.lock();
        match PersonForm::read(&request.form(), &authorization)
            .into_person(&mut state.people, authorization.provider)
        {
            Ok(person) => person,
            Err(form) => return pages::consent(422, &state, &authorization, &form),
        }
    };
    finish(request, &world, &authorization, Some(&added))
}

/// `POST …/made-up`: somebody new whom nobody has to think of, in the world and signed in at once.
pub fn make_up(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let (world, authorization) = match check(sandbox, request) {
        Ok(found) => found,
        Err(error) => return refuse(request, error),
    };
    let person = {
        let people = &mut world.lock().people;
        let person = generated_person::person(authorization.provider, people);
        people.push(person.clone());
        person
    };
    finish(request, &world, &authorization, Some(&person))
}

/// `POST …/fail`: one of [`FAILURES`], as the vendor shows it: its error JSON in the browser, on its own URL. The
/// sign-in is over then.
pub fn fail(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let wanted = request.form().remove("error").unwrap_or_default();
    let failed = check(sandbox, request).and_then(|(world, authorization)| {
        let (error, _) = FAILURES
            .iter()
            .find(|(error, _)| *error == wanted)
            .ok_or_else(|| ApiError::bad_request("There is no such failure."))?;
        take(&world, &authorization)?;
        Ok(ApiError::of(error))
    });
    match failed {
        Ok(error) => answer::error(&error, &request.request_id),
        Err(error) => refuse(request, error),
    }
}

/// `POST …/cancel`: back to the app with an error and no token.
pub fn cancel(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match check(sandbox, request) {
        Ok((world, authorization)) => match take(&world, &authorization) {
            Ok(()) => leave(&authorization, &authorization.cancelled()),
            Err(error) => refuse(request, error),
        },
        Err(error) => refuse(request, error),
    }
}

/// The request that the path names, unless it is unknown or older than ten minutes.
fn find(sandbox: &Sandbox, request: &Incoming) -> Option<(World, Authorization)> {
    let id = request.path.get("request")?;
    sandbox.worlds().into_iter().find_map(|world| {
        let state = world.lock();
        let authorization = state
            .authorizations
            .get(id)
            .filter(|found| !found.is_over(state.now()))
            .cloned();
        drop(state);
        authorization.map(|authorization| (world, authorization))
    })
}

/// What every button wants: a post from this page (no other site's), the cookie of the browser that began, and a
/// request that is not finished.
fn check(sandbox: &Sandbox, request: &Incoming) -> Result<(World, Authorization), ApiError> {
    from_own_page(request)?;
    let (world, authorization) =
        find(sandbox, request).ok_or_else(|| ApiError::of("oauth_invalid_state"))?;
    if request.cookie(STATE_COOKIE) != Some(authorization.state.as_str()) {
        return Err(ApiError::of("oauth_state_mismatch"));
    }
    if authorization.used {
        return Err(ApiError::of("oauth_state_used"));
    }
    Ok((world, authorization))
}

/// Marks the request as used. Of two presses at once one fails here.
fn take(world: &World, authorization: &Authorization) -> Result<(), ApiError> {
    let mut state = world.lock();
    let kept = state
        .authorizations
        .get_mut(&authorization.id)
        .ok_or_else(|| ApiError::of("oauth_invalid_state"))?;
    if std::mem::replace(&mut kept.used, true) {
        Err(ApiError::of("oauth_state_used"))
    } else {
        Ok(())
    }
}

fn finish(
    request: &Incoming,
    world: &World,
    authorization: &Authorization,
    person: Option<&Person>,
) -> Answer {
    let Some(person) = person.filter(|person| person.identity(authorization.provider).is_some())
    else {
        let provider = authorization.provider.label();
        return refuse(
            request,
            ApiError::bad_request(format!(
                "There is no such person with a {provider} account."
            )),
        );
    };
    if let Err(error) = take(world, authorization) {
        return refuse(request, error);
    }
    match approve(&mut world.lock(), authorization, person) {
        Some((_, url)) => leave(authorization, &url),
        None => refuse(request, ApiError::of("bad_request")),
    }
}

/// To the app; the cookie has done its work.
fn leave(authorization: &Authorization, url: &str) -> Answer {
    let mut answer = answer::redirect(303, url);
    let gone = format!(
        "{STATE_COOKIE}=; Path=/_sandbox/oauth/{}; Max-Age=0; HttpOnly; SameSite=Lax",
        authorization.id
    );
    if let Ok(gone) = HeaderValue::from_str(&gone) {
        answer.headers_mut().insert(SET_COOKIE, gone);
    }
    answer
}

fn refuse(request: &Incoming, error: ApiError) -> Answer {
    pages::refused(request, &Refused::Error(error))
}
