//! Where results are written: a terminal, a pipe, a file.

use crate::error::Error;
use anstyle::{AnsiColor, Style};
use std::io::{self, IsTerminal, Write};

/// The style of the word `error`, and of what is missing.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The style of headings.
pub(crate) const HEADING: Style = Style::new().bold();
/// The style of what matters less.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// The style of what was added, or is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// The style of what was changed.
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default();

/// The standard output.
pub(crate) struct Screen {
    out: anstream::AutoStream<io::StdoutLock<'static>>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let out = io::stdout().lock();
        Self {
            out: anstream::AutoStream::auto(out),
        }
    }

    /// Writes a text, with an end of line if it has none. Escape sequences for colours are left out
    /// where there are none.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Error> {
        self.out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            self.out.write_all(b"\n")?;
        }
        Ok(self.out.flush()?)
    }
}

/// Writes a text about the work to the standard error. If nobody reads that, the result still counts.
pub(crate) fn notice(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says why something is not done.
pub(crate) fn error(text: &str) {
    notice(&format!("{}: {text}", styled(ERROR, "error")));
}

/// The columns of the standard output: `None` for a pipe or file, where everything is written, however
/// wide. `COLUMNS` counts where there is no terminal.
pub(crate) fn width() -> Option<usize> {
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    if io::stdout().is_terminal() {
        terminal_size::terminal_size()
            .map(|(width, _)| usize::from(width.0))
            .or_else(columns)
    } else {
        columns()
    }
}

/// A text in a style.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// `1 actor`, `2 actors`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {what}{s}")
}
