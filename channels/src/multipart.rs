//! The body of a request that carries files, as forms do (RFC 7578).

use domain::message::Enclosure;
use reqwest::RequestBuilder;
use reqwest::header::CONTENT_TYPE;

/// Fields and files, in order.
pub(crate) struct Form {
    boundary: String,
    body: Vec<u8>,
}

impl Form {
    /// `seed`: anything that is another one for each message; the boundary is made of it.
    pub(crate) fn new(seed: &str) -> Self {
        let boundary = crate::signing::sha256(seed.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { boundary, body: Vec::new() }
    }

    fn part(&mut self, head: &str, content: &[u8]) {
        self.body.extend_from_slice(format!("--{}\r\nContent-Disposition: form-data; {head}\r\n\r\n", self.boundary).as_bytes());
        self.body.extend_from_slice(content);
        self.body.extend_from_slice(b"\r\n");
    }

    /// A field.
    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes());
        self
    }

    /// A file.
    pub(crate) fn file(mut self, name: &str, file: &Enclosure) -> Self {
        let named = escaped(&file.name);
        self.part(&format!("name=\"{name}\"; filename=\"{named}\"\r\nContent-Type: {}", file.mime), &file.content.0);
        self
    }

    /// Puts it into a request.
    pub(crate) fn send_with(mut self, request: RequestBuilder) -> RequestBuilder {
        self.body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        request.header(CONTENT_TYPE, format!("multipart/form-data; boundary={}", self.boundary)).body(self.body)
    }
}

/// As browsers write it: <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>
fn escaped(name: &str) -> String {
    let seen: String = name.chars().filter(|letter| !letter.is_control()).collect();
    seen.replace('"', "%22")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_ends_its_line() {
        assert_eq!(escaped("a\"b\r\nX: y.pdf"), "a%22bX: y.pdf");
    }
}
