//! Base models as components.

use std::collections::BTreeSet;

use crate::card::address;
use crate::cyclonedx::{Component, ComponentType, License};
use crate::describe::bom::located;
use crate::facts::ModelFacts;
use crate::obtained::Obtained;
use crate::reference::Reference;
use crate::release::{BaseSpec, LicenseExpression};

/// Describes a base model as a part of the document.
pub(super) fn component(spec: &BaseSpec) -> Component {
    Component { bom_ref: Some(Reference::Base(spec.name.clone()).to_string()), ..ancestor(spec) }
}

/// Describes a base model as an ancestor of the model: nothing refers to it.
pub(super) fn ancestor(spec: &BaseSpec) -> Component {
    let (purl, elsewhere) = match &spec.uri {
        Some(uri) if uri.starts_with("pkg:") => (Some(uri.clone()), None),
        uri => (None, uri.clone()),
    };
    let component = Component {
        purl,
        external_references: located("distribution", elsewhere),
        version: spec.verified.as_ref().map(|base| base.version.clone()),
        licenses: licenses(spec),
        ..Component::new(ComponentType::MachineLearningModel, spec.name.as_str())
    };
    let component = match spec.digest {
        Some(digest) => component.with_digest(digest),
        None => component,
    };
    match &spec.verified {
        None => component.obtained(Obtained::Declared),
        Some(base) => {
            let component = component
                .obtained(Obtained::Imported)
                .with_property("assaymark:release", base.release.clone())
                .with_property("assaymark:bundle", base.bundle.to_string());
            let declared = base.licenses.is_empty() && spec.license.is_some();
            if declared { component.field_obtained("licenses", Obtained::Declared) } else { component }
        }
    }
}

/// The licences that its verified bundle states, else the one of the release file.
fn licenses(spec: &BaseSpec) -> Vec<License> {
    let verified = spec.verified.as_ref().map(|base| base.licenses.clone()).filter(|licenses| !licenses.is_empty());
    verified.unwrap_or_else(|| spec.license.iter().map(LicenseExpression::to_cyclonedx).collect())
}

/// Describes the base models that a model card or the configuration of an adapter names, and the release file does not. The
/// commit is known only if a configuration says from which one the weights were loaded.
pub(super) fn of_files(facts: &ModelFacts, stated: &[BaseSpec]) -> Vec<Component> {
    let described = |(name, relation): (&str, Option<&str>)| {
        let component = named(name, commit(facts, name)).obtained(Obtained::Declared);
        match relation {
            Some(relation) => component.with_property("assaymark:relation", relation),
            None => component,
        }
    };
    let card = facts.card.as_ref();
    let of_card = card.into_iter().flat_map(|card| card.base_models.iter().map(|name| (&**name, &card.base_relation)));
    let of_card: Vec<_> = of_card.map(|(name, relation)| (name, relation.as_deref())).collect();
    let of_adapters: BTreeSet<&str> = facts.adapters.values().filter_map(|one| one.base_model.as_deref()).collect();
    let left = |name: &&str| !of_card.iter().any(|(of_card, _)| bare(of_card) == bare(name));
    let of_adapters = of_adapters.into_iter().filter(left).map(|name| (name, Some("adapter")));
    let all =
        of_card.iter().copied().chain(of_adapters).filter(|(name, _)| !stated.iter().any(|spec| is_same(spec, name)));
    let unnamed =
        facts.adapters.values().any(|one| one.base_model.is_none()) && stated.is_empty() && of_card.is_empty();
    all.map(described).chain(unnamed.then(unknown)).collect()
}

/// Stands for the model on which an adapter is put that nobody names: there is one, and nothing is known of it.
fn unknown() -> Component {
    let component = Component::new(ComponentType::MachineLearningModel, "unknown").obtained(Obtained::Declared);
    component.with_property("assaymark:relation", "adapter")
}

/// Returns the commit of a base model, if a configuration says from which one it was loaded.
fn commit(facts: &ModelFacts, name: &str) -> Option<String> {
    let of_config =
        facts.config.iter().filter_map(|config| config.origin.as_ref()).map(|(name, commit)| (name, commit));
    let of_adapters = facts.adapters.values().filter_map(|one| one.base_model.as_ref().zip(one.commit.as_ref()));
    of_config.chain(of_adapters).find(|(origin, _)| *origin == name).map(|(_, commit)| commit.clone())
}

/// Names a base model as a card does: by its repository of the Hub, else by where it is.
fn named(name: &str, commit: Option<String>) -> Component {
    let component = |name: &str| Component::new(ComponentType::MachineLearningModel, name);
    match repository(name) {
        Some(repository) => {
            let at = commit.as_ref().map(|commit| format!("@{commit}")).unwrap_or_default();
            let purl = Some(format!("pkg:huggingface/{repository}{at}"));
            Component { version: commit, purl, ..component(repository) }
        }
        None => Component { external_references: located("distribution", Some(place(name))), ..component(name) },
    }
}

/// Returns the repository of the Hub that a card means: `OWNER/NAME`, `NAME` alone for the oldest ones, or its address.
fn repository(name: &str) -> Option<&str> {
    let bare = name.strip_prefix("https://huggingface.co/").or_else(|| name.strip_prefix("https://hf.co/"));
    let bare = bare.unwrap_or(name).trim_end_matches('/');
    let (owner, model) = bare.split_once('/').unwrap_or(("", bare));
    (is_plain(model) && (owner.is_empty() || is_plain(owner)) && !bare.starts_with('/')).then_some(bare)
}

/// Names a base model without the address of the Hub.
fn bare(name: &str) -> &str {
    repository(name).unwrap_or(name)
}

/// Writes a place as a reference (RFC 3986): an address as it is, whatever else as a path.
fn place(name: &str) -> String {
    if address::is_plain(name) {
        return name.to_owned();
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-/".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Says whether the release file speaks of the base model that a card names: by its package URL, or by the last part of its name.
fn is_same(spec: &BaseSpec, name: &str) -> bool {
    let bare = bare(name);
    let purl = spec.uri.as_deref().and_then(|uri| uri.strip_prefix("pkg:huggingface/"));
    let purl = purl.and_then(|rest| rest.split(['@', '?', '#']).next());
    let last = bare.trim_end_matches('/').rsplit('/').next();
    purl.is_some_and(|purl| purl.eq_ignore_ascii_case(bare)) || last == Some(spec.name.as_str())
}

/// Says whether a part of a name stands in a package URL as it is, and is one that the Hub would take.
fn is_plain(part: &str) -> bool {
    let ends = |part: &str| part.starts_with(['.', '-']) || part.ends_with(['.', '-']);
    !part.is_empty() && !ends(part) && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use crate::card::Card;
    use crate::path::TreePath;
    use crate::weights::adapter::AdapterConfig;
    use crate::weights::hub::HubConfig;

    use super::*;

    fn with_card(base: &str) -> ModelFacts {
        let card = Card { base_models: vec![base.to_owned()], ..Card::default() };
        ModelFacts { card: Some(card), ..ModelFacts::default() }
    }

    fn with_adapter(base: &str) -> ModelFacts {
        let adapter = AdapterConfig { base_model: Some(base.to_owned()), commit: Some("0".repeat(40)) };
        ModelFacts {
            adapters: [(TreePath::new("adapter_config.json").unwrap(), adapter)].into(),
            ..ModelFacts::default()
        }
    }

    #[test]
    fn no_base_model_of_a_card_is_left_out() {
        let commit = "0".repeat(40);
        for (name, purl, place) in [
            ("a/b", Some("pkg:huggingface/a/b@0000000000000000000000000000000000000000"), None),
            ("gpt2", Some("pkg:huggingface/gpt2"), None),
            ("meta-llama/Llama-2-7b", Some("pkg:huggingface/meta-llama/Llama-2-7b"), None),
            ("https://huggingface.co/meta-llama/Llama-2-7b/", Some("pkg:huggingface/meta-llama/Llama-2-7b"), None),
            ("./checkpoint-5", None, Some("./checkpoint-5")),
            ("/data/a b", None, Some("/data/a%20b")),
            ("C:\\x", None, Some("C%3A%5Cx")),
            ("https://example.com/m", None, Some("https://example.com/m")),
            ("a/b/c", None, Some("a/b/c")),
        ] {
            let config = HubConfig { origin: Some(("a/b".to_owned(), commit.clone())), ..HubConfig::default() };
            let facts = ModelFacts { config: Some(config), ..with_card(name) };
            let [said]: [Component; 1] = of_files(&facts, &[]).try_into().unwrap();
            let said = serde_json::to_value(said).unwrap();
            assert_eq!(said.get("purl").and_then(|purl| purl.as_str()), purl, "{name}");
            let url = said.pointer("/externalReferences/0/url");
            assert_eq!(url.and_then(|url| url.as_str()), place, "{name}");
        }
    }

    #[test]
    fn the_release_file_speaks_for_the_card() {
        let spec = BaseSpec {
            name: "bert".parse().unwrap(),
            uri: Some("pkg:huggingface/google-bert/bert-base@abc".to_owned()),
            license: None,
            digest: None,
            bundle: None,
            verified: None,
        };
        for (name, left) in
            [("google-bert/bert-base", 0), ("x/bert", 0), ("./bert", 0), ("gpt2", 1), ("google-bert/bert-base-2", 1)]
        {
            assert_eq!(of_files(&with_card(name), std::slice::from_ref(&spec)).len(), left, "{name}");
            assert_eq!(of_files(&with_adapter(name), std::slice::from_ref(&spec)).len(), left, "{name}");
        }
    }

    #[test]
    fn the_base_model_of_an_adapter_is_named_once() {
        let said = |facts: &ModelFacts| serde_json::to_value(of_files(facts, &[])).unwrap();
        let alone = said(&with_adapter("a/b"));
        let purl = format!("pkg:huggingface/a/b@{}", "0".repeat(40));
        assert_eq!((alone.as_array().unwrap().len(), alone[0]["purl"].as_str()), (1, Some(purl.as_str())));
        assert_eq!(alone[0]["properties"][1]["value"], "adapter");
        for (of_card, count) in [("a/b", 1), ("https://huggingface.co/a/b", 1), ("gpt2", 2)] {
            let both = ModelFacts { card: with_card(of_card).card, ..with_adapter("a/b") };
            assert_eq!(said(&both).as_array().unwrap().len(), count, "{of_card}");
        }
        let mut unnamed = with_adapter("");
        unnamed.adapters.values_mut().for_each(|adapter| *adapter = AdapterConfig::default());
        assert_eq!(said(&unnamed)[0]["name"], "unknown");
        unnamed.card = with_card("gpt2").card;
        assert_eq!(said(&unnamed).as_array().unwrap().len(), 1);
        for (of_card, count) in [("./x", 2), ("/data/y", 1)] {
            let elsewhere = ModelFacts { card: with_card(of_card).card, ..with_adapter("/data/y") };
            assert_eq!(said(&elsewhere).as_array().unwrap().len(), count, "{of_card}");
        }
    }
}
