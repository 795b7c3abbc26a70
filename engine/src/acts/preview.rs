//! How a question would be answered on a door to somebody who writes for the first time.

use domain::knowledge::Question;
use domain::settings::WorkspaceSettings;

use crate::reasoning::builtin::{answer, understand};
use crate::rendering::manner;
use crate::rendering::phrases::Phrases;
use crate::rendering::plan::{self, Draft, Plan};
use crate::{Engine, OpenDoor};

impl Engine {
    /// By the built-in engine, in the manner of these settings. Nothing is written or sent.
    pub fn preview(&self, settings: &WorkspaceSettings, door: &OpenDoor, question: &str) -> Plan {
        let language =
            understand::language_of(question, Some(&settings.locale)).map_or_else(|| settings.locale.clone(), |found| found.code);
        let (channel, words) = (door.settings.channel, Phrases::new(&language));
        let search = |question: &Question, limit: usize| self.knowledge.search(&settings.id, question, limit);
        let names = self.knowledge.names(&settings.id);
        let found = answer::answer(&Question { text: question.to_owned(), language, ..Question::default() }, &search, &names);
        let mut parts = vec![manner::opening(settings, channel, "greeting.new", "", &words)];
        match &found.text {
            Some(text) => {
                parts.extend(manner::before_answers(settings, channel, 0.0, &words));
                parts.push(manner::answer(settings, channel, text).into_owned());
            }
            None => parts.push(words.say("answer.unknown")),
        }
        let draft = manner::dressed(&Draft { parts, ..Draft::default() }, settings, channel, &words);
        plan::plan(&draft, door.channel.capabilities(), &words)
    }
}
