//! The texts of emails and text messages, in the vendor's languages.

/// The languages of emails and of requested codes by SMS, in the vendor's spelling.
pub const EMAIL_LOCALES: [&str; 4] = ["en", "es", "pt-br", "fr"];

/// The languages of codes that a login sends by SMS automatically.
pub const SMS_LOCALES: [&str; 8] = ["en", "es", "pt-br", "fr", "it", "de-DE", "zh-Hans", "ca-ES"];

/// The default language.
pub const ENGLISH: &str = EMAIL_LOCALES[0];

/// The text of a message. The name is the organization's.
#[derive(Clone, Copy, Debug)]
pub enum Text<'a> {
    SignInTo(&'a str),
    Join(&'a str),
    Continue,
    Invitation(&'a str),
    CodeFor(&'a str),
    Code,
    ResetPassword(&'a str),
    ResetPasswords,
    NewAddress(&'a str),
}

/// A text in one language.
#[derive(Clone, Debug)]
pub struct Written {
    pub text: String,
    /// One of [`SMS_LOCALES`].
    pub locale: &'static str,
}

impl Text<'_> {
    /// The text in this language, which is one of [`EMAIL_LOCALES`], or of [`SMS_LOCALES`] for [`Self::CodeFor`].
    pub fn written(self, locale: &'static str) -> Written {
        let (in_languages, name): (&[&str], _) = match self {
            Self::SignInTo(name) => (&SIGN_IN_TO, name),
            Self::Join(name) => (&JOIN, name),
            Self::Continue => (&CONTINUE, ""),
            Self::Invitation(name) => (&INVITATION, name),
            Self::CodeFor(name) => (&CODE_FOR, name),
            Self::Code => (&CODE, ""),
            Self::ResetPassword(name) => (&RESET_PASSWORD, name),
            Self::ResetPasswords => (&RESET_PASSWORDS, ""),
            Self::NewAddress(name) => (&NEW_ADDRESS, name),
        };
        let index = SMS_LOCALES.iter().position(|known| *known == locale);
        let (text, locale) = match index.and_then(|index| in_languages.get(index)) {
            Some(text) => (text, locale),
            None => (&in_languages[0], ENGLISH),
        };
        Written {
            text: text.replacen("{}", name, 1),
            locale,
        }
    }
}

/// In the order of [`SMS_LOCALES`]. `{}` is the name.
const SIGN_IN_TO: [&str; 4] = [
    "Sign in to {}",
    "Inicia sesión en {}",
    "Entre em {}",
    "Connectez-vous à {}",
];
const JOIN: [&str; 4] = ["Join {}", "Únete a {}", "Participe de {}", "Rejoignez {}"];
const CONTINUE: [&str; 4] = [
    "Continue to your organizations",
    "Continúa a tus organizaciones",
    "Continue para suas organizações",
    "Continuez vers vos organisations",
];
const INVITATION: [&str; 4] = [
    "You are invited to join {}",
    "Tienes una invitación a {}",
    "Você recebeu um convite para {}",
    "Vous avez une invitation à {}",
];
const CODE: [&str; 4] = ["Your code", "Tu código", "Seu código", "Votre code"];
const RESET_PASSWORD: [&str; 4] = [
    "Reset your password for {}",
    "Restablece tu contraseña para {}",
    "Redefina sua senha para {}",
    "Réinitialisez votre mot de passe pour {}",
];
const NEW_ADDRESS: [&str; 4] = [
    "Confirm your new email address for {}",
    "Confirma tu nueva dirección para {}",
    "Confirme seu novo endereço para {}",
    "Confirmez votre nouvelle adresse pour {}",
];
const RESET_PASSWORDS: [&str; 4] = [
    "Reset your password",
    "Restablece tu contraseña",
    "Redefina sua senha",
    "Réinitialisez votre mot de passe",
];
const CODE_FOR: [&str; 8] = [
    "Your code for {}",
    "Tu código para {}",
    "Seu código para {}",
    "Votre code pour {}",
    "Il tuo codice per {}",
    "Ihr Code für {}",
    "您的 {} 验证码",
    "El vostre codi per a {}",
];
