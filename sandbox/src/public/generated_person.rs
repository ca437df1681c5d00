//! Generates a person, for sign-ins where it does not matter who signs in.

use crate::model::{Identity, Person, Provider, ids};

const FIRST: [&str; 16] = [
    "Amara", "Bela", "Chidi", "Dolores", "Emre", "Freya", "Goran", "Hana", "Ines", "Jomo", "Kaia",
    "Lior", "Mira", "Nils", "Oona", "Pavel",
];
const LAST: [&str; 16] = [
    "Abara", "Brandt", "Castillo", "Demir", "Eklund", "Fontaine", "Garcia", "Horvat", "Ito",
    "Jansen", "Kovac", "Lindgren", "Moreau", "Novak", "Okafor", "Petrov",
];

/// A new person with an account at the provider. The address has a new domain, which is a Workspace at Google, and the
/// tenant is new if the provider has tenants. The address differs from those of `people`.
pub fn person(provider: Provider, people: &[Person]) -> Person {
    loop {
        let random = uuid::Uuid::new_v4();
        let [a, b, ..] = random.as_bytes();
        let (first, last) = (FIRST[usize::from(a % 16)], LAST[usize::from(b % 16)]);
        let number = ids::four_hex();
        let domain = format!("{}-{number}.example", last.to_lowercase());
        let email = format!("{}@{domain}", first.to_lowercase());
        if people.iter().any(|other| other.email == email) {
            continue;
        }
        let hd = (provider == Provider::Google).then_some(domain);
        let tenants = if provider.has_tenants() {
            vec![format!("made-up-{number}")]
        } else {
            Vec::new()
        };
        return Person::new(
            &format!("{first} {last}"),
            &email,
            Identity::new(provider, hd, tenants),
        );
    }
}
