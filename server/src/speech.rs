//! Who listens and speaks on the calls of a number.

use anyhow::Context;
use domain::settings::ConnectionSettings;
use providers::speech::{SpeechSettings, open_stt, open_tts};

use crate::config::{WorkspaceConfiguration, speech_named};
use crate::voice::sound::Speech;

/// Opens the speech of a number, in fallback order; nothing is connected before somebody calls. `None`: the vendor listens
/// and speaks.
pub fn of(workspace: &WorkspaceConfiguration, door: &ConnectionSettings, http: &reqwest::Client) -> anyhow::Result<Option<Speech>> {
    let named = |key: &str| -> anyhow::Result<Vec<&SpeechSettings>> {
        let find = |id: String| workspace.speech.iter().find(|speech| speech.id == id).context("a number names unknown speech");
        speech_named(door, key).into_iter().map(find).collect()
    };
    let hears: Vec<_> = named("hears")?.into_iter().map(|settings| open_stt(settings, http)).collect::<Result<_, _>>()?;
    let speaks: Vec<_> = named("speaks")?.into_iter().map(|settings| open_tts(settings, http)).collect::<Result<_, _>>()?;
    Ok((!hears.is_empty() && !speaks.is_empty()).then_some(Speech { hears, speaks }))
}
