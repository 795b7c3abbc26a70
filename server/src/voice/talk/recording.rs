//! Being recorded, as it is talked about on a call: told, asked, agreed to, and taken back.

use domain::call::CallIn;
use domain::ports::Stored;
use engine::calls::Session;
use engine::calls::recording::{Agreed, agreed};

use super::super::wire::{Ended, Wire};
use super::{Record, Talk};

/// An objection of so many words is one and nothing else.
const MOST_WORDS: usize = 20;

impl Talk<'_> {
    /// Whoever was told that the call is recorded has heard it, once we are silent or they say something.
    pub(super) async fn may_record(&mut self, heard: &CallIn, wire: &mut dyn Wire) -> Stored<()> {
        let has_been_heard =
            matches!(heard, CallIn::Silent | CallIn::Interrupt { .. } | CallIn::Prompt { is_final: true, .. } | CallIn::Key(_));
        if !matches!(self.record, Record::Told) || !has_been_heard {
            return Ok(());
        }
        // Whoever says no at once is never recorded.
        if let CallIn::Prompt { text, .. } = heard
            && self.engine().objects_to_recording(&self.place.workspace, text)
        {
            return Ok(());
        }
        self.record = Record::Settled;
        let told = self.place.words(&self.call.about.language).say("call.recorded");
        self.begin_recording(&told, wire).await
    }

    async fn begin_recording(&mut self, wording: &str, wire: &mut dyn Wire) -> Stored<()> {
        let Some(about) = self.engine().begin_recording(&self.place.workspace, &self.call, wording).await? else { return Ok(()) };
        if let Some(file) = about.recording {
            wire.record(&self.place.workspace, file);
        }
        self.call.about = about;
        Ok(())
    }

    /// What was said about being recorded, and no more than that. `true`: it needs no other answer. The call goes on either way.
    pub(super) async fn is_about_recording(
        &mut self,
        text: &str,
        by_keys: bool,
        session: &mut Session,
        wire: &mut dyn Wire,
    ) -> Result<bool, Ended> {
        match self.record {
            Record::Asked => self.answers(text, by_keys, session, wire).await,
            Record::Told | Record::Settled => self.objects(text, by_keys, session, wire).await,
        }
    }

    /// The answer to the question whether the call may be recorded; whatever is no plain yes begins nothing.
    async fn answers(&mut self, text: &str, by_keys: bool, session: &mut Session, wire: &mut dyn Wire) -> Result<bool, Ended> {
        self.record = Record::Settled;
        let words = self.place.words(&self.call.about.language);
        let wording = format!("{} {}", words.say("call.record_ask"), if by_keys { format!("[{text}]") } else { format!("“{text}”") });
        let reply = match agreed(text, by_keys) {
            Agreed::Yes => {
                self.begin_recording(&wording, wire).await?;
                "call.record_yes"
            }
            Agreed::No => {
                self.engine().refuse_recording(&self.place.workspace, &self.call, &wording).await?;
                "call.record_no"
            }
            Agreed::Else => return Ok(false),
        };
        session.is_answered();
        self.announce(&words.say(reply), session, wire).await?;
        Ok(true)
    }

    /// An objection to a recording that runs, or is about to: it ends at once, and what was recorded is deleted.
    async fn objects(&mut self, text: &str, by_keys: bool, session: &mut Session, wire: &mut dyn Wire) -> Result<bool, Ended> {
        let is_about_to = matches!(self.record, Record::Told);
        if by_keys || !(is_about_to || self.call.about.recording.is_some()) {
            return Ok(false);
        }
        if !self.engine().objects_to_recording(&self.place.workspace, text) {
            return Ok(false);
        }
        self.record = Record::Settled;
        let words = self.place.words(&self.call.about.language);
        let reply = if is_about_to {
            self.engine().refuse_recording(&self.place.workspace, &self.call, text).await?;
            "call.record_no"
        } else {
            self.stop_recording(text, wire).await?;
            "call.record_stopped"
        };
        self.announce(&words.say(reply), session, wire).await?;
        // Whoever asks something in the same breath is answered as well.
        let is_all = text.split_whitespace().count() <= MOST_WORDS && !text.contains('?');
        if is_all {
            session.is_answered();
        }
        Ok(is_all)
    }

    /// The tape first: a store that fails leaves nothing running.
    async fn stop_recording(&mut self, wording: &str, wire: &mut dyn Wire) -> Stored<()> {
        wire.record_no_more();
        self.call.about = self.engine().stop_recording(&self.place.workspace, &self.call, wording).await?;
        tracing::info!(call = %self.call.id, "a recording was stopped and deleted, its caller did not want it");
        Ok(())
    }

    /// A turn may have understood an objection that was not seen as one before.
    pub(super) async fn still_agrees(&mut self, session: &mut Session, wire: &mut dyn Wire) -> Result<(), Ended> {
        if self.call.about.recording.is_none() || !self.engine().has_objected_to_recording(&self.place.workspace, &self.call).await? {
            return Ok(());
        }
        let words = self.place.words(&self.call.about.language);
        self.stop_recording("understood from what was said on the call", wire).await?;
        self.announce(&words.say("call.record_stopped"), session, wire).await
    }
}
