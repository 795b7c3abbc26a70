//! A website as a source: what its sitemap names and its robots.txt allows is read, nothing else, and answers come from it.

use std::time::Duration;

use axum::Router;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::Server;

/// A page of text as other programs print it.
pub fn printed(lines: &[&str]) -> Vec<u8> {
    let (catalog, pages, page, font, body) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4), Ref::new(5));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(pages).contents(body);
    sheet.resources().fonts().pair(Name(b"F1"), font);
    sheet.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    let mut content = Content::new();
    for (row, line) in lines.iter().enumerate() {
        content.begin_text();
        content.set_font(Name(b"F1"), 12.0);
        content.next_line(72.0, 760.0 - 40.0 * f32::from(u8::try_from(row).expect("few lines")));
        content.show(Str(line.as_bytes()));
        content.end_text();
    }
    pdf.stream(body, &content.finish());
    pdf.finish()
}

async fn site(uri: Uri, base: String) -> Response {
    let html = |text: &str| ([(CONTENT_TYPE, "text/html; charset=utf-8")], text.to_owned()).into_response();
    match uri.path() {
        "/robots.txt" => "User-agent: *\nDisallow: /private\n".into_response(),
        "/sitemap.xml" => {
            let pages = ["/returns", "/prices.pdf", "/private/margins", "/hidden", "/away", "/photo.png", "/gone"];
            let named: String = pages.iter().map(|page| format!("<url><loc>{base}{page}</loc></url>")).collect();
            format!("<urlset>{named}<url><loc>https://elsewhere.example/x</loc></url></urlset>").into_response()
        }
        "/returns" => {
            html("<html><body><nav>Shop</nav><h1>Returns</h1><p>You may return a lamp within 45 days of delivery.</p></body></html>")
        }
        "/prices.pdf" => ([(CONTENT_TYPE, "application/pdf")], printed(&["Engraving a lamp costs 12 EUR.", "Engraving takes three days."]))
            .into_response(),
        "/private/margins" => html("<p>The margin on a lamp is 70 percent.</p>"),
        "/hidden" => html("<head><meta name=\"robots\" content=\"noindex\"></head><p>The secret lamp is in the cellar.</p>"),
        "/away" => (StatusCode::FOUND, [(LOCATION, "http://169.254.169.254/latest/meta-data")]).into_response(),
        "/photo.png" => ([(CONTENT_TYPE, "image/png")], vec![0u8; 8]).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn a_website_is_read_as_its_sitemap_and_robots_txt_say_and_answers_come_from_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let own = base.clone();
    let pages = Router::new().fallback(move |uri: Uri| site(uri, own.clone()));
    let website = tokio::spawn(async move { axum::serve(listener, pages).await });
    let server = Server::start_with(&format!("[[knowledge]]\nid = \"site\"\nsitemap = \"{base}/sitemap.xml\"\n")).await;

    let read = async {
        loop {
            let (_, knowledge) = server.admin(Method::GET, "/api/v1/knowledge", None).await;
            let passages: u64 =
                knowledge["sources"].as_array().into_iter().flatten().filter_map(|source| source["passages"].as_u64()).sum();
            if knowledge["sites"][0]["read_at"].is_string() && passages >= 2 {
                return knowledge;
            }
            tokio::task::yield_now().await;
        }
    };
    let knowledge = tokio::time::timeout(Duration::from_secs(30), read).await.expect("the site was read");
    let site = &knowledge["sites"][0];
    assert_eq!((&site["pages"], &site["failed"]), (&json!(2), &Value::Null), "{site}");
    let reason = |page: &str| {
        let found =
            site["skipped"].as_array().expect("pages").iter().find(|one| one["url"].as_str().is_some_and(|url| url.ends_with(page)));
        found.unwrap_or_else(|| panic!("{page} is not listed: {site}"))["reason"].as_str().expect("a reason").to_owned()
    };
    assert_eq!(reason("/private/margins"), "robots.txt does not allow it");
    assert_eq!(reason("/hidden"), "the page asks not to be found");
    assert_eq!(reason("elsewhere.example/x"), "it is of another website");
    assert_eq!(reason("/gone"), "it is no longer there");
    assert_eq!(reason("/photo.png"), "not Markdown, HTML, Word, PDF or CSV");
    assert_eq!(reason("/away"), "its address is not encrypted", "a redirect leads nowhere inside");

    let ask = async |question: &str| {
        let path = format!("/api/v1/knowledge/ask?q={}", question.replace(' ', "%20"));
        server.admin(Method::GET, &path, None).await.1
    };
    let returns = ask("Within how many days can I return a lamp?").await;
    assert!(returns["answer"].as_str().is_some_and(|answer| answer.contains("45 days")), "{returns}");
    assert!(returns["citations"][0]["source"].as_str().is_some_and(|source| source.ends_with("/returns.html")), "{returns}");
    let engraving = ask("What does engraving a lamp cost?").await;
    assert!(engraving["answer"].as_str().is_some_and(|answer| answer.contains("12 EUR")), "{engraving}");
    for unread in ["What is the margin on a lamp?", "Where is the secret lamp?"] {
        let told = ask(unread).await.to_string();
        assert!(!told.contains("70 percent") && !told.contains("cellar"), "{told}");
    }
    website.abort();
}
