//! Fetches the files that messages name, one after the other, and keeps them sealed. What cannot be had is said beside
//! the message; what may still come is tried again, later and later, for a day.

use std::time::Duration;

use domain::Timestamp;
use domain::attachment::{self, About};
use domain::event::Content;
use domain::ports::{FetchError, StoreError, ToFetch};

use crate::app::{App, Shared};
use crate::time::real_now;

/// Pauses between tries, in seconds; after the last one it is given up.
const PAUSES: [u64; 8] = [2, 10, 60, 300, 1_800, 7_200, 21_600, 43_200];
/// Files looked up at once.
const FEW: usize = 8;
/// Longest sleep without a bell.
const LONGEST: Duration = Duration::from_secs(30);
/// Shortest sleep when something is due.
const SHORTEST: Duration = Duration::from_millis(200);

/// Runs until the server stops.
pub async fn run(app: App) {
    while !*app.stopping.borrow() {
        let sleep = match round(&app).await {
            Ok(sleep) => sleep,
            Err(error) => {
                tracing::warn!(%error, "files wait to be fetched");
                LONGEST
            }
        };
        tokio::select! {
            () = app.storage.files.notified() => {}
            () = tokio::time::sleep(sleep) => {}
            () = app.stopped() => return,
        }
    }
}

/// Fetches what is due; how long there is nothing to do.
async fn round(app: &Shared) -> Result<Duration, StoreError> {
    loop {
        let due = app.store().attachments_due(real_now(), FEW).await?;
        if due.is_empty() {
            break;
        }
        for one in due {
            fetch(app, one).await?;
            if *app.stopping.borrow() {
                return Ok(LONGEST);
            }
        }
    }
    let next = app.store().next_attachment().await?;
    Ok(next.map_or(LONGEST, |next| next.since(real_now()).clamp(SHORTEST, LONGEST)))
}

async fn fetch(app: &Shared, one: ToFetch) -> Result<(), StoreError> {
    let ToFetch { workspace, attachment, attempts } = one;
    let engine = app.engine();
    let found = match engine.door(&attachment.connection).filter(|door| door.settings.workspace == workspace) {
        Some(door) => door.channel.fetch(&attachment.about.media, attachment::LARGEST).await,
        None => Err(FetchError::Never("its connection is no longer there".to_owned())),
    };
    let about = attachment.about;
    match found {
        Ok(found) => {
            let content = Content(attachment::without_place(found.content.0.to_vec()).into());
            let seen_as = attachment::seen_as(&content.0).map(str::to_owned);
            let mut about = About { seen_as, why: None, ..about };
            about.media.mime = about.media.mime.or(found.mime);
            about.media.filename = about.media.filename.or(found.filename);
            app.store().keep_attachment(&workspace, attachment.id, about, content, app.now()).await?;
        }
        Err(error) => {
            let (why, again) = match error {
                FetchError::Never(why) => (why, None),
                FetchError::NotNow(why) => (why, again_at(attempts)),
            };
            tracing::debug!(attachment = %attachment.id, why, is_final = again.is_none(), "a file could not be fetched");
            app.store().miss_attachment(&workspace, attachment.id, About { why: Some(why), ..about }, again, app.now()).await?;
        }
    }
    Ok(())
}

fn again_at(attempts: u32) -> Option<Timestamp> {
    let pause = PAUSES.get(usize::try_from(attempts).unwrap_or(usize::MAX))?;
    Some(real_now().after(Duration::from_secs(*pause)))
}
