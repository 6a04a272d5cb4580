//! Work that is given up when it takes too much time or memory.
//!
//! It runs on a thread of its own, and is watched twice: `regorus` asks for the time at each step, and is told that
//! it is up; and whoever waits looks at clock and memory too, since a single step may have no end. Such a thread is
//! left to itself. Time is that of a processor, where the machine tells it, so that a busy machine denies nothing.
//! Memory is what the process has in RAM, beyond what it had: heap and stack alike.

use std::any::Any;
use std::cell::RefCell;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Once, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use regorus::utils::limits::{TimeSource, set_time_source};
use thiserror::Error;

use crate::limits;

/// How often the memory is looked at: each millisecond.
const LOOK: u64 = 1_000;

/// How often the waiting thread looks.
const WAIT: Duration = Duration::from_millis(5);

/// How long a thread may take to end after it was told to.
const GRACE: Duration = Duration::from_millis(500);

/// How much memory, in parts of the limit, it may take until then.
const GRACE_MEMORY: u64 = 3;

/// The most bytes of what the machine tells of a thread: three numbers.
const SCHEDULE_BYTES: u64 = 256;

/// Why work gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Unanswered {
    #[error("it takes more than {} s", limits::CONDITION_TIME.as_secs())]
    Time,
    #[error("it was not done after {} s, on a machine that is busy with something else", limits::CONDITION_PATIENCE.as_secs())]
    Patience,
    #[error("it needs more than {} MiB", limits::CONDITION_MEMORY >> 20)]
    Memory,
    #[error("the memory of a process can't be measured on this machine")]
    Unmeasured,
    #[error("no thread could be started for it")]
    NoThread,
}

/// The time and the memory that work may still take.
struct Budget {
    started: Instant,
    /// Where the machine tells how long the thread ran, once it runs.
    schedule: OnceLock<PathBuf>,
    memory: u64,
    looked: AtomicU64,
    over_time: AtomicBool,
    over_patience: AtomicBool,
    over_memory: AtomicBool,
}

impl Budget {
    fn new() -> Option<Self> {
        Some(Self {
            started: Instant::now(),
            schedule: OnceLock::new(),
            memory: resident()?,
            looked: AtomicU64::new(0),
            over_time: AtomicBool::new(false),
            over_patience: AtomicBool::new(false),
            over_memory: AtomicBool::new(false),
        })
    }

    /// Returns how much memory there is beyond what there was.
    fn taken(&self) -> u64 {
        resident().map_or(u64::MAX, |now| now.saturating_sub(self.memory))
    }

    /// Begins the budget of this thread.
    fn begin(self: &Arc<Self>) {
        if let Ok(thread) = fs::read_link("/proc/thread-self") {
            let _ = self.schedule.set(PathBuf::from("/proc").join(thread).join("schedstat"));
        }
        BUDGET.set(Some(Arc::clone(self)));
    }

    /// Returns how long the thread had a processor; how long ago it began, where the machine does not tell (Linux:
    /// `Documentation/scheduler/sched-stats.rst`, nanoseconds).
    fn spent(&self) -> Duration {
        let ran = self.schedule.get().and_then(|path| {
            let mut text = String::new();
            File::open(path).ok()?.take(SCHEDULE_BYTES).read_to_string(&mut text).ok()?;
            text.split_whitespace().next()?.parse().ok()
        });
        ran.map_or_else(|| self.started.elapsed(), Duration::from_nanos)
    }

    /// Says whether the work must end. Looks at memory, and at the time of the processor, at most every [`LOOK`].
    fn is_up(&self) -> bool {
        let elapsed = self.started.elapsed();
        let now = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let looked = self.looked.load(Ordering::Relaxed);
        if now.saturating_sub(looked) >= LOOK {
            self.looked.store(now, Ordering::Relaxed);
            // Nobody had a processor for longer than it has been.
            if elapsed > limits::CONDITION_TIME && self.spent() > limits::CONDITION_TIME {
                self.over_time.store(true, Ordering::Relaxed);
            }
            if elapsed > limits::CONDITION_PATIENCE {
                self.over_patience.store(true, Ordering::Relaxed);
            }
            if self.taken() > limits::CONDITION_MEMORY {
                self.over_memory.store(true, Ordering::Relaxed);
            }
        }
        self.exceeded().is_some()
    }

    fn exceeded(&self) -> Option<Unanswered> {
        let all = [
            (&self.over_memory, Unanswered::Memory),
            (&self.over_time, Unanswered::Time),
            (&self.over_patience, Unanswered::Patience),
        ];
        all.into_iter().find(|(over, _)| over.load(Ordering::Relaxed)).map(|(_, unanswered)| unanswered)
    }
}

/// Returns the memory that this process has in RAM.
fn resident() -> Option<u64> {
    memory_stats::memory_stats().map(|stats| stats.physical_mem as u64)
}

thread_local! {
    /// The budget of the work on this thread.
    static BUDGET: RefCell<Option<Arc<Budget>>> = const { RefCell::new(None) };
}

/// The clock of `regorus`, which leaps ahead where a budget is used up.
struct Clock;

impl TimeSource for Clock {
    fn now(&self) -> Option<Duration> {
        static START: OnceLock<Instant> = OnceLock::new();
        static LEAPS: AtomicU64 = AtomicU64::new(0);
        let up = BUDGET.with_borrow(|budget| budget.as_ref().is_some_and(|budget| budget.is_up()));
        // Each leap is greater than the last, so that a timer that was begun meanwhile has run out as well.
        let leaps = if up { LEAPS.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
        let leap =
            limits::CONDITION_PATIENCE.saturating_mul(u32::try_from(leaps).unwrap_or(u32::MAX)).saturating_mul(2);
        Some(START.get_or_init(Instant::now).elapsed() + leap)
    }
}

/// Runs work within the limits of a condition.
pub(super) fn within<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Unanswered> {
    static CLOCK: Once = Once::new();
    // Another one is there only if this program set it, for conditions of its own: then the waiting thread alone looks.
    CLOCK.call_once(|| {
        let _ = set_time_source(&Clock);
    });
    let budget = Arc::new(Budget::new().ok_or(Unanswered::Unmeasured)?);
    let (done, waiting) = mpsc::sync_channel(1);
    let of_thread = Arc::clone(&budget);
    let thread = thread::Builder::new()
        .name("condition".to_owned())
        .stack_size(limits::CONDITION_STACK)
        .spawn(move || {
            of_thread.begin();
            // Nobody waits for it any more if it took too long.
            let _ = done.send(work());
        })
        .map_err(|_| Unanswered::NoThread)?;
    let mut told = None;
    loop {
        match waiting.recv_timeout(WAIT) {
            Ok(answer) => return ended(thread, &budget, Some(answer)),
            Err(RecvTimeoutError::Disconnected) => return ended(thread, &budget, None),
            Err(RecvTimeoutError::Timeout) if !budget.is_up() => {}
            Err(RecvTimeoutError::Timeout) => {
                let told = *told.get_or_insert_with(Instant::now);
                let memory = budget.taken() > GRACE_MEMORY * limits::CONDITION_MEMORY;
                if memory || told.elapsed() > GRACE {
                    return Err(budget.exceeded().unwrap_or(Unanswered::Time));
                }
            }
        }
    }
}

/// Returns the answer of a thread that has ended. Its panic is ours: a bug, never an answer.
fn ended<T>(thread: JoinHandle<()>, budget: &Budget, answer: Option<T>) -> Result<T, Unanswered> {
    let joined: Result<(), Box<dyn Any + Send>> = thread.join();
    if let Err(panic) = joined {
        std::panic::resume_unwind(panic);
    }
    match (budget.exceeded(), answer) {
        (None, Some(answer)) => Ok(answer),
        (exceeded, _) => Err(exceeded.unwrap_or(Unanswered::NoThread)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_ends_has_an_answer() {
        assert_eq!(within(|| 7), Ok(7));
    }

    #[test]
    fn a_panic_is_handed_on() {
        let caught = std::panic::catch_unwind(|| within(|| panic!("a bug")));
        assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"a bug"));
    }

    #[test]
    fn a_step_without_end_is_left_to_itself() {
        let busy = || {
            let started = Instant::now();
            while started.elapsed() < limits::CONDITION_PATIENCE / 2 {}
        };
        assert_eq!(within(busy), Err(Unanswered::Time));
    }

    #[test]
    fn a_machine_that_is_busy_with_something_else_takes_no_time_of_the_work() {
        let answer = within(|| thread::sleep(limits::CONDITION_TIME * 2));
        // The memory is that of the process, in which other tests run.
        assert!(matches!(answer, Ok(()) | Err(Unanswered::Memory)), "{answer:?}");
    }

    #[test]
    fn a_clock_without_budget_does_not_leap() {
        let first = Clock.now().unwrap();
        assert!(Clock.now().unwrap().saturating_sub(first) < limits::CONDITION_PATIENCE);
    }

    #[test]
    fn a_budget_that_is_used_up_leaps_further_each_time() {
        let told = within(|| {
            BUDGET.with_borrow(|budget| budget.as_ref().unwrap().over_time.store(true, Ordering::Relaxed));
            let begun = Clock.now().unwrap();
            assert!(Clock.now().unwrap().saturating_sub(begun) > limits::CONDITION_PATIENCE);
        });
        assert_eq!(told, Err(Unanswered::Time));
    }
}
