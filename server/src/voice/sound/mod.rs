//! A call whose sound comes here: what listens, what speaks, and the line, joined by the pipeline that takes the turns.

mod ears;
mod stream;
mod tape;
mod voice;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::call::{CallIn, CallOut};
use domain::ports::{Listening, Stt, Tts};
use domain::{AttachmentId, MonotonicTime, Timestamp, WorkspaceId};
use engine::calls::recording::{Recorder, is_secret};
use engine::calls::sound::{Act, Given, Pipeline, Sensed};

use self::ears::{Ears, Heard};
pub(super) use self::stream::handle;
use self::tape::{Reel, Tape};
use self::voice::{Spoken, Voice};
use super::switchboard::Sounding;
use super::wire::{Ended, Wire};
use crate::app::App;

/// A line that says nothing by itself is looked at so often.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Who listens and speaks on the calls of a number, in fallback order.
pub struct Speech {
    /// Listen.
    pub hears: Vec<Arc<dyn Stt>>,
    /// Speak.
    pub speaks: Vec<Arc<dyn Tts>>,
}

/// What a line of sound brings.
pub(super) enum Brought {
    /// Frames of the caller's voice.
    Frames(Vec<Vec<i16>>),
    /// A key.
    Key(char),
    /// Everything before this mark has been played, or dropped.
    Mark(u64),
    /// Nothing of interest.
    Nothing,
}

/// A line of sound. Whatever carries it, it plays what it gets in its order and says how far it has come.
#[async_trait]
pub(super) trait Line: Send {
    /// What comes next. Nothing is lost when the waiting is given up.
    async fn next(&mut self) -> Result<Brought, Ended>;

    /// Plays it after what it got before. Never waits; a line that takes nothing any more is over.
    fn give(&mut self, given: Given) -> Result<(), Ended>;

    /// Drops what has not been played, wherever it is.
    fn clear(&mut self) -> Result<(), Ended>;

    /// Plays softly, where it can.
    fn duck(&mut self, _is_wanted: bool) {}

    /// Closes it.
    async fn close(&mut self, ended: Ended);
}

/// See the module.
pub(super) struct Sound<L> {
    app: App,
    line: L,
    pipeline: Pipeline,
    ears: Ears,
    voice: Voice,
    told: VecDeque<CallIn>,
    /// Everything is said: our note.
    over: Option<String>,
    is_mute: bool,
    ears_took: Option<Duration>,
    voice_took: Option<Duration>,
    /// A voice was given words then, and no sound of them has come yet.
    asked_at: Option<MonotonicTime>,
    /// Where both sides are recorded.
    tape: Option<Tape>,
    /// Who listens in, and what they may hear by now.
    sounding: Option<Sounding>,
    overheard: Recorder,
}

impl<L: Line> Sound<L> {
    pub(super) fn new(app: App, line: L, speech: &Speech, how: Listening) -> Self {
        let voice = Voice::open(speech.speaks.clone(), how.language.clone());
        let ears = Ears::open(speech.hears.clone(), how);
        let (pipeline, told) = (Pipeline::default(), VecDeque::new());
        Self {
            app,
            line,
            pipeline,
            ears,
            voice,
            told,
            over: None,
            is_mute: false,
            ears_took: None,
            voice_took: None,
            asked_at: None,
            tape: None,
            sounding: None,
            overheard: Recorder::default(),
        }
    }

    /// The line itself, for what only it can do.
    pub(super) fn line(&mut self) -> &mut L {
        &mut self.line
    }

    /// Waits until everything that is being said has been heard.
    pub(super) async fn settle(&mut self) -> Result<(), Ended> {
        while self.pipeline.is_speaking() && !self.is_mute {
            self.step().await?;
        }
        self.told.clear();
        Ok(())
    }

    /// Does nobody speak here?
    pub(super) fn is_mute(&self) -> bool {
        self.is_mute
    }

    /// Others speak from now on; what was not said before is not said any more.
    pub(super) fn speaks_by(&mut self, speaks: Vec<Arc<dyn Tts>>, language: &str) {
        self.voice = Voice::open(speaks, language.to_owned());
        self.pipeline = Pipeline::default();
        self.is_mute = false;
        self.again();
    }

    /// After our part was over it begins once more.
    pub(super) fn again(&mut self) {
        self.over = None;
        self.told.clear();
    }

    /// What happens next is taken to the pipeline.
    async fn step(&mut self) -> Result<(), Ended> {
        let sleep = self.pipeline.wakes_in(self.app.steady()).unwrap_or(LONGEST_SLEEP);
        let sensed = tokio::select! {
            // Ears first: what was understood is older than what is heard now.
            biased;
            heard = self.ears.next() => match heard {
                Heard::Words(what) => vec![Sensed::Recognised(what)],
                Heard::Deaf => vec![Sensed::Deaf],
            },
            brought = self.line.next() => match brought? {
                Brought::Frames(frames) => frames.into_iter().map(Sensed::Frame).collect(),
                Brought::Key(key) => vec![Sensed::Key(key)],
                Brought::Mark(mark) => vec![Sensed::Played(mark)],
                Brought::Nothing => Vec::new(),
            },
            spoken = self.voice.next() => vec![match spoken {
                Spoken::Voiced(piece, what) => Sensed::Voiced { piece, what },
                Spoken::Done(piece) => Sensed::VoiceDone(piece),
                Spoken::Failed(piece) => Sensed::VoiceFailed(piece),
            }],
            () = tokio::time::sleep(sleep) => vec![Sensed::Tick],
        };
        sensed.into_iter().try_for_each(|sensed| self.sense(sensed))
    }

    fn sense(&mut self, sensed: Sensed) -> Result<(), Ended> {
        let now = self.app.steady();
        match &sensed {
            Sensed::Frame(frame) => {
                let ripe = self.overheard.heard(frame);
                self.tell_listeners(&ripe);
            }
            Sensed::Key(_) => self.overheard.key(),
            _ => {}
        }
        if let Some(tape) = &mut self.tape {
            match &sensed {
                Sensed::Frame(frame) => tape.heard(frame),
                Sensed::Key(_) => tape.key(),
                _ => {}
            }
        }
        for act in self.pipeline.on(sensed, now) {
            match act {
                Act::Tell(told) => {
                    if let CallIn::Prompt { is_final: true, .. } = told {
                        self.ears_took = Some(self.pipeline.silence());
                    }
                    self.keep_what_was_understood(&told);
                    self.told.push_back(told);
                }
                Act::Listen(frame) => self.ears.hear(frame),
                Act::Begin => {
                    self.overheard.begins();
                    if let Some(tape) = &mut self.tape {
                        tape.begins();
                    }
                    self.ears.begin();
                }
                Act::Finish => self.ears.finish(),
                Act::Speak { piece, text } => {
                    self.asked_at.get_or_insert(now);
                    if !self.voice.speak(piece, text) {
                        self.is_mute = true;
                    }
                }
                Act::Hush => {
                    self.asked_at = None;
                    self.voice.hush();
                }
                Act::Give(given) => {
                    if let Some(asked_at) = self.asked_at.take() {
                        self.voice_took.get_or_insert(now.since(asked_at));
                    }
                    if let Given::Frame(frame) = &given {
                        self.overheard.given(frame);
                        if let Some(tape) = &mut self.tape {
                            tape.given(frame);
                        }
                    }
                    self.line.give(given)?;
                }
                Act::Clear => {
                    self.overheard.cleared();
                    if let Some(tape) = &mut self.tape {
                        tape.cleared();
                    }
                    self.line.clear()?;
                }
                Act::Duck(is_wanted) => self.line.duck(is_wanted),
                Act::Language(language) => self.voice.language(language),
                Act::Mute => self.is_mute = true,
                Act::Over(note) => self.over = Some(note),
            }
        }
        Ok(())
    }

    /// Both sides for whoever listens in, as much of them as may be heard by now.
    fn tell_listeners(&self, pairs: &[[Vec<i16>; 2]]) {
        let Some(sounding) = self.sounding.as_ref().filter(|sounding| sounding.is_heard() && !pairs.is_empty()) else { return };
        let samples = pairs.iter().flat_map(|[theirs, ours]| theirs.iter().zip(ours).map(|(theirs, ours)| [*theirs, *ours]));
        sounding.sounds(samples.collect());
    }

    /// What was said may be kept, and heard by others, once it is known what it was.
    fn keep_what_was_understood(&mut self, told: &CallIn) {
        let ripe = match told {
            CallIn::Prompt { text, is_final: true, .. } => self.overheard.understood(is_secret(text)),
            CallIn::Prompt { text, is_final: false, .. } => self.overheard.so_far(text),
            CallIn::Unclear | CallIn::Deaf => self.overheard.understood(true),
            _ => return,
        };
        self.tell_listeners(&ripe);
        let Some(tape) = &mut self.tape else { return };
        match told {
            CallIn::Prompt { text, is_final: true, .. } => tape.understood(is_secret(text)),
            CallIn::Unclear | CallIn::Deaf => tape.understood(true),
            _ => {}
        }
    }

    fn put_on(&mut self, workspace: &WorkspaceId, file: AttachmentId, from: Option<Timestamp>) {
        let taping = self.sounding.as_ref().map(Sounding::taping).unwrap_or_default();
        let reel = Reel { workspace: workspace.clone(), file, from, taping };
        self.tape.get_or_insert_with(|| Tape::start(&self.app, reel));
    }
}

#[async_trait]
impl<L: Line> Wire for Sound<L> {
    async fn next(&mut self) -> Result<Option<CallIn>, Ended> {
        loop {
            if let Some(told) = self.told.pop_front() {
                return Ok(Some(told));
            }
            if self.is_mute {
                return Err(Ended::Mute);
            }
            self.step().await?;
        }
    }

    async fn send(&mut self, out: &CallOut) -> Result<(), Ended> {
        self.sense(Sensed::Out(out.clone()))
    }

    fn ears_took(&self) -> Option<Duration> {
        self.ears_took
    }

    fn voice_took(&mut self) -> Option<Duration> {
        self.voice_took.take()
    }

    fn may_be_overheard(&mut self, sounding: Option<Sounding>) {
        self.sounding = sounding;
    }

    fn record(&mut self, workspace: &WorkspaceId, file: AttachmentId) {
        self.put_on(workspace, file, None);
    }

    fn record_no_more(&mut self) {
        if let Some(tape) = self.tape.take() {
            tape.drop_all();
        }
    }

    fn record_further(&mut self, workspace: &WorkspaceId, file: AttachmentId, from: Timestamp) {
        self.put_on(workspace, file, Some(from));
    }

    async fn greet(&mut self, text: &str) -> Result<(), Ended> {
        self.send(&CallOut::Say { text: text.to_owned(), last: true, interruptible: true, language: None }).await
    }

    async fn close(&mut self, ended: Ended) {
        let mut ended = ended;
        if matches!(ended, Ended::Over) {
            // The pipeline says when the last words have been heard, or gives up waiting for that.
            while self.over.is_none() && !self.is_mute {
                if let Err(broken) = self.step().await {
                    ended = broken;
                    break;
                }
                self.told.clear();
            }
        }
        if let Some(tape) = self.tape.take() {
            tape.end().await;
        }
        self.line.close(ended).await;
    }
}
