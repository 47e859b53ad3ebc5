//! What has been counted.

use std::fmt;
use std::time::Duration;

/// What there is to tell of many kills.
#[derive(Default)]
pub struct Figures {
    /// Processes that were killed.
    pub kills: u64,
    /// Those that were killed before the city had come back.
    pub coming_back: u64,
    /// Those that were killed while they wrote a snapshot.
    pub saving: u64,
    /// Times that inputs which were not written to the end were cut off.
    pub torn: u64,
    /// The turn that the city has come to.
    pub turn: u64,
    /// By recovery, turns that were run again.
    pub replayed: Vec<u64>,
    /// By recovery, how long it took.
    pub times: Vec<Duration>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut replayed, mut times) = (self.replayed.clone(), self.times.clone());
        replayed.sort_unstable();
        times.sort_unstable();
        writeln!(f, "kills         {}", self.kills)?;
        writeln!(f, "              {} while it came back", self.coming_back)?;
        writeln!(
            f,
            "              {} while a snapshot was written",
            self.saving
        )?;
        writeln!(f, "              {} in the middle of an input", self.torn)?;
        writeln!(
            f,
            "came back     {} times, to turn {}",
            times.len(),
            self.turn
        )?;
        if let ([least, .., most], [.., longest]) = (&replayed[..], &times[..]) {
            let median = replayed[replayed.len() / 2];
            writeln!(f, "turns again   {least} to {most}, median {median}")?;
            let median = times[times.len() / 2];
            writeln!(
                f,
                "time for it   median {median:.1?}, at most {longest:.1?}"
            )?;
        }
        write!(
            f,
            "nothing that was acknowledged was lost, nothing came twice"
        )
    }
}
