//! SQLite's write-ahead log as a power cut leaves it (<https://sqlite.org/fileformat2.html#walformat>).
//!
//! The file is filled from its beginning again and again; the salts in its header and in each frame tell
//! what belongs to the present filling.

use std::path::Path;

use anyhow::{Context, Result};

use crate::generator::Random;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Where the salts are in the header, and in a frame.
const SALTS: std::ops::Range<usize> = 16..24;
const FRAME_SALTS: std::ops::Range<usize> = 8..16;
/// The most that is torn: a sector.
const SECTOR: usize = 512;

/// Where the present filling ends.
fn end(log: &[u8]) -> usize {
    let page = log.get(8..12).and_then(|size| Some(u32::from_be_bytes(size.try_into().ok()?)));
    let Some(page) = page.and_then(|page| usize::try_from(page).ok()).filter(|page| *page > 0)
    else {
        return 0;
    };
    let frames = log[HEADER..].chunks_exact(FRAME_HEADER + page);
    let current = frames.take_while(|frame| frame.get(FRAME_SALTS) == log.get(SALTS));
    HEADER + current.count() * (FRAME_HEADER + page)
}

/// Takes back a random part of what the log at `path` has got since it was as `before`; how many bytes.
pub(super) fn tear(path: &Path, before: &[u8], random: &mut Random) -> Result<usize> {
    let now = std::fs::read(path).context("the copied log")?;
    if now.len() < HEADER || before.len() < HEADER || before[SALTS] != now[SALTS] {
        return Ok(0);
    }
    let (synced, written) = (end(before), end(&now));
    if written <= synced {
        return Ok(0);
    }
    let kept = synced + usize::try_from(random.below((written - synced) as u64))?;
    std::fs::write(path, torn(&now, before, kept..written, random))?;
    Ok(written - kept)
}

/// The log with that part of it as it was before, beginning with a sector that is neither.
fn torn(now: &[u8], before: &[u8], lost: std::ops::Range<usize>, random: &mut Random) -> Vec<u8> {
    let mut log = now[..lost.start].to_vec();
    let sector = lost.len().min(SECTOR);
    log.extend((0..sector).map(|_| random.next_u64().to_le_bytes()[0]));
    let behind = log.len();
    if before.len() > behind {
        log.extend_from_slice(&before[behind..]);
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of so many frames of its present filling, and one of the last.
    fn log(frames: usize) -> Vec<u8> {
        let mut log = vec![0; HEADER];
        log[8..12].copy_from_slice(&512_u32.to_be_bytes());
        log[SALTS].copy_from_slice(b"saltsalt");
        for frame in 0..=frames {
            let mut next = vec![7; FRAME_HEADER + 512];
            let salts: &[u8] = if frame < frames { b"saltsalt" } else { b"oldoldol" };
            next[FRAME_SALTS].copy_from_slice(salts);
            log.extend(next);
        }
        log
    }

    #[test]
    fn the_present_filling_ends_where_the_salts_change() {
        assert_eq!(end(&log(3)), HEADER + 3 * (FRAME_HEADER + 512));
        assert_eq!(end(&[0; HEADER]), 0);
    }

    #[test]
    fn only_what_came_since_is_taken_back() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("log");
        let mut random = Random::new(1);
        for _ in 0..50 {
            std::fs::write(&path, log(5))?;
            assert!(tear(&path, &log(2), &mut random)? > 0);
            let left = std::fs::read(&path)?;
            let synced = end(&log(2));
            assert_eq!(left[..synced], log(5)[..synced]);
            assert_ne!(left, log(5));
        }
        std::fs::write(&path, log(5))?;
        assert_eq!(tear(&path, &log(5), &mut random)?, 0);
        Ok(())
    }
}
