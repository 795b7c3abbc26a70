//! What this machine can do at best, measured without any of the server's own code.

mod database;
mod web;

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use rehearsal::bench::Histogram;
use ring::{aead, hmac};
use serde::Serialize;

/// How long each limit is measured for.
const LENGTH: Duration = Duration::from_millis(400);

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// What was done.
    pub what: &'static str,
    /// Middle time, microseconds.
    pub p50_us: f64,
    /// 99 of 100 are below, microseconds.
    pub p99_us: f64,
    /// Per second, one thread.
    pub per_second: f64,
}

/// Measures all of them; files are made in `folder`.
pub async fn all(folder: &Path) -> anyhow::Result<Vec<Limit>> {
    Ok(vec![
        fsync(folder)?,
        mac(),
        seal("aead-256", "AES-256-GCM seal and open, 256 B", 256)?,
        seal("aead-4k", "AES-256-GCM seal and open, 4 KiB", 4_096)?,
        database::row(folder)?,
        database::group(folder)?,
        database::answered(folder)?,
        web::http().await?,
        web::intake(folder).await?,
    ])
}

/// Appends 4 KiB and waits until the disk has it.
fn fsync(folder: &Path) -> anyhow::Result<Limit> {
    let path = folder.join("limit.fsync");
    let mut file = std::fs::File::create(&path).with_context(|| format!("cannot write in {}", folder.display()))?;
    let block = [7_u8; 4_096];
    let limit = repeat("fsync", "4 KiB append and fdatasync", 1, || {
        file.write_all(&block)?;
        file.sync_data()
    })?;
    std::fs::remove_file(&path)?;
    Ok(limit)
}

fn mac() -> Limit {
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key of thirty-two characters..");
    let body = [42_u8; 1_024];
    let tag = hmac::sign(&key, &body);
    repeat::<ring::error::Unspecified>("hmac", "SHA-256 HMAC verification, 1 KiB", 64, || {
        hmac::verify(&key, std::hint::black_box(&body), tag.as_ref())
    })
    .expect("the tag was made with this key")
}

fn seal(name: &'static str, what: &'static str, size: usize) -> anyhow::Result<Limit> {
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, &[9; 32]).ok().context("32 bytes are a key")?;
    let key = aead::LessSafeKey::new(key);
    let mut buffer = Vec::with_capacity(size + 16);
    let measured = repeat::<ring::error::Unspecified>(name, what, 64, || {
        buffer.clear();
        buffer.resize(size, 1);
        key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key([3; 12]), aead::Aad::empty(), &mut buffer)?;
        key.open_in_place(aead::Nonce::assume_unique_for_key([3; 12]), aead::Aad::empty(), std::hint::black_box(&mut buffer))?;
        Ok(())
    });
    measured.ok().context("what was sealed opens")
}

/// Does it again and again; `batch` at a time where the clock is too coarse for one.
fn repeat<E>(name: &'static str, what: &'static str, batch: u32, mut once: impl FnMut() -> Result<(), E>) -> Result<Limit, E> {
    let mut taken = Vec::new();
    let start = Instant::now();
    while start.elapsed() < LENGTH {
        let round = Instant::now();
        for _ in 0..batch {
            once()?;
        }
        taken.push(round.elapsed().as_secs_f64() * 1e6 / f64::from(batch));
    }
    taken.sort_by(f64::total_cmp);
    let at = |share: f64| taken.get(((taken.len() as f64 * share) as usize).min(taken.len().saturating_sub(1))).copied().unwrap_or(0.0);
    let mean = taken.iter().sum::<f64>() / taken.len().max(1) as f64;
    Ok(Limit { name, what, p50_us: at(0.5), p99_us: at(0.99), per_second: if mean > 0.0 { 1e6 / mean } else { 0.0 } })
}

/// A limit from durations of so many in parallel.
fn counted(name: &'static str, what: &'static str, counts: &Histogram, took: Duration) -> Limit {
    let per_second = counts.count() as f64 / took.as_secs_f64().max(1e-9);
    Limit { name, what, p50_us: counts.at_ms(0.5) * 1e3, p99_us: counts.at_ms(0.99) * 1e3, per_second }
}

/// A limit's middle time from a histogram, for tables.
pub fn milliseconds(counts: &Histogram) -> [f64; 4] {
    [counts.at_ms(0.5), counts.at_ms(0.9), counts.at_ms(0.99), counts.max_ms()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_what_was_done() {
        let mut times = 0_u64;
        let limit = repeat::<()>("x", "counts", 4, || {
            times += 1;
            Ok(())
        })
        .expect("counting does not fail");
        assert!(times > 4 && limit.per_second > 0.0 && limit.p50_us <= limit.p99_us);
    }
}
