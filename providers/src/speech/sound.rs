//! Sound between the telephone's rate and others: WAV files, bytes, and another number of samples a second.

use domain::ports::{SAMPLES_A_SECOND, SpeechError};

/// A WAV file of 16 bits, one channel.
pub fn wav(samples: &[i16], rate: u32) -> Vec<u8> {
    let bytes = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let mut out = Vec::with_capacity(44 + samples.len() * 2);
    out.extend_from_slice(b"RIFF");
    out.extend_from_slice(&bytes.saturating_add(36).to_le_bytes());
    out.extend_from_slice(b"WAVEfmt ");
    out.extend_from_slice(&16_u32.to_le_bytes());
    out.extend_from_slice(&[1, 0, 1, 0]);
    out.extend_from_slice(&rate.to_le_bytes());
    out.extend_from_slice(&(rate * 2).to_le_bytes());
    out.extend_from_slice(&[2, 0, 16, 0]);
    out.extend_from_slice(b"data");
    out.extend_from_slice(&bytes.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// Reads the head of a WAV file while it comes in.
#[derive(Debug, Default)]
pub struct WavHead {
    bytes: Vec<u8>,
}

impl WavHead {
    /// Longest head that is read.
    const LONGEST: usize = 4_096;

    /// Takes bytes; once the sound begins: its rate, and the first bytes of it. 16 bits and one channel only.
    pub fn take(&mut self, piece: &[u8]) -> Result<Option<(u32, Vec<u8>)>, SpeechError> {
        self.bytes.extend_from_slice(piece);
        let garbage = |why: &str| SpeechError::Garbage(why.to_owned());
        let four = |at: usize| self.bytes.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
        let two = |at: usize| self.bytes.get(at..at + 2).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok()).map(u16::from_le_bytes);
        if self.bytes.len() >= 12 && (&self.bytes[..4] != b"RIFF" || &self.bytes[8..12] != b"WAVE") {
            return Err(garbage("it is no WAV file"));
        }
        let (mut at, mut rate) = (12, None);
        while let (Some(name), Some(length)) = (four(at), four(at + 4)) {
            if &name == b"data" {
                let rate = rate.ok_or_else(|| garbage("a WAV file without a format"))?;
                return Ok(Some((rate, self.bytes.split_off(at + 8))));
            }
            if &name == b"fmt " {
                let (Some(format), Some(channels), Some(written), Some(bits)) = (two(at + 8), two(at + 10), four(at + 12), two(at + 22))
                else {
                    return Ok(None);
                };
                if !matches!(format, 1 | 0xfffe) || channels != 1 || bits != 16 {
                    return Err(garbage("a WAV file that is not 16 bits and one channel"));
                }
                rate = Some(u32::from_le_bytes(written));
            }
            let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
            at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
            if at > Self::LONGEST {
                return Err(garbage("a WAV file whose head does not end"));
            }
        }
        if self.bytes.len() > Self::LONGEST { Err(garbage("a WAV file whose head does not end")) } else { Ok(None) }
    }
}

/// Bytes of 16 bits, which may come in halves.
#[derive(Debug, Default)]
pub struct Samples {
    half: Option<u8>,
}

impl Samples {
    /// Takes bytes.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<i16> {
        let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
        for byte in bytes {
            match self.half.take() {
                Some(low) => samples.push(i16::from_le_bytes([low, *byte])),
                None => self.half = Some(*byte),
            }
        }
        samples
    }
}

/// Samples on each side that a new one is made of, at the lower of the two rates.
const REACH: f64 = 8.0;

/// Brings sound to the telephone's rate, piece by piece: every new sample is a sum of its neighbours, weighed by a sinc
/// under a window, which also takes away what the lower rate cannot carry.
#[derive(Debug)]
pub struct Resampler {
    step: f64,
    cut: f64,
    /// Where in `kept` the next sample stands.
    at: f64,
    kept: Vec<i16>,
}

impl Resampler {
    /// From this rate. What is no rate of sound is refused.
    pub fn from(rate: u32) -> Result<Self, SpeechError> {
        if !(4_000..=192_000).contains(&rate) {
            return Err(SpeechError::Garbage(format!("{rate} samples a second")));
        }
        let step = f64::from(rate) / SAMPLES_A_SECOND as f64;
        Ok(Self { step, cut: (1.0 / step).min(1.0) * 0.95, at: 0.0, kept: Vec::new() })
    }

    fn reach(&self) -> f64 {
        REACH * self.step.max(1.0)
    }

    /// Takes sound; what can be said of it by now.
    pub fn take(&mut self, samples: &[i16]) -> Vec<i16> {
        if (self.step - 1.0).abs() < f64::EPSILON {
            return samples.to_vec();
        }
        self.kept.extend_from_slice(samples);
        let reach = self.reach();
        let mut out = Vec::with_capacity((samples.len() as f64 / self.step) as usize + 1);
        while self.at + reach < self.kept.len() as f64 {
            out.push(self.sample());
            self.at += self.step;
        }
        let past = ((self.at - reach).floor().max(0.0)) as usize;
        self.kept.drain(..past.min(self.kept.len()));
        self.at -= past as f64;
        out
    }

    /// Nothing follows: the rest.
    pub fn end(&mut self) -> Vec<i16> {
        let silence = vec![0; self.reach() as usize + 1];
        if (self.step - 1.0).abs() < f64::EPSILON { Vec::new() } else { self.take(&silence) }
    }

    fn sample(&self) -> i16 {
        let reach = self.reach();
        let first = (self.at - reach).ceil().max(0.0) as usize;
        let last = ((self.at + reach).floor() as usize).min(self.kept.len().saturating_sub(1));
        let mut sum = 0.0;
        for (place, sample) in self.kept.iter().enumerate().take(last + 1).skip(first) {
            let distance = place as f64 - self.at;
            let turn = std::f64::consts::PI * distance * self.cut;
            let sinc = if turn.abs() < 1e-9 { 1.0 } else { turn.sin() / turn };
            let window = 0.5 + 0.5 * (std::f64::consts::PI * distance / reach).cos();
            sum += f64::from(*sample) * sinc * window * self.cut;
        }
        sum.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f64, rate: u32, milliseconds: u32) -> Vec<i16> {
        (0..rate * milliseconds / 1_000)
            .map(|place| (10_000.0 * (2.0 * std::f64::consts::PI * hertz * f64::from(place) / f64::from(rate)).sin()) as i16)
            .collect()
    }

    fn loudness(samples: &[i16]) -> f64 {
        (samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    #[test]
    fn a_tone_keeps_its_pitch_its_loudness_and_its_length() {
        for rate in [8_000, 16_000, 22_050, 24_000, 48_000] {
            let mut resampler = Resampler::from(rate).expect("a rate");
            let mut out: Vec<i16> = tone(440.0, rate, 1_000).chunks(777).flat_map(|piece| resampler.take(piece)).collect();
            out.extend(resampler.end());
            assert!((7_980..=8_020).contains(&out.len()), "{rate}: {}", out.len());
            let middle = &out[1_000..7_000];
            let crossings = middle.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
            assert!((328..=332).contains(&crossings), "{rate}: {crossings}");
            let found = loudness(middle);
            assert!((6_700.0..7_400.0).contains(&found), "{rate}: {found}");
        }
    }

    #[test]
    fn what_a_telephone_cannot_carry_does_not_come_back_as_another_tone() {
        let mut resampler = Resampler::from(24_000).expect("a rate");
        let out = resampler.take(&tone(6_000.0, 24_000, 500));
        assert!(loudness(&out[200..]) < 300.0, "{}", loudness(&out[200..]));
        assert!(Resampler::from(0).is_err() && Resampler::from(u32::MAX).is_err());
    }

    #[test]
    fn a_wav_file_is_read_however_it_comes() {
        let samples: Vec<i16> = (0..500).collect();
        let file = wav(&samples, 16_000);
        for size in [1, 7, 44, 1_000] {
            let (mut head, mut rest, mut read, mut rate) = (WavHead::default(), Samples::default(), Vec::new(), None);
            for piece in file.chunks(size) {
                if rate.is_some() {
                    read.extend(rest.take(piece));
                } else if let Some((found, begin)) = head.take(piece).expect("a head") {
                    rate = Some(found);
                    read.extend(rest.take(&begin));
                }
            }
            assert_eq!((rate, &read), (Some(16_000), &samples), "{size}");
        }
    }

    #[test]
    fn what_is_no_sound_of_ours_is_refused() {
        let mut stereo = wav(&[1, 2], 8_000);
        stereo[22] = 2;
        let mut endless = wav(&[], 8_000);
        endless.truncate(36);
        endless.extend_from_slice(b"LIST\xff\xff\xff\x7f");
        for file in [b"<html>an error page</html>".to_vec(), stereo, endless, vec![0; 5_000]] {
            assert!(WavHead::default().take(&file).is_err());
        }
    }
}
