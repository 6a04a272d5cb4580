//! The progress bar over hashed bytes: on a terminal, after a second.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::ui::Ui;
use crate::inventory::Progress;

const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that stays hidden for short work, and where nobody looks.
pub(super) struct Bar {
    line: ProgressBar,
    watched: bool,
    shown: AtomicBool,
    started: Instant,
}

impl Bar {
    pub(super) fn new(ui: &Ui) -> Self {
        let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let template = "     Hashing {msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            line.set_style(style);
        }
        Self { line, watched: ui.is_watched(), shown: AtomicBool::new(false), started: Instant::now() }
    }
}

impl Progress for Bar {
    fn wants_total(&self) -> bool {
        self.watched
    }

    fn start(&self, tree: &str, bytes: Option<u64>) {
        self.line.set_message(tree.to_owned());
        self.line.set_length(bytes.unwrap_or_default());
        self.line.set_position(0);
    }

    fn advance(&self, bytes: u64) {
        if !self.watched {
            return;
        }
        self.line.inc(bytes);
        if self.started.elapsed() >= PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.line.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
