//! Rows of a URL table.

/// A method and a path, and the handler that serves them. `{name}` in the path stands for one whole segment, and `{*}`
/// at its end for all following segments.
#[derive(Debug)]
pub struct Route<H> {
    pub method: &'static str,
    pub path: &'static str,
    /// The literal text before the first `{` and after the last `}` of the path. A lookup compares it first, to skip most
    /// routes cheaply.
    pub ends: (&'static str, &'static str),
    pub handler: H,
}

const fn row<H>(method: &'static str, path: &'static str, handler: H) -> Route<H> {
    let bytes = path.as_bytes();
    let (mut first, mut last) = (0, bytes.len());
    while first < bytes.len() && bytes[first] != b'{' {
        first += 1;
    }
    while last > first && bytes[last - 1] != b'}' {
        last -= 1;
    }
    Route {
        method,
        path,
        ends: (path.split_at(first).0, path.split_at(last).1),
        handler,
    }
}

/// `GET` on this path.
pub const fn get<H>(path: &'static str, handler: H) -> Route<H> {
    row("GET", path, handler)
}

/// `POST` on this path.
pub const fn post<H>(path: &'static str, handler: H) -> Route<H> {
    row("POST", path, handler)
}

/// `PUT` on this path.
pub const fn put<H>(path: &'static str, handler: H) -> Route<H> {
    row("PUT", path, handler)
}

/// `DELETE` on this path.
pub const fn delete<H>(path: &'static str, handler: H) -> Route<H> {
    row("DELETE", path, handler)
}
