//! One response, as a browser received it.

use reqwest::{StatusCode, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Status, headers and body.
#[derive(Clone, Debug)]
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// What a click would send.
#[derive(Debug)]
pub struct Action {
    pub method: &'static str,
    pub url: Url,
    pub fields: Vec<(String, String)>,
}

impl Page {
    pub fn path(&self) -> &str {
        self.url.path()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Target of a redirect.
    pub fn location(&self) -> Url {
        let location = self.header("location");
        assert!(
            !location.is_empty(),
            "{} is not a redirect: {}",
            self.status,
            self.text()
        );
        self.url.join(location).unwrap()
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// The words on the page, with collapsed whitespace. The `<bdi>` of a name adds none.
    pub fn text(&self) -> String {
        let body = self.body.replace("<bdi>", "").replace("</bdi>", "");
        let html = Html::parse_document(&body);
        let body = html.select(&selector("body")).next();
        let text: String = body
            .map(|body| body.text().collect::<Vec<_>>().join(" "))
            .unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The HTML of the inspector's list, if the page has it.
    pub fn inspected(&self) -> Option<String> {
        let (_, list) = self.body.split_once("<details class=\"inspector\">")?;
        let (list, _) = list.rsplit_once("</main>")?;
        Some(list.to_owned())
    }

    /// The first line of each step that the inspector lists, and the summary of each call below it.
    pub fn steps(&self) -> Vec<String> {
        let html = self.html();
        let lines = selector(".inspector li > code:first-child, .inspector li summary");
        let lines = html.select(&lines);
        lines.map(|line| words(&line)).collect()
    }

    /// The visible words of links and buttons.
    pub fn controls(&self) -> Vec<String> {
        let html = self.html();
        html.select(&selector("main a, main button"))
            .map(|element| words(&element))
            .collect()
    }

    /// The link or button that contains these words, and what it would send with these field values.
    pub fn action(&self, wanted: &str, values: &[(&str, &str)]) -> Action {
        let html = self.html();
        let controls = selector("a, button");
        let mut exact = html
            .select(&controls)
            .filter(|element| words(element) == wanted);
        let mut holding = html
            .select(&controls)
            .filter(|element| words(element).contains(wanted));
        let found = exact.next().or_else(|| holding.next());
        let Some(element) = found else {
            panic!(
                "no control {wanted:?} on {}; there are {:?}",
                self.url,
                self.controls()
            );
        };
        if element.value().name() == "a" {
            let url = self
                .url
                .join(element.value().attr("href").unwrap())
                .unwrap();
            return Action {
                method: "GET",
                url,
                fields: Vec::new(),
            };
        }
        let mut ancestors = element.ancestors().filter_map(ElementRef::wrap);
        let form = ancestors
            .find(|element| element.value().name() == "form")
            .expect("a button in a form");
        self.submit(form, &element, values)
    }

    fn submit(
        &self,
        form: ElementRef<'_>,
        button: &ElementRef<'_>,
        values: &[(&str, &str)],
    ) -> Action {
        let form_value = form.value();
        let mut url = self
            .url
            .join(form_value.attr("action").unwrap_or(self.url.as_str()))
            .unwrap();
        let mut fields = Vec::new();
        for input in form.select(&selector("input[name], select[name]")) {
            let name = input.value().attr("name").unwrap();
            let typed = values
                .iter()
                .find(|(field, _)| *field == name)
                .map(|(_, value)| *value);
            let toggle = matches!(input.value().attr("type"), Some("checkbox" | "radio"));
            if toggle && input.value().attr("checked").is_none() && typed.is_none() {
                continue;
            }
            let value = typed.or(input.value().attr("value")).unwrap_or_default();
            fields.push((name.to_owned(), value.to_owned()));
        }
        if let Some(name) = button.value().attr("name") {
            fields.push((
                name.to_owned(),
                button.value().attr("value").unwrap_or_default().to_owned(),
            ));
        }
        if form_value
            .attr("method")
            .is_none_or(|method| method.eq_ignore_ascii_case("get"))
        {
            url.query_pairs_mut().clear().extend_pairs(&fields);
            return Action {
                method: "GET",
                url,
                fields: Vec::new(),
            };
        }
        Action {
            method: "POST",
            url,
            fields,
        }
    }
}

pub fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

/// The words of a control as they are read aloud, which leaves out the pictures of initials.
fn words(element: &ElementRef<'_>) -> String {
    let texts = element.descendants().filter(|node| node.value().is_text());
    texts
        .filter(|node| {
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            !around.any(|it| it.value().attr("aria-hidden") == Some("true"))
        })
        .filter_map(|node| node.value().as_text())
        .map(|text| text.to_string())
        .collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
