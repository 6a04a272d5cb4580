//! What it costs to read facts from weights while they are hashed: 4 files of safetensors of 256 MiB with 300 tensors each.
//!
//! `cargo bench --bench facts` hashes them with and without reading, in turns, and prints wall and processor time of both, and
//! how many bytes were read for the facts. `docs/performance.md` has the figures. It needs 1 GiB in `target/performance`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, clippy::disallowed_methods)]

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use assaymark::facts::Collector;
use assaymark::finding::Tree;
use assaymark::inventory::{self, Options, Visitor};
use assaymark::path::TreePath;
use assaymark::source::ReadAt;

const FILES: usize = 4;
const TENSORS: usize = 300;
const BYTES: usize = 256 << 20;
const RUNS: usize = 20;

fn main() {
    let folder = model();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    measure(&folder, None);
    for _ in 0..RUNS {
        without.push(measure(&folder, None));
        let reader = Collector::default();
        with.push(measure(&folder, Some(&reader)));
        assert_eq!(reader.finish().files.len(), FILES);
    }
    let counted = Counted::default();
    inventory::take(&folder, &Options { visitor: Some(&counted), ..Options::new(Tree::Model) }).unwrap();
    println!("| what | wall | CPU |\n|---|---:|---:|");
    for (what, runs) in [("hashing alone", &without), ("hashing and reading facts", &with)] {
        println!("| {what} | {:.1} ms | {:.1} ms |", least(runs, |run| run.0), least(runs, |run| run.1));
    }
    let more = |of: fn(&(f64, f64)) -> f64| (least(&with, of) / least(&without, of) - 1.0) * 100.0;
    println!("| reading adds | {:.2} % | {:.2} % |", more(|run| run.0), more(|run| run.1));
    let total = (FILES * BYTES) as u64;
    println!("{} of {total} bytes were read for the facts", counted.bytes.into_inner());
}

/// Returns the least of a measure, in milliseconds.
fn least(runs: &[(f64, f64)], of: fn(&(f64, f64)) -> f64) -> f64 {
    runs.iter().map(of).fold(f64::INFINITY, f64::min)
}

/// Takes the inventory, and returns wall and processor time of all threads in milliseconds.
fn measure(folder: &Path, visitor: Option<&dyn Visitor>) -> (f64, f64) {
    let (start, processor) = (Instant::now(), processor_time());
    let taken = inventory::take(folder, &Options { visitor, ..Options::new(Tree::Model) }).unwrap();
    assert_eq!(taken.inventory.unwrap().entries().len(), FILES);
    (start.elapsed().as_secs_f64() * 1e3, processor_time() - processor)
}

/// Returns the processor time of this process in milliseconds (`schedstat` of each thread).
fn processor_time() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let spent = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    spent.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

/// Counts the bytes that are read.
#[derive(Default)]
struct Counted {
    reader: Collector,
    bytes: AtomicU64,
}

impl Visitor for Counted {
    fn visit(&self, path: &TreePath, source: &dyn ReadAt) {
        self.reader.visit(path, &Counting { source, bytes: &self.bytes });
    }
}

struct Counting<'s> {
    source: &'s dyn ReadAt,
    bytes: &'s AtomicU64,
}

impl ReadAt for Counting<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(offset, buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Returns the folder of the weights, and writes it if it is not there.
fn model() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/performance/weights");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..FILES {
        let path = folder.join(format!("model-{:05}-of-{FILES:05}.safetensors", number + 1));
        if path.metadata().is_ok_and(|metadata| metadata.len() == BYTES as u64) {
            continue;
        }
        let mut file = BufWriter::new(File::create(path).unwrap());
        let header = header(number);
        file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
        file.write_all(header.as_bytes()).unwrap();
        let mut state = number as u64 + 1;
        for _ in 0..(BYTES - 8 - header.len()) / 8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            file.write_all(&state.to_le_bytes()).unwrap();
        }
        file.flush().unwrap();
    }
    folder
}

/// Describes tensors that take the rest of the file, whose header is filled up to 64 KiB.
fn header(number: usize) -> String {
    const LENGTH: usize = (64 << 10) - 8;
    let data = BYTES - 8 - LENGTH;
    let each = data / TENSORS / 4 * 4;
    let tensors: Vec<String> = (0..TENSORS)
        .map(|index| {
            let (start, end) = (index * each, if index + 1 == TENSORS { data } else { (index + 1) * each });
            let shape = (end - start) / 4;
            format!(
                r#""model.layers.{number}.{index}.weight":{{"dtype":"F32","shape":[{shape}],"data_offsets":[{start},{end}]}}"#
            )
        })
        .collect();
    format!("{:LENGTH$}", format!("{{{}}}", tensors.join(",")))
}
