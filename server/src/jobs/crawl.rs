//! Reads the websites that are sources: what their sitemaps name and their robots.txt allows, kept as files below the data
//! folder, from where they are read like any other.
//!
//! <https://www.sitemaps.org/protocol.html>, <https://www.rfc-editor.org/rfc/rfc9309>

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use domain::Timestamp;
use domain::ports::{FetchError, Fetched};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use texting_robots::Robot;
use url::Url;

use crate::app::App;
use crate::auth::hex;
use crate::config::{Place, Site};
use crate::time::real_now;

/// How a website's robots.txt calls us.
const NAME: &str = "Rapport";
/// Largest page.
const LARGEST: usize = 20 * 1024 * 1024;
/// Largest robots.txt that is read (RFC 9309, 2.5).
const LARGEST_ROBOTS: usize = 512 * 1024;
/// Sitemaps that are read at most, those named by others included.
const MOST_SITEMAPS: usize = 50;
/// Between two pages, unless robots.txt asks for more.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest pause that is kept.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often it is looked whether a site is due.
const LOOK: Duration = Duration::from_secs(15);
/// A site that could not be read is tried again after this.
const AGAIN: Duration = Duration::from_mins(10);

/// What the last reading of a site found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its sitemap.
    pub sitemap: String,
    /// When.
    pub at: Timestamp,
    /// Pages that are kept, with their files.
    pub pages: BTreeMap<String, String>,
    /// Pages that are not, with the reason.
    pub skipped: BTreeMap<String, String>,
    /// Why nothing could be read; what was known stays.
    pub failed: Option<String>,
}

/// What the last reading found of the site kept in a folder.
pub fn report(folder: &Path) -> Option<Report> {
    serde_json::from_slice(&std::fs::read(beside(folder)).ok()?).ok()
}

fn beside(folder: &Path) -> std::path::PathBuf {
    folder.with_extension("json")
}

/// Runs until the server stops.
pub async fn run(app: App) {
    loop {
        let wired = app.wired.load_full();
        for workspace in &wired.configuration.workspaces {
            for source in &workspace.knowledge {
                let Place::Site(site) = &source.place else { continue };
                let folder = source.folder(&app.settings.data_dir, &workspace.settings.id);
                if !is_due(site, report(&folder).as_ref(), real_now()) {
                    continue;
                }
                let reading = async { read(&crate::wiring::vendor_client()?, site, &folder).await };
                let read = tokio::select! {
                    read = reading => read,
                    () = app.stopped() => return,
                };
                match read {
                    Ok(report) => {
                        let (pages, skipped, failed) = (report.pages.len(), report.skipped.len(), report.failed);
                        tracing::info!(source = source.id, pages, skipped, failed, "a website was read");
                    }
                    Err(error) => tracing::error!(source = source.id, %error, "pages of a website could not be kept"),
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.stopped() => return,
        }
    }
}

fn is_due(site: &Site, last: Option<&Report>, now: Timestamp) -> bool {
    last.is_none_or(|last| {
        let wait = if last.failed.is_some() { AGAIN.min(site.every) } else { site.every };
        last.sitemap != site.sitemap || now.since(last.at) >= wait
    })
}

/// Reads a site and keeps what it found; pages that are gone go. A site that cannot be reached keeps what was known.
pub async fn read(http: &reqwest::Client, site: &Site, folder: &Path) -> anyhow::Result<Report> {
    let mut report =
        Report { sitemap: site.sitemap.clone(), at: real_now(), pages: BTreeMap::new(), skipped: BTreeMap::new(), failed: None };
    match addresses(http, site, &mut report.skipped).await {
        Ok((pages, robot)) => {
            let pause = pause(&robot);
            for url in pages {
                match keep(http, site, &url, &robot, folder).await? {
                    Ok(file) => {
                        report.pages.insert(url.into(), file);
                    }
                    Err(why) => {
                        report.skipped.insert(url.into(), why);
                    }
                }
                tokio::time::sleep(pause).await;
            }
            let kept: BTreeSet<&str> = report.pages.values().map(String::as_str).collect();
            drop_others(folder, folder, &kept)?;
        }
        Err(why) => {
            report.pages = self::report(folder).map(|last| last.pages).unwrap_or_default();
            report.failed = Some(why);
        }
    }
    let beside = beside(folder);
    std::fs::create_dir_all(beside.parent().context("a folder has one above it")?)?;
    write(&beside, &serde_json::to_vec(&report)?)?;
    Ok(report)
}

/// The pages to read, in the order named, and what robots.txt says; the error says why nothing is known of them.
async fn addresses(http: &reqwest::Client, site: &Site, skipped: &mut BTreeMap<String, String>) -> Result<(Vec<Url>, Robot), String> {
    let base = Url::parse(&site.sitemap).map_err(|_| "the address of the sitemap cannot be read".to_owned())?;
    let robot = robot(http, &base).await?;
    let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
    let mut sitemaps = VecDeque::from([base.clone()]);
    let mut read = 0;
    while let Some(address) = sitemaps.pop_front() {
        if read == MOST_SITEMAPS || !seen.insert(address.clone()) {
            continue;
        }
        read += 1;
        let found = match channels::fetch::published(http, base.as_str(), address.as_str(), LARGEST).await {
            Ok(found) => knowledge::sitemap::read(&String::from_utf8_lossy(&found.content.0)),
            Err(error) if address == base => return Err(format!("the sitemap could not be read: {}", why(&error))),
            Err(error) => {
                skipped.insert(address.into(), why(&error));
                continue;
            }
        };
        sitemaps.extend(found.sitemaps.iter().filter_map(|next| Url::parse(next).ok()).filter(|next| next.origin() == base.origin()));
        for page in found.pages {
            let Ok(mut url) = Url::parse(&page) else { continue };
            url.set_fragment(None);
            if url.origin() != base.origin() {
                skipped.insert(page, "it is of another website".to_owned());
            } else if seen.insert(url.clone()) {
                if pages.len() < site.most_pages {
                    pages.push(url);
                } else {
                    skipped.insert(page, "there are too many pages".to_owned());
                }
            }
        }
    }
    Ok((pages, robot))
}

/// Without a robots.txt everything is allowed; when it cannot be had for the moment nothing is (RFC 9309, 2.3.1).
async fn robot(http: &reqwest::Client, base: &Url) -> Result<Robot, String> {
    let address = base.join("/robots.txt").map_err(|error| error.to_string())?;
    let text = match channels::fetch::published(http, base.as_str(), address.as_str(), LARGEST_ROBOTS).await {
        Ok(found) => found.content.0.to_vec(),
        Err(FetchError::Never(_)) => Vec::new(),
        Err(error) => return Err(format!("robots.txt could not be read: {}", why(&error))),
    };
    Robot::new(NAME, &text).map_err(|_| "robots.txt cannot be understood".to_owned())
}

fn pause(robot: &Robot) -> Duration {
    let asked = robot.delay.map(|seconds| Duration::from_secs_f32(seconds.clamp(0.0, LONGEST_PAUSE.as_secs_f32())));
    asked.map_or(PAUSE, |asked| asked.max(PAUSE))
}

fn why(error: &FetchError) -> String {
    match error {
        FetchError::Never(why) | FetchError::NotNow(why) => why.clone(),
    }
}

/// Fetches a page and keeps it; the inner error says why it is none of ours.
async fn keep(http: &reqwest::Client, site: &Site, url: &Url, robot: &Robot, folder: &Path) -> anyhow::Result<Result<String, String>> {
    if !robot.allowed(url.as_str()) {
        return Ok(Err("robots.txt does not allow it".to_owned()));
    }
    let found = match channels::fetch::published(http, &site.sitemap, url.as_str(), LARGEST).await {
        Ok(found) => found,
        Err(error) => return Ok(Err(why(&error))),
    };
    let Some(kind) = kind(&found, url) else { return Ok(Err("not Markdown, HTML, Word, PDF or CSV".to_owned())) };
    if kind == "html" && asks_not_to_be_found(&found.content.0) {
        return Ok(Err("the page asks not to be found".to_owned()));
    }
    let file = name(url, kind);
    let target = folder.join(&file);
    if std::fs::read(&target).ok().as_deref() != Some(&*found.content.0) {
        std::fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        write(&target, &found.content.0)?;
    }
    Ok(Ok(file))
}

/// Fetches one page that somebody named: what to call its file, and its bytes.
pub async fn page(http: &reqwest::Client, address: &str) -> anyhow::Result<(String, Vec<u8>)> {
    let url = Url::parse(address).context("this is no address")?;
    let found = channels::fetch::published(http, address, address, LARGEST).await;
    let found = found.map_err(|error| anyhow::anyhow!("{address} could not be read: {}", why(&error)))?;
    let kind = kind(&found, &url).context("the page is no Markdown, HTML, Word, PDF or CSV")?;
    Ok((name(&url, kind).replace('/', "-"), found.content.0.to_vec()))
}

/// By what the server says it is, or by its name.
fn kind(found: &Fetched, url: &Url) -> Option<&'static str> {
    let by_name = || match url.path().rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("md" | "markdown" | "txt") => Some("md"),
        Some("csv") => Some("csv"),
        Some("pdf") => Some("pdf"),
        Some("docx") => Some("docx"),
        Some("html" | "htm") => Some("html"),
        _ => None,
    };
    match found.mime.as_deref() {
        Some("text/html" | "application/xhtml+xml") => Some("html"),
        Some("application/pdf") => Some("pdf"),
        Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document") => Some("docx"),
        Some("text/csv") => Some("csv"),
        Some("text/markdown") => Some("md"),
        Some("text/plain") => by_name().or(Some("md")),
        Some("application/octet-stream") | None => by_name(),
        Some(_) => None,
    }
}

/// `<meta name="robots" content="noindex">`, as search engines read it.
fn asks_not_to_be_found(page: &[u8]) -> bool {
    let text = String::from_utf8_lossy(page).to_ascii_lowercase();
    let head = text.split_once("<body").map_or(text.as_str(), |(head, _)| head);
    head.split("<meta").skip(1).any(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        (tag.contains("name=\"robots\"") || tag.contains("name='robots'")) && (tag.contains("noindex") || tag.contains("\"none\""))
    })
}

/// The file of a page: its address as far as a file may be called that.
fn name(url: &Url, kind: &str) -> String {
    let plain = |part: &str| {
        let mut plain: String =
            part.chars().map(|sign| if sign.is_ascii_alphanumeric() || "._-".contains(sign) { sign } else { '-' }).collect();
        if plain.len() > 80 {
            plain.truncate(60);
            plain.push_str(&format!("-{}", digest(part)));
        }
        if plain.starts_with('.') { plain.replacen('.', "-", 1) } else { plain }
    };
    let mut parts: Vec<String> = vec![plain(url.host_str().unwrap_or("site"))];
    parts.extend(url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).map(plain));
    if parts.len() == 1 {
        parts.push("index".to_owned());
    }
    let mut name = parts.join("/");
    if let Some(query) = url.query() {
        name.push_str(&format!("-{}", digest(query)));
    }
    let has_it = name.rsplit_once('.').is_some_and(|(_, extension)| extension == kind);
    if has_it { name } else { format!("{name}.{kind}") }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..4])
}

fn write(target: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // Hidden until it is whole: a folder that is read meanwhile shows no halves.
    let mut partial = target.file_name().unwrap_or_default().to_os_string();
    partial.push(".part");
    let partial = target.with_file_name(format!(".{}", partial.to_string_lossy()));
    std::fs::write(&partial, bytes)?;
    std::fs::rename(partial, target)
}

/// Takes away files of pages that are gone.
fn drop_others(root: &Path, folder: &Path, kept: &BTreeSet<&str>) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            drop_others(root, &path, kept)?;
        } else if let Ok(relative) = path.strip_prefix(root)
            && !kept.contains(relative.to_string_lossy().as_ref())
        {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_filed_under_its_address() {
        let check = |address: &str, kind: &str, expected: &str| {
            assert_eq!(name(&Url::parse(address).expect("an address"), kind), expected);
        };
        check("https://shop.example/", "html", "shop.example/index.html");
        check("https://shop.example/help/returns", "html", "shop.example/help/returns.html");
        check("https://shop.example/prices.pdf", "pdf", "shop.example/prices.pdf");
        check("https://shop.example/help/returns?lang=fr", "html", "shop.example/help/returns-d1179d8e.html");
        check("https://shop.example/.git/%2e%2e/config", "md", "shop.example/config.md");
        check("https://shop.example/a%2f..%2fb", "html", "shop.example/a-2f..-2fb.html");
    }

    #[test]
    fn a_page_that_asks_not_to_be_found_is_none_of_ours() {
        assert!(asks_not_to_be_found(b"<html><head><META NAME=\"robots\" CONTENT=\"noindex, follow\"></head><body>x"));
        assert!(!asks_not_to_be_found(b"<head><meta name=\"robots\" content=\"index\"></head><body>noindex"));
        assert!(!asks_not_to_be_found(b""));
    }
}
