//! Files must be hashed again, not vouched for.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::Kind;
use crate::policy::rules::datasets;
use crate::policy::{Bound, Case, Rule};

/// The name of the rule.
pub(in crate::policy) const NAME: &str = "files-hashed";

/// Some trees must be hashed by the verifier.
pub(in crate::policy) struct FilesHashed {
    trees: BTreeSet<Tree>,
}

impl FilesHashed {
    /// Demands it of these trees; there is at least one.
    pub(in crate::policy) fn new(trees: BTreeSet<Tree>) -> Self {
        Self { trees }
    }
}

impl Rule for FilesHashed {
    fn name(&self) -> &'static str {
        NAME
    }

    fn demand(&self) -> String {
        let trees: Vec<_> = self.trees.iter().map(|tree| format!("`{tree}`")).collect();
        format!("the verifier hashes {} again, and finds what was signed", trees.join(", "))
    }

    fn codes(&self) -> Vec<Code> {
        vec![Code::NotHashed]
    }

    fn bounds(&self) -> Vec<Bound> {
        let needed = self.trees.iter().filter_map(|tree| match tree {
            Tree::Dataset(name) => Some(datasets::needed(name, format!("`{tree}` is hashed again"))),
            Tree::Code | Tree::Model => None,
        });
        needed.collect()
    }

    fn rests_on(&self) -> Vec<Kind> {
        vec![Kind::ModelSignature, Kind::Provenance]
    }

    fn check(&self, case: &Case<'_>) -> Vec<Finding> {
        let missing = self.trees.iter().filter(|tree| !case.hashed.contains(*tree));
        missing
            .map(|tree| {
                let flag = match tree {
                    Tree::Model => "`--model PATH`".to_owned(),
                    Tree::Code => "`--code PATH`".to_owned(),
                    Tree::Dataset(name) => format!("`--dataset {name}=PATH`"),
                };
                let summary = format!("`{tree}` was not hashed again and found equal");
                Finding::deny(Code::NotHashed, Place::Tree(tree.clone()), summary)
                    .help(format!("give it to the verifier: {flag}"))
            })
            .collect()
    }
}
