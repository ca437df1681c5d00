//! Default values of a seed's entries, which an export omits.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use crate::model::{Identity, Member, Organization, Person};

/// Creation time of the entry at this position, which counts from 1, first the organizations and then the members.
pub fn created_at(place: usize) -> OffsetDateTime {
    let first = OffsetDateTime::from_unix_timestamp(1_767_225_600).expect("2026-01-01 is a date");
    first + Duration::minutes(i64::try_from(place).unwrap_or(i64::MAX))
}

/// Position of each person in the list, by lowercase address.
pub fn by_address(people: &[Person]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (place, person) in people.iter().enumerate() {
        places
            .entry(person.email.to_ascii_lowercase())
            .or_insert(place);
    }
    places
}

/// Default values of a member, which depend on its position and its organization.
pub struct Defaults<'a> {
    /// The person with the member's address.
    pub person: Option<&'a Person>,
    /// The end of the member's ids after `test-`, without the last group.
    tail: String,
    created_at: OffsetDateTime,
}

impl<'a> Defaults<'a> {
    /// Defaults of the member at this position, from 0, in the organization at that position. `person` is the position
    /// of the person with the same address, among this number of `people`.
    pub fn new(
        place: usize,
        organization: usize,
        organizations: usize,
        people: &'a [Person],
        person: Option<usize>,
    ) -> Self {
        // Members who are not people of the seed get numbers after those of the people.
        let number = person.unwrap_or(people.len() + place) + 1;
        Self {
            person: person.map(|place| &people[place]),
            tail: format!("test-{number:08}-{:04}-4000-8000", organization + 1),
            created_at: created_at(organizations + place + 1),
        }
    }

    /// The member's id of this kind.
    pub fn id(&self, kind: &str) -> String {
        format!("{kind}-{}-000000000000", self.tail)
    }

    /// The member with this id, address and status.
    pub fn member(
        &self,
        id: &str,
        organization: &Organization,
        email: &str,
        status: &str,
    ) -> Member {
        let name = self.person.map_or("", |person| &person.name);
        let mut made = Member::new(id, organization.id(), email, name, self.created_at);
        made.email_id = self.id("email");
        made.phone_id = self.id("phone-number");
        let is_active = status == "active";
        made.set("status", status);
        // A member who has not signed in yet has not verified the address.
        made.set("email_address_verified", is_active);
        for (number, identity) in (1..).zip(self.accounts(is_active)) {
            let login = self
                .person
                .and_then(|person| person.login(identity.provider, &[], self.created_at));
            if let Some(login) = login {
                made.register_as(&format!("oauth-user-{}-{number:012}", self.tail), &login);
            }
        }
        made
    }

    fn accounts(&self, is_active: bool) -> &'a [Identity] {
        let person = self.person.filter(|_| is_active);
        person.map_or(&[], |person| &person.identities)
    }
}
