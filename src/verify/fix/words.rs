//! What must be done and by whom, in words.

use crate::finding::Tree;
use crate::text::Text;
use crate::verify::fix::{Act, Party};

impl Act {
    /// Returns its word in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::CloseDoor(_) => "close-door",
            Self::Correct(_) => "correct-argument",
            Self::GetBundle(_) => "get-bundle",
            Self::GetNewestBundle => "get-newest-bundle",
            Self::GetTree(_) => "get-tree",
            Self::GetWithdrawals => "get-withdrawals",
            Self::MakeRelease => "make-release",
            Self::Promote(_) => "promote",
            Self::RemoveFile(..) => "remove-file",
            Self::RenameFile(..) => "rename-file",
            Self::RestoreFile(..) => "restore-file",
            Self::Seal(_) => "seal",
            Self::Settle(_) => "settle",
            Self::Sign { .. } | Self::SignApart { .. } => "sign",
        }
    }

    /// Says what must be done, as a sentence in the imperative.
    pub fn text(&self) -> Text {
        let of = |tree: &Tree| match tree {
            Tree::Dataset(name) => format!("the dataset `{name}`"),
            other => format!("the {other}"),
        };
        match self {
            Self::CloseDoor(door) => format!("verify again without `{}`", door.raw()),
            Self::Correct(argument) => format!("verify again with the right `{argument}`"),
            Self::GetBundle(None) => "get the bundle again from the publisher, and verify that one".to_owned(),
            Self::GetBundle(Some(release)) => {
                format!("get the bundle of {} from the publisher, and verify that one", release.raw())
            }
            Self::GetNewestBundle => "get the newest bundle of the release from the publisher".to_owned(),
            Self::GetTree(tree) => format!("get {} again from the publisher, into an empty place", of(tree)),
            Self::GetWithdrawals => "hand out the whole and newest list of withdrawals".to_owned(),
            Self::MakeRelease => "make, seal and publish a release without this fault".to_owned(),
            Self::Promote(None) => "check the release and promote it into the stage".to_owned(),
            Self::Promote(Some(stage)) => format!("check the release and promote it into the stage `{stage}`"),
            Self::RemoveFile(tree, path) => format!("remove `{}` from {}", path.raw(), of(tree)),
            Self::RenameFile(tree, from, to) => {
                format!("give `{}` of {} its name back: `{}`", from.raw(), of(tree), to.raw())
            }
            Self::RestoreFile(tree, path) => {
                format!("get `{}` of {} again from the publisher", path.raw(), of(tree))
            }
            Self::Seal(kinds) => format!("seal what is there and not sealed yet ({})", kinds.join(", ")),
            Self::Settle(what) => (*what).to_owned(),
            Self::Sign { kinds, .. } => {
                format!("sign what is demanded ({}) for this release, and have it sealed", kinds.join(", "))
            }
            Self::SignApart { role, kinds, again } => {
                let first =
                    format!("sign as `{role}` ({}), since others must differ from whoever does", kinds.join(", "));
                match again.join(", ") {
                    again if again.is_empty() => first,
                    again => {
                        format!("{first}, have it sealed, and then have what judged it before signed again ({again})")
                    }
                }
            }
        }
        .into()
    }
}

impl Party {
    /// Returns its word in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Attesters(..) => "attesters",
            Self::Caller => "caller",
            Self::PolicyKeeper => "policy-keeper",
            Self::Publisher => "publisher",
            Self::WithdrawalsKeeper => "withdrawals-keeper",
        }
    }

    /// Names it for people.
    pub fn text(&self) -> Text {
        match self {
            Self::Attesters(roles, names) => {
                let quoted = |words: Vec<String>| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>();
                let names = quoted(names.clone()).join(", ");
                let roles = quoted(roles.iter().map(ToString::to_string).collect());
                let plural = if roles.len() > 1 { "whoever has the roles" } else { "whoever has the role" };
                match (roles.as_slice(), names.as_str()) {
                    ([], names) => names.to_owned(),
                    (roles, "") => format!("{plural} {}: nobody else in the trust file", roles.join(" and ")),
                    (roles, names) => format!("{plural} {}: {names}", roles.join(" and ")),
                }
            }
            Self::Caller => "whoever verifies".to_owned(),
            Self::PolicyKeeper => "whoever keeps the policy".to_owned(),
            Self::Publisher => "the publisher of the release".to_owned(),
            Self::WithdrawalsKeeper => "whoever keeps the list of withdrawals".to_owned(),
        }
        .into()
    }
}
