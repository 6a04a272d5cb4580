//! Files must be hashed again, not vouched for.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding, Place, Tree};
use crate::intoto::Kind;
use crate::policy::{Case, Rule};

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
        "files-hashed"
    }

    fn demand(&self) -> String {
        let trees: Vec<_> = self.trees.iter().map(|tree| format!("`{tree}`")).collect();
        format!("the verifier hashes {} again, and finds what was signed", trees.join(", "))
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
