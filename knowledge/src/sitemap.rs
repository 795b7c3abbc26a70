//! Sitemaps: which pages a website wants found. <https://www.sitemaps.org/protocol.html>

use quick_xml::Reader;
use quick_xml::events::Event;

/// Addresses that one sitemap may name.
const MOST: usize = 50_000;

/// What a sitemap names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sitemap {
    /// Pages.
    pub pages: Vec<String>,
    /// Further sitemaps.
    pub sitemaps: Vec<String>,
}

/// Reads a sitemap, an index of sitemaps, or plain text with an address a line. What cannot be read names nothing.
pub fn read(text: &str) -> Sitemap {
    if !text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with('<') {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("http")).take(MOST);
        return Sitemap { pages: lines.map(str::to_owned).collect(), ..Sitemap::default() };
    }
    let (mut reader, mut found) = (Reader::from_str(text), Sitemap::default());
    let (mut is_index, mut place) = (false, None::<String>);
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => match element.local_name().as_ref() {
                "sitemap" => is_index = true,
                "url" => is_index = false,
                // `image:loc` and its like name no pages.
                "loc" if element.name().prefix().is_none() => place = Some(String::new()),
                _ => {}
            },
            Ok(Event::Text(said)) => {
                if let Some(place) = &mut place {
                    place.push_str(&said);
                }
            }
            Ok(Event::CData(said)) => {
                if let Some(place) = &mut place {
                    place.push_str(&said);
                }
            }
            Ok(Event::GeneralRef(entity)) => {
                if let Some(place) = &mut place
                    && &*entity == "amp"
                {
                    place.push('&');
                }
            }
            Ok(Event::End(element)) if element.local_name().as_ref() == "loc" => {
                let list = if is_index { &mut found.sitemaps } else { &mut found.pages };
                if let Some(place) = place.take().map(|place| place.trim().to_owned()).filter(|place| !place.is_empty())
                    && list.len() < MOST
                {
                    list.push(place);
                }
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_further_sitemaps_are_named() {
        let pages = read(
            "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc> https://a.example/x?a=1&amp;b=2 </loc>\
             <image:image><image:loc>https://a.example/p.png</image:loc></image:image></url><url><loc><![CDATA[https://a.example/y]]></loc></url></urlset>",
        );
        assert_eq!(pages.pages, ["https://a.example/x?a=1&b=2", "https://a.example/y"]);
        let index = read("<sitemapindex><sitemap><loc>https://a.example/1.xml</loc></sitemap></sitemapindex>");
        assert_eq!((index.pages.len(), index.sitemaps), (0, vec!["https://a.example/1.xml".to_owned()]));
        assert_eq!(read("https://a.example/x\n\nnot an address\n").pages, ["https://a.example/x"]);
    }

    #[test]
    fn what_is_cut_off_names_what_came_before() {
        assert_eq!(read("<urlset><url><loc>https://a.example/x</loc></url><url><loc>https://a.exa").pages, ["https://a.example/x"]);
        assert_eq!(read("<<<<"), Sitemap::default());
        assert_eq!(read(""), Sitemap::default());
    }
}
