//! Vectors of what was said on a strand: made by a job, kept sealed by the store, compared with a question in a turn.

use std::collections::HashMap;
use std::sync::Arc;

use domain::ports::{Meaning, Posted};

use super::block::Outdated;
use super::shelf::Shelved;
use domain::StrandId;

/// Messages whose vectors are made and kept together. What is newer than the last of them stands in the history of a
/// turn anyway.
pub const TOGETHER: usize = 32;

/// Counted up whenever vectors are written in another way.
const FORM: u8 = 1;

/// Vectors of some messages, each in steps of a 127th of its largest number: a direction is all that is compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vectors {
    ids: Vec<u128>,
    width: usize,
    steps: Vec<i8>,
}

impl Vectors {
    /// Of these messages; all of one length, as an `Embedder` gives them.
    pub fn of(ids: &[u128], vectors: &[Vec<f32>]) -> Self {
        let width = vectors.first().map_or(0, Vec::len);
        let mut steps = Vec::with_capacity(width * vectors.len());
        for vector in vectors {
            let largest = vector.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
            steps.extend(vector.iter().map(|value| (value / largest * f32::from(i8::MAX)).round() as i8));
        }
        Self { ids: ids.to_vec(), width, steps }
    }

    /// How near each message is to a question, -1..1, put into `near`; those that say nothing are left out.
    pub fn compare(&self, question: &[f32], near: &mut HashMap<u128, f32>) {
        let asked = length(question.iter().copied());
        if self.width == 0 || self.width != question.len() || asked == 0.0 {
            return;
        }
        for (id, steps) in self.ids.iter().zip(self.steps.chunks_exact(self.width)) {
            let said = length(steps.iter().map(|step| f32::from(*step)));
            if said > 0.0 {
                let dot: f32 = steps.iter().zip(question).map(|(step, value)| f32::from(*step) * value).sum();
                near.insert(*id, dot / (said * asked));
            }
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORM];
        bytes.extend((self.ids.len() as u32).to_le_bytes());
        bytes.extend((self.width as u32).to_le_bytes());
        bytes.extend(self.ids.iter().flat_map(|id| id.to_le_bytes()));
        bytes.extend(self.steps.iter().map(|step| step.cast_unsigned()));
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Outdated> {
        let (form, bytes) = bytes.split_first().ok_or(Outdated)?;
        let (count, bytes) = bytes.split_first_chunk::<4>().ok_or(Outdated)?;
        let (width, bytes) = bytes.split_first_chunk::<4>().ok_or(Outdated)?;
        let (count, width) = (u32::from_le_bytes(*count) as usize, u32::from_le_bytes(*width) as usize);
        let wanted = count.checked_mul(width).and_then(|steps| steps.checked_add(count.checked_mul(16)?)).ok_or(Outdated)?;
        if *form != FORM || bytes.len() != wanted {
            return Err(Outdated);
        }
        let (ids, steps) = bytes.split_at(count * 16);
        let ids = ids.as_chunks::<16>().0.iter().map(|id| u128::from_le_bytes(*id)).collect();
        Ok(Self { ids, width, steps: steps.iter().map(|step| step.cast_signed()).collect() })
    }
}

fn length(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|value| value * value).sum::<f32>().sqrt()
}

/// The vectors of these messages, to be kept up to the last one's place.
pub fn meaning(last_seq: i64, ids: &[u128], vectors: &[Vec<f32>]) -> Meaning {
    Meaning { last_seq, messages: ids.len() as u32, vectors: Vectors::of(ids, vectors).to_bytes() }
}

/// What has been read of a strand's vectors.
#[derive(Debug, Clone)]
pub struct Meanings {
    strand: StrandId,
    version: i64,
    /// Everything up to this place in the order has its vector.
    pub reach: i64,
    parts: Vec<Arc<Vectors>>,
}

impl Meanings {
    /// Nothing has been read yet.
    pub fn new(posted: Posted) -> Self {
        Self { strand: posted.strand, version: posted.version, reach: 0, parts: Vec::new() }
    }

    /// Takes in what the store keeps, in order.
    pub fn keep(&mut self, kept: &[Meaning]) -> Result<(), Outdated> {
        for meaning in kept {
            self.parts.push(Arc::new(Vectors::from_bytes(&meaning.vectors)?));
            self.reach = meaning.last_seq;
        }
        Ok(())
    }

    /// How near each message is to a question, put into `near`.
    pub fn compare(&self, question: &[f32], near: &mut HashMap<u128, f32>) {
        self.parts.iter().for_each(|part| part.compare(question, near));
    }
}

impl Shelved for Meanings {
    fn strand(&self) -> StrandId {
        self.strand
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn weight(&self) -> usize {
        self.parts.iter().map(|part| part.steps.len() + part.ids.len() * 16 + 64).sum::<usize>() + 128
    }
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn posted() -> Posted {
        Posted { strand: StrandId::new(Timestamp::from_secs(1), 1), to: 0, version: 3 }
    }

    #[test]
    fn vectors_are_read_as_they_were_written_and_keep_their_directions() {
        let said = [vec![0.9, 0.1, 0.0], vec![0.0, 0.2, 0.7], vec![0.0, 0.0, 0.0]];
        let mut meanings = Meanings::new(posted());
        assert_eq!(meanings.keep(&[meaning(7, &[1, 2], &said[..2]), meaning(9, &[3], &said[2..])]), Ok(()));
        assert_eq!(meanings.reach, 9);
        let mut near = HashMap::new();
        meanings.compare(&[1.0, 0.0, 0.0], &mut near);
        assert!(near[&1] > 0.98 && near[&2].abs() < 0.01, "{near:?}");
        assert!(!near.contains_key(&3), "what says nothing is near to nothing");
        let mut other = HashMap::new();
        meanings.compare(&[1.0, 0.0], &mut other);
        assert!(other.is_empty(), "a vector of another length is not comparable");
    }

    #[test]
    fn damaged_vectors_are_refused() {
        let bytes = meaning(7, &[1, 2], &[vec![0.9, 0.1], vec![0.3, 0.4]]).vectors;
        for cut in 0..bytes.len() {
            assert_eq!(Vectors::from_bytes(&bytes[..cut]), Err(Outdated), "cut at {cut}");
        }
        for at in 0..9 {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            assert_eq!(Vectors::from_bytes(&changed), Err(Outdated), "changed at {at}");
        }
    }
}
