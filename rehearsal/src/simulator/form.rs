//! Forms with files as vendors read them (RFC 7578).

use axum::http::{HeaderMap, header};
use serde::Serialize;

/// A file that somebody got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// How large it is.
    pub bytes: usize,
}

/// What a form says.
#[derive(Debug, Default)]
pub(super) struct Form {
    pub fields: Vec<(String, String)>,
    /// By the names of their fields.
    pub files: Vec<(String, File)>,
}

impl Form {
    /// Reads a body; nothing when it is no such form.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let boundary = kind.strip_prefix("multipart/form-data;")?.trim().strip_prefix("boundary=")?;
        let mark = format!("--{boundary}").into_bytes();
        let mut form = Self::default();
        let mut rest = after(body, &mark)?;
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let end = find(part, &[b"\r\n", mark.as_slice()].concat())?;
            let (head, content) = split(&part[..end])?;
            let named = |key: &str| head.split(&format!("{key}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            let name = named("; name")?.to_owned();
            match named("filename") {
                Some(filename) => {
                    let mime = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap_or_default();
                    let file = File { name: filename.to_owned(), mime: mime.to_owned(), bytes: content.len() };
                    form.files.push((name, file));
                }
                None => form.fields.push((name, String::from_utf8(content.to_vec()).ok()?)),
            }
            rest = &part[end + 2 + mark.len()..];
        }
        rest.starts_with(b"--").then_some(form)
    }

    /// A field's value.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

fn after<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    text.get(find(text, mark)? + mark.len()..)
}

fn split(part: &[u8]) -> Option<(&str, &[u8])> {
    let end = find(part, b"\r\n\r\n")?;
    Some((std::str::from_utf8(&part[..end]).ok()?, &part[end + 4..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_written() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "multipart/form-data; boundary=b".parse().expect("a header"));
        let body =
            b"--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--b\r\nContent-Disposition: form-data; name=\"photo\"; \
            filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\x89P\r\nNG\r\n--b--\r\n";
        let form = Form::read(&headers, body).expect("a form");
        assert_eq!(form.field("chat_id"), Some("7"));
        assert_eq!(form.files, [("photo".to_owned(), File { name: "a.png".to_owned(), mime: "image/png".to_owned(), bytes: 6 })]);
        assert!(Form::read(&headers, &body[..body.len() - 8]).is_none(), "cut short");
    }
}
