//! The order of stages: each comes after at most one other, and none after itself.

use std::collections::BTreeMap;

use crate::name::Name;

/// What is wrong with the order of stages.
#[derive(Debug)]
pub(super) struct Disorder<'n> {
    /// The stage at which it goes wrong.
    pub(super) stage: &'n Name,
    /// What is wrong, in words.
    pub(super) message: String,
}

/// Returns a stage with those before it, the first one first; or what is wrong with the order.
pub(super) fn path<'n>(
    stage: &'n Name,
    after: &BTreeMap<&'n Name, Option<&'n Name>>,
) -> Result<Vec<&'n Name>, Disorder<'n>> {
    let mut path = vec![stage];
    let mut at = stage;
    while let Some(previous) = after.get(at).copied().flatten() {
        if path.contains(&previous) {
            return Err(Disorder { stage, message: format!("stage `{stage}` comes after itself") });
        }
        if !after.contains_key(previous) {
            let message = format!("stage `{at}` comes after `{previous}`, which is no stage");
            return Err(Disorder { stage: at, message });
        }
        path.push(previous);
        at = previous;
    }
    path.reverse();
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(stage: &str, order: &[(&str, &str)]) -> Result<String, String> {
        let names: Vec<(Name, Option<Name>)> =
            order.iter().map(|(name, after)| (name.parse().unwrap(), after.parse().ok())).collect();
        let after = names.iter().map(|(name, after)| (name, after.as_ref())).collect();
        let stage = stage.parse().unwrap();
        let joined = |path: Vec<&Name>| path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        path(&stage, &after).map(joined).map_err(|fault| fault.message)
    }

    #[test]
    fn stages_follow_each_other() {
        let order = [("dev", ""), ("staging", "dev"), ("production", "staging"), ("other", "")];
        assert_eq!(joined("production", &order).unwrap(), "dev staging production");
        assert_eq!(joined("other", &order).unwrap(), "other");
    }

    #[test]
    fn circles_and_gaps_are_refused() {
        assert!(joined("a", &[("a", "a")]).unwrap_err().contains("after itself"));
        assert!(joined("a", &[("a", "b"), ("b", "c"), ("c", "b")]).unwrap_err().contains("after itself"));
        assert!(joined("a", &[("a", "b")]).unwrap_err().contains("no stage"));
    }
}
