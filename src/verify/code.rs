//! The training code at hand against the recorded one.

use crate::code_tree;
use crate::finding::{Code, Finding, Place, Tree};
use crate::inventory::Inventory;
use crate::reference::Reference;
use crate::verify::recorded::{Part, Recorded};
use crate::verify::{Artifact, Checked, Request, VerifyError};

/// Hashes the code as `create` does, and compares it with what was recorded.
pub(super) fn check(
    artifact: &Artifact<'_>,
    request: &Request<'_>,
    recorded: &Recorded<'_>,
) -> Result<Checked, VerifyError> {
    let mut checked = Checked::default();
    let taken;
    let inventory: &Inventory = match artifact {
        Artifact::Taken(inventory) => inventory,
        Artifact::Vouched(_) => return Ok(checked),
        Artifact::Path(path) => {
            taken = code_tree::take(path, request.progress)?;
            checked.findings.append(taken.taken.findings);
            checked.failures = taken.taken.failures;
            let Some(inventory) = &taken.taken.inventory else { return Ok(checked) };
            inventory
        }
    };
    checked.summary = Some(inventory.summary());
    // Code that is not recorded is denied by the policy: there is nothing to compare with.
    let Part::Digest(signed) = recorded.part(&Reference::Code) else { return Ok(checked) };
    checked.agrees = inventory.digest() == signed;
    if !checked.agrees {
        let summary = "the training code at hand is not the code that was recorded";
        let finding = Finding::deny(Code::CodeMismatch, Place::Tree(Tree::Code), summary)
            .expected(recorded.by.with(&signed.to_string()))
            .found(inventory.digest().to_string());
        checked.findings.push(match recorded.commit() {
            Some(commit) => finding.help(format!("compare with the recorded commit: `git diff {commit}`")),
            None => finding.help("check out the code as it was when the model was trained"),
        });
    }
    Ok(checked)
}
