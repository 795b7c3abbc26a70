//! Recordings of calls as acts: begun, refused, and stopped by a word, each with its line in the consent ledger.

use domain::attachment::About;
use domain::call::{Call, CallAbout};
use domain::event::{Content, Media};
use domain::fact::{Consent, ConsentState};
use domain::id::WorkspaceId;
use domain::ports::{NewAttachment, RecordingBegun, RecordingStopped, Stored};
use domain::{AttachmentId, ChannelKind, ConsentId};

use crate::Engine;
use crate::calls::recording;
use crate::reasoning::builtin::understand::{Reading, understand};

/// Wishes put as a question, which no reading takes for a decision; about a recording that runs they are one.
const ASKED: &[&str] = &[
    "stop recording",
    "stop the recording",
    "stop this recording",
    "turn off the recording",
    "turn the recording off",
    "arrêter l'enregistrement",
    "arrêter d'enregistrer",
    "arrêtez l'enregistrement",
    "couper l'enregistrement",
    "aufnahme stoppen",
    "aufnahme beenden",
    "aufzeichnung stoppen",
    "aufzeichnung beenden",
    "parar la grabación",
    "dejar de grabar",
    "deje de grabar",
    "parar a gravação",
    "parar de gravar",
];

impl Engine {
    /// The recording of a call begins: the caller was told so, or agreed, in these words. The file to write to, and the
    /// record of the call from now on; `None`: the call is over.
    pub async fn begin_recording(&self, workspace: &WorkspaceId, call: &Call, wording: &str) -> Stored<Option<CallAbout>> {
        let id = AttachmentId::new(self.clock.now(), self.random.bits());
        let about = CallAbout { recording: Some(id), recorded_from: Some(self.clock.now()), ..call.about.clone() };
        let media = Media {
            kind: "audio".to_owned(),
            mime: Some("audio/wav".to_owned()),
            filename: Some("call.wav".to_owned()),
            ..Media::default()
        };
        let file = NewAttachment {
            id,
            about: About { media, seen_as: Some("audio/wav".to_owned()), ..About::default() },
            content: Some(Content(recording::head(None).into())),
            link_until: None,
        };
        let consent = self.recording_consent(call, ConsentState::Given, wording);
        let begun = RecordingBegun { call: call.id, about: about.clone(), file, consent };
        Ok(self.store.begin_recording(workspace, begun).await?.then_some(about))
    }

    /// The caller does not want to be recorded.
    pub async fn refuse_recording(&self, workspace: &WorkspaceId, call: &Call, wording: &str) -> Stored<()> {
        self.store.note_consent(workspace, call.id, self.recording_consent(call, ConsentState::Withdrawn, wording)).await
    }

    fn recording_consent(&self, call: &Call, state: ConsentState, wording: &str) -> Consent {
        let at = self.clock.now();
        Consent {
            id: ConsentId::new(at, self.random.bits()),
            strand: call.strand,
            purpose: "recording".to_owned(),
            channel: Some(ChannelKind::Voice),
            state,
            wording: wording.to_owned(),
            at,
            source_message: call.about.rang,
        }
    }

    /// Does a caller say in these words that they do not want to be recorded?
    pub fn objects_to_recording(&self, workspace: &WorkspaceId, text: &str) -> bool {
        let Some(settings) = self.workspace(workspace) else { return false };
        let lower = text.to_lowercase().replace('’', "'");
        let is_no = |said: &domain::signal::SaidConsent| said.purpose == "recording" && said.state == ConsentState::Withdrawn;
        ASKED.iter().any(|words| lower.contains(words))
            || understand(text, &Reading::alone(&settings, self.clock.now())).consents.iter().any(is_no)
    }

    /// Was it taken down since this call began, by whatever read it, that the caller does not want to be recorded?
    pub async fn has_objected_to_recording(&self, workspace: &WorkspaceId, call: &Call) -> Stored<bool> {
        let Some((_, customer)) = self.store.call_by_id(workspace, call.id).await? else { return Ok(false) };
        let Some(record) = self.store.customer(workspace, customer).await? else { return Ok(false) };
        let newest = record
            .consents
            .iter()
            .filter(|consent| consent.purpose == "recording" && consent.at >= call.at)
            .max_by_key(|consent| consent.at);
        Ok(newest.is_some_and(|consent| consent.state == ConsentState::Withdrawn))
    }

    /// The caller does not want to be recorded any more: the recording that runs is deleted, and these words are in the
    /// ledger. The record of the call from now on.
    pub async fn stop_recording(&self, workspace: &WorkspaceId, call: &Call, wording: &str) -> Stored<CallAbout> {
        let about = CallAbout { recording: None, recorded_from: None, ..call.about.clone() };
        let consent = self.recording_consent(call, ConsentState::Withdrawn, wording);
        let stopped = RecordingStopped { call: call.id, about: about.clone(), consent };
        self.store.stop_recording(workspace, stopped).await?;
        Ok(about)
    }
}
