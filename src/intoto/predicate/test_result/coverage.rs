//! Whose files a scan read, by its own word.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{COVERED, FILES, MODEL, NOT_COVERED, SCANNER, TestResult};
use crate::intoto::ResourceDescriptor;
use crate::limits;

/// What a scan has to do with the files of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It read some of them, or does not say what it read.
    Model,
    /// It read nothing, or what it read can't be told.
    Nothing,
    /// It read other files, or mostly others.
    Others,
}

impl TestResult {
    /// Says what a scan has to do with the files of a model. A scanner may put folders before a path, and behind it, with a
    /// colon, what is in an archive.
    pub fn coverage(&self, files: &BTreeSet<String>) -> Coverage {
        match self.listed(COVERED) {
            Some(read) if read.is_empty() => Coverage::Nothing,
            Some(read) => of_read(&read, files),
            // What was left out tells whose files they are where nobody says what was read.
            None => self.listed(NOT_COVERED).map_or(Coverage::Model, |left| of_left(&left, files)),
        }
    }

    /// Returns what it names by a digest as that which was scanned: by the name of the entry, or by the files that it lists
    /// there. The digest of the scanner is that of a program.
    pub fn scanned(&self) -> impl Iterator<Item = &ResourceDescriptor> {
        let lists =
            |entry: &ResourceDescriptor| [COVERED, NOT_COVERED].iter().any(|key| entry.annotations.contains_key(*key));
        let is = move |entry: &&ResourceDescriptor| {
            [FILES, MODEL].contains(&entry.name.as_str()) || entry.name != SCANNER && lists(entry)
        };
        self.configuration.iter().filter(is).filter(|entry| !entry.digest.is_empty())
    }

    /// Leaves out the folder before all paths of a scan, if those of the files of a model are left then: a scanner names them as it was
    /// called.
    #[must_use]
    pub fn within_folder(mut self, files: &BTreeSet<String>) -> Self {
        let Some(folder) = self.folder(files).map(str::to_owned) else { return self };
        let lists = self.configuration.iter_mut().flat_map(|entry| entry.annotations.iter_mut());
        let lists = lists.filter(|(key, _)| [COVERED, NOT_COVERED].contains(&key.as_str()));
        for path in lists.filter_map(|(_, list)| list.as_array_mut()).flatten() {
            if let Some(rest) = path.as_str().and_then(|path| path.strip_prefix(&folder)) {
                *path = Value::from(rest);
            }
        }
        self
    }

    /// Finds the shortest folder in which everything that was read is a file of a model, or stands in one.
    fn folder(&self, files: &BTreeSet<String>) -> Option<&str> {
        let read = self.listed(COVERED)?;
        let is_file = |rest: &str| outermost(rest).any(|path| files.contains(path));
        let holds_all = |folder: &&str| read.iter().all(|path| path.strip_prefix(*folder).is_some_and(is_file));
        let first = read.first().filter(|_| !holds_all(&""))?;
        let ends = first.match_indices('/').take(limits::TREE_DEPTH).map(|(at, slash)| at + slash.len());
        ends.filter_map(|end| first.get(..end)).find(holds_all)
    }

    /// Returns the texts of an annotation, whichever entries have it; nothing if none has.
    fn listed(&self, annotation: &str) -> Option<Vec<&str>> {
        let mut lists = self.configuration.iter().filter_map(|entry| entry.annotations.get(annotation)).peekable();
        lists.peek()?;
        Some(lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect())
    }
}

/// Whoever reads a folder with more in it than the model must have read all of the model. A file counts once, however often it
/// is named.
fn of_read(read: &[&str], files: &BTreeSet<String>) -> Coverage {
    let (found, others): (BTreeSet<_>, BTreeSet<_>) =
        read.iter().map(|named| meant(named, files).ok_or(*named)).partition(Result::is_ok);
    let known = found.len();
    let is_of_model = known > 0 && (known >= others.len() || known == files.len());
    if is_of_model { Coverage::Model } else { Coverage::Others }
}

/// Of whom it is known only what was left out: nothing was read if that is all.
fn of_left(left: &[&str], files: &BTreeSet<String>) -> Coverage {
    let found: BTreeSet<&str> = left.iter().filter_map(|named| meant(named, files)).collect();
    match found.len() {
        0 if !left.is_empty() => Coverage::Others,
        known if known > 0 && known == files.len() => Coverage::Nothing,
        _ => Coverage::Model,
    }
}

/// Returns the one of some files that a scanner may mean.
fn meant<'f>(named: &str, files: &'f BTreeSet<String>) -> Option<&'f str> {
    outermost(named).find_map(|path| beneath(path, files))
}

/// Returns what a scanner may mean by the outermost file that it names: a path may have colons itself.
fn outermost(named: &str) -> impl Iterator<Item = &str> {
    let ends = named.match_indices(':').map(|(at, _)| at).take(limits::SCAN_NAME_COLONS);
    ends.chain([named.len()]).filter_map(|end| named.get(..end))
}

/// Returns the one of some files whose path this is, with folders before it or not.
fn beneath<'f>(path: &str, files: &'f BTreeSet<String>) -> Option<&'f str> {
    let starts = path.rmatch_indices('/').map(|(at, slash)| at + slash.len()).take(limits::TREE_DEPTH + 1);
    // A file has no longer path.
    let mut ends = starts.chain([0]).filter_map(|start| path.get(start..));
    ends.find_map(|end| files.get(end).filter(|_| end.len() <= limits::PATH_BYTES)).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn coverage(annotations: &Value, files: &BTreeSet<String>) -> Coverage {
        let entry = json!({"name": "scanner", "annotations": annotations});
        let test: TestResult = serde_json::from_value(json!({"result": "PASSED", "configuration": [entry]})).unwrap();
        test.coverage(files)
    }

    fn files() -> BTreeSet<String> {
        BTreeSet::from(["model.safetensors", "deep/config.json"].map(str::to_owned))
    }

    #[test]
    fn a_scan_of_the_model_may_name_its_files_as_scanners_do() {
        for said in [
            json!({}),
            json!({NOT_COVERED: []}),
            json!({NOT_COVERED: ["deep/config.json"]}),
            json!({COVERED: ["model.safetensors", "good.pkl"]}),
            json!({COVERED: ["/data/m/model.safetensors"], NOT_COVERED: ["other"]}),
            json!({COVERED: ["m/deep/config.json:data.pkl"]}),
            json!({COVERED: ["a.py", "b.py", "c.py", "m/model.safetensors", "m/deep/config.json"]}),
        ] {
            assert_eq!(coverage(&said, &files()), Coverage::Model, "{said}");
        }
    }

    #[test]
    fn a_scan_of_mostly_other_files_is_of_others() {
        for read in [
            json!(["good.pkl"]),
            json!(["config.json"]),
            json!(["a-model.safetensors"]),
            json!(["x:y", "z"]),
            json!(["deep/config.json", "other.bin", "third.bin"]),
            json!(["deep/config.json", "other/deep/config.json", "a", "b", "c"]),
            json!(["deep/config.json", "deep/config.json", "deep/config.json:x", "a", "b"]),
        ] {
            for said in [json!({COVERED: read}), json!({COVERED: read, NOT_COVERED: ["model.safetensors"]})] {
                assert_eq!(coverage(&said, &files()), Coverage::Others, "{said}");
            }
        }
        assert_eq!(coverage(&json!({NOT_COVERED: ["good.pkl"]}), &files()), Coverage::Others);
    }

    #[test]
    fn paths_are_those_of_the_model_whatever_folder_a_scanner_was_called_with() {
        let files = BTreeSet::from(["config.json", "deep/config.json"].map(str::to_owned));
        let covered = |read: &[&str], left: &[&str]| {
            let entry = json!({"name": "scanner", "annotations": {COVERED: read, NOT_COVERED: left}});
            let test = json!({"result": "PASSED", "configuration": [entry]});
            let test = serde_json::from_value::<TestResult>(test).unwrap().within_folder(&files);
            [COVERED, NOT_COVERED].map(|key| test.listed(key).unwrap().join(" "))
        };
        let all = ["config.json deep/config.json".to_owned(), "x".to_owned()];
        for folder in ["", "./", "model/", "/models/deep/", "deep/"] {
            let paths = ["config.json", "deep/config.json", "x"].map(|path| format!("{folder}{path}"));
            let [one, other, left] = paths.each_ref().map(String::as_str);
            assert_eq!(covered(&[one, other], &[left]), all, "{folder}");
        }
        assert_eq!(covered(&["m/config.json:a/b"], &[])[0], "config.json:a/b");
        for read in [["m/config.json", "n/deep/config.json"], ["m/config.json", "m/other"]] {
            assert_eq!(covered(&read, &[])[0], read.join(" "));
        }
    }

    #[test]
    fn a_scan_that_read_nothing_is_none() {
        let all = json!({NOT_COVERED: ["m/model.safetensors", "deep/config.json", "x"]});
        assert_eq!(coverage(&all, &files()), Coverage::Nothing);
        for read in [json!([]), json!("good.pkl"), json!([{"path": "good.pkl"}]), json!(null), json!({})] {
            assert_eq!(coverage(&json!({COVERED: read}), &files()), Coverage::Nothing, "{read}");
            let said = json!({COVERED: read, NOT_COVERED: ["model.safetensors"]});
            assert_eq!(coverage(&said, &files()), Coverage::Nothing, "{said}");
        }
    }

    #[test]
    fn names_without_end_are_looked_at_in_bounded_time() {
        let files: BTreeSet<String> = (0..10_000).map(|number| format!("f{number}")).collect();
        let covered: Vec<String> =
            (0..100).map(|number| format!("{}{}g{number}", "a/".repeat(300), "b:".repeat(300))).collect();
        assert_eq!(coverage(&json!({COVERED: covered}), &files), Coverage::Others);
        let one = [format!("{}f7:{}", "a/".repeat(300), "b:".repeat(300))];
        assert_eq!(coverage(&json!({COVERED: one}), &files), Coverage::Model);
    }
}
