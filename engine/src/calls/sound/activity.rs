//! Does somebody speak? By loudness against the room that the line brings along; no model is asked.

use std::collections::VecDeque;
use std::time::Duration;

use domain::ports::{FRAME, SAMPLES_A_SECOND};

/// How long a frame lasts.
pub const FRAME_LASTS: Duration = Duration::from_millis((FRAME * 1_000 / SAMPLES_A_SECOND) as u64);
/// Louder than the room by so much is speech, in decibels.
const ABOVE_ROOM: f32 = 8.0;
/// Whatever is softer than this is none, in decibels below the loudest.
const SOFTEST: f32 = -50.0;
/// The room is the softest of so many frames: people breathe within three seconds.
const ROOM: usize = 150;
/// Of the last frames so many must be loud before it counts as speech: clicks are shorter.
const ONSET: (u32, u32) = (3, 4);

/// How loud a frame is, in decibels below the loudest.
fn loudness(frame: &[i16]) -> f32 {
    if frame.is_empty() {
        return -96.0;
    }
    let mean = frame.iter().map(|sample| f32::from(*sample)).sum::<f32>() / frame.len() as f32;
    // A line may be off centre, which nobody hears.
    let power = frame.iter().map(|sample| (f32::from(*sample) - mean).powi(2)).sum::<f32>() / frame.len() as f32;
    10.0 * (power / (32_768.0 * 32_768.0)).max(1e-10).log10()
}

/// See the module. Time is counted in frames, so that a line that stutters does not end anybody's sentence.
#[derive(Debug, Default)]
pub struct Activity {
    room: VecDeque<f32>,
    /// The last frames, the newest lowest: loud or not.
    loud: u32,
    speaks: bool,
    /// Frames since it began, silence within it included.
    spoken: u32,
    /// Loud frames among them.
    voiced: u32,
    /// Frames since the last loud one.
    silent: u32,
}

impl Activity {
    /// Takes a frame.
    pub fn hear(&mut self, frame: &[i16]) {
        let loudness = loudness(frame);
        self.room.push_back(loudness);
        if self.room.len() > ROOM {
            self.room.pop_front();
        }
        let room = self.room.iter().copied().fold(f32::INFINITY, f32::min);
        let is_loud = loudness > SOFTEST.max(room + ABOVE_ROOM);
        self.loud = self.loud << 1 | u32::from(is_loud);
        self.silent = if is_loud { 0 } else { self.silent.saturating_add(1) };
        let (wanted, among) = ONSET;
        if self.speaks {
            self.spoken = self.spoken.saturating_add(1);
            self.voiced = self.voiced.saturating_add(u32::from(is_loud));
        } else if (self.loud & ((1 << among) - 1)).count_ones() >= wanted {
            self.speaks = true;
            self.spoken = among;
            self.voiced = wanted;
        }
    }

    /// Has somebody begun to speak since [`Self::forget`]?
    pub fn speaks(&self) -> bool {
        self.speaks
    }

    /// For how long, breaths included.
    pub fn spoken(&self) -> Duration {
        if self.speaks { FRAME_LASTS * self.spoken } else { Duration::ZERO }
    }

    /// For how long without the breaths: what lasts for less than a word is a noise.
    pub fn voiced(&self) -> Duration {
        if self.speaks { FRAME_LASTS * self.voiced } else { Duration::ZERO }
    }

    /// How long nothing has been heard.
    pub fn silent(&self) -> Duration {
        FRAME_LASTS * self.silent
    }

    /// What was said is dealt with.
    pub fn forget(&mut self) {
        self.speaks = false;
        self.spoken = 0;
        self.voiced = 0;
        self.loud = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone, and noise that is the same at each run.
    fn frame(tone: f32, noise: f32, seed: &mut u32) -> Vec<i16> {
        (0..FRAME)
            .map(|place| {
                *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let random = (*seed >> 16) as f32 / 32_768.0 - 1.0;
                ((place as f32 * 0.7).sin() * tone + random * noise) as i16
            })
            .collect()
    }

    fn heard(parts: &[(u32, f32, f32)]) -> Activity {
        let (mut activity, mut seed) = (Activity::default(), 7);
        for (frames, tone, noise) in parts {
            for _ in 0..*frames {
                activity.hear(&frame(*tone, *noise, &mut seed));
            }
        }
        activity
    }

    #[test]
    fn speech_is_told_from_the_room() {
        assert!(!heard(&[(200, 0.0, 0.0)]).speaks(), "nothing");
        assert!(!heard(&[(200, 0.0, 300.0)]).speaks(), "a noisy room");
        assert!(heard(&[(50, 0.0, 300.0), (5, 6_000.0, 300.0)]).speaks(), "in a noisy room");
        assert!(heard(&[(10, 0.0, 2.0), (4, 1_000.0, 2.0)]).speaks(), "softly");
        assert!(!heard(&[(10, 0.0, 2.0), (1, 20_000.0, 2.0), (20, 0.0, 2.0)]).speaks(), "a click");
    }

    #[test]
    fn it_is_known_for_how_long_somebody_speaks_and_how_long_they_do_not() {
        let activity = heard(&[(20, 0.0, 5.0), (30, 5_000.0, 5.0), (15, 0.0, 5.0)]);
        assert!(activity.speaks());
        assert_eq!(activity.silent(), Duration::from_millis(300));
        assert!(activity.spoken() >= Duration::from_millis(880), "{:?}", activity.spoken());
        let mut activity = activity;
        activity.forget();
        assert!(!activity.speaks() && activity.spoken().is_zero());
    }
}
