//! Files that come with a message: those whose bytes are there are kept with it, the others are fetched afterwards.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::attachment::{self, About};
use domain::event::{Content, InboundMessage, Media};
use domain::ports::{NewAttachment, Random};
use domain::{AttachmentId, ChannelKind, Timestamp};

/// More files than a person sends with one message.
const MOST: usize = 20;

/// How long the link of a file opens it: a teammate's to whoever it was sent to, a visitor's own to their page.
pub const LINKS_OPEN_FOR: Duration = Duration::from_hours(90 * 24);

/// The files of a message; their bytes stay with them, and what the turn reads of them is small.
///
/// A visitor's page has no proof that a picture could be asked for with: their own files get a link, as a teammate's do.
pub(super) fn taken_off(inbound: &mut InboundMessage, channel: ChannelKind, now: Timestamp, random: &dyn Random) -> Vec<NewAttachment> {
    let mut taken = Vec::new();
    for media in &mut inbound.media {
        let content = media.content.take().or_else(|| written_out(media));
        if taken.len() < MOST {
            let mut file = new(media, content, AttachmentId::new(now, random.bits()));
            if channel == ChannelKind::Widget && file.content.is_some() {
                file.about.link = Some(format!("{:032x}", random.bits()));
                file.link_until = Some(now.after(LINKS_OPEN_FOR));
            }
            taken.push(file);
        }
    }
    taken
}

/// Some callers write the whole file into its address.
fn written_out(media: &mut Media) -> Option<Content> {
    let (head, body) = media.url.as_deref()?.strip_prefix("data:")?.split_once(',')?;
    let content = head.ends_with(";base64").then(|| STANDARD.decode(body).ok()).flatten();
    media.url = None;
    content.map(|content| Content(content.into()))
}

fn new(media: &Media, content: Option<Content>, id: AttachmentId) -> NewAttachment {
    let mut about = About::from(media);
    match content {
        Some(content) if content.0.len() <= attachment::LARGEST => {
            let content = Content(attachment::without_place(content.0.to_vec()).into());
            about.seen_as = attachment::seen_as(&content.0).map(str::to_owned);
            NewAttachment { id, about, content: Some(content), link_until: None }
        }
        Some(_) => {
            about.why = Some(TOO_LARGE.to_owned());
            NewAttachment { id, about, content: None, link_until: None }
        }
        None => {
            let is_named = media.url.is_some() || media.provider_id.is_some();
            about.why = (!is_named).then(|| "the vendor did not say where it is".to_owned());
            NewAttachment { id, about, content: None, link_until: None }
        }
    }
}

/// What a teammate reads of a file over the limit.
const TOO_LARGE: &str = "larger than 20 MB";

#[cfg(test)]
mod tests {
    use super::*;

    fn of(media: Media) -> (InboundMessage, Vec<NewAttachment>) {
        on(ChannelKind::Api, media)
    }

    fn on(channel: ChannelKind, media: Media) -> (InboundMessage, Vec<NewAttachment>) {
        struct Zero;
        impl Random for Zero {
            fn bits(&self) -> u128 {
                0
            }
        }
        let mut inbound = InboundMessage { media: vec![media], ..InboundMessage::default() };
        let taken = taken_off(&mut inbound, channel, Timestamp::from_secs(0), &Zero);
        (inbound, taken)
    }

    #[test]
    fn bytes_that_came_along_are_kept_and_leave_the_message() {
        let url = format!("data:image/png;base64,{}", STANDARD.encode(b"\x89PNG\r\n\x1a\nrest"));
        let (inbound, taken) = of(Media { url: Some(url), ..Media::default() });
        assert_eq!((inbound.media[0].url.as_deref(), inbound.media[0].content.as_ref()), (None, None));
        assert_eq!(taken[0].about.seen_as.as_deref(), Some("image/png"));
        assert!(taken[0].content.is_some());
        let (_, taken) = of(Media { content: Some(Content(vec![0; attachment::LARGEST + 1].into())), ..Media::default() });
        assert_eq!((taken[0].content.is_some(), taken[0].about.why.as_deref()), (false, Some(TOO_LARGE)));
    }

    #[test]
    fn a_visitors_own_file_has_a_link_and_nobody_elses() {
        let media = || Media { content: Some(Content(b"%PDF-1.4".as_slice().into())), ..Media::default() };
        let links = |channel: ChannelKind| on(channel, media()).1.into_iter().map(|file| file.about.link.is_some()).collect::<Vec<_>>();
        assert_eq!(links(ChannelKind::Widget), [true]);
        assert_eq!(links(ChannelKind::Email), [false]);
    }

    #[test]
    fn what_lies_with_the_vendor_waits() {
        let (_, taken) = of(Media { provider_id: Some("M1".to_owned()), ..Media::default() });
        assert_eq!((taken[0].content.is_some(), taken[0].about.why.as_deref()), (false, None));
        let (_, taken) = of(Media { kind: "sticker".to_owned(), ..Media::default() });
        assert!(taken[0].about.why.is_some(), "nothing says where it is");
    }
}
