//! Rows of a URL table.

/// A method and a path, and the handler that serves them. `{name}` in the path stands for one whole segment, and `{*}`
/// at its end for all following segments.
#[derive(Debug)]
pub struct Route<H> {
    pub method: &'static str,
    pub path: &'static str,
    pub handler: H,
}

/// `GET` on this path.
pub const fn get<H>(path: &'static str, handler: H) -> Route<H> {
    Route {
        method: "GET",
        path,
        handler,
    }
}

/// `POST` on this path.
pub const fn post<H>(path: &'static str, handler: H) -> Route<H> {
    Route {
        method: "POST",
        path,
        handler,
    }
}

/// `PUT` on this path.
pub const fn put<H>(path: &'static str, handler: H) -> Route<H> {
    Route {
        method: "PUT",
        path,
        handler,
    }
}

/// `DELETE` on this path.
pub const fn delete<H>(path: &'static str, handler: H) -> Route<H> {
    Route {
        method: "DELETE",
        path,
        handler,
    }
}
