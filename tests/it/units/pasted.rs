//! Codes and phone numbers as people paste them.

use stytch_b2b_axum::routes::pasted::{code, e164, recovery_code};

#[test]
fn characters_copied_along_with_a_code_are_removed() {
    for pasted in [
        "123456",
        " 123 456\n",
        "123-456",
        "123–456",
        "12 34-56\u{200b}",
        "\u{202d}123456\u{202c}",
        "123\u{a0}456",
        "１２３４５６",
        "١٢٣٤٥٦",
        "۱۲۳۴۵۶",
    ] {
        assert_eq!(code(pasted), "123456", "{pasted:?}");
    }
    assert_eq!(
        code("12a456"),
        "12a456",
        "Stytch refuses it, not another code"
    );
    assert_eq!(code("123.456"), "123.456");
    assert_eq!(code(" \u{200b}"), "");
}

#[test]
fn recovery_codes_keep_their_hyphens() {
    for pasted in [
        "ckss-2skx-ebow",
        " ckss-2skx-ebow\n",
        "ckss\u{2011}2skx–ebow",
        "ckss - 2skx - ebow",
    ] {
        assert_eq!(recovery_code(pasted), "ckss-2skx-ebow", "{pasted:?}");
    }
}

#[test]
fn phone_numbers_reach_the_right_phone() {
    for pasted in [
        "+49 (0)151 23456789",
        "+49(0)151/23456789",
        "+49 (0) 151-23456789",
        "0049 151 23456789",
        "0049 (0)151 23456789",
        "tel:+49-151-23456789",
        "\u{202a}+4915123456789\u{202c}",
        "+49 151 2345\u{2011}6789",
        "＋４９ １５１ ２３４５６７８９",
    ] {
        assert_eq!(e164(pasted), "+4915123456789", "{pasted:?}");
    }
    assert_eq!(e164("+1 (555) 555.0100"), "+15555550100");
    assert_eq!(
        e164("+39 06 1234 5678"),
        "+390612345678",
        "a zero that is dialed"
    );
    assert_eq!(
        e164("0151 23456789"),
        "015123456789",
        "no country: Stytch refuses it"
    );
    assert_eq!(e164("+49 151 x"), "+49151x");
    assert_eq!(e164(" "), "");
}
