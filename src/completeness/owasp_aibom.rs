//! The completeness score of OWASP's AIBOM generator: 48 fields in five categories, as its registry of fields and its
//! scoring at commits 7ea9a6c4 and 74cde084 define them.
//!
//! Fields are looked for in the whole document, in `components[0]`, which must be the model, and in properties by bare
//! names. Fields that only GGUF files have count where they are there.

use serde_json::Value;

use crate::completeness::path::{has, is_said};
use crate::completeness::{Completeness, Missing, Profile, rounded};

/// The categories with their points.
const CATEGORIES: [(&str, f64); 5] = [
    ("required fields", 20.0),
    ("metadata", 20.0),
    ("component", 20.0),
    ("model card", 30.0),
    ("external references", 10.0),
];

/// How much a field matters: too many missing ones of the first two lower the score further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    Critical,
    Important,
    Supplementary,
    /// Counts only where it is there.
    Gguf,
}

use Tier::{Critical, Gguf, Important, Supplementary};

struct Field {
    name: &'static str,
    category: usize,
    tier: Tier,
    /// Where it is looked for first, or nothing where that can't be in a valid document.
    path: &'static str,
    /// Where it goes, for people.
    place: &'static str,
}

macro_rules! fields {
    ($($category:literal { $($name:literal $tier:ident $path:literal $place:literal;)+ })+) => {
        &[$($(Field { name: $name, category: $category, tier: $tier, path: $path, place: $place },)+)+]
    };
}

const FIELDS: &[Field] = fields! {
    0 {
        "bomFormat" Critical "bomFormat" "bomFormat";
        "specVersion" Critical "specVersion" "specVersion";
        "serialNumber" Critical "serialNumber" "serialNumber";
        "version" Critical "version" "version";
    }
    1 {
        "primaryPurpose" Critical "" "metadata.properties primaryPurpose";
        "suppliedBy" Critical "" "metadata.properties suppliedBy";
        "standardCompliance" Supplementary "metadata/properties/name=standardCompliance/value" "metadata.properties standardCompliance";
        "domain" Supplementary "metadata/properties/name=domain/value" "metadata.properties domain";
        "autonomyType" Supplementary "metadata/properties/name=autonomyType/value" "metadata.properties autonomyType";
    }
    2 {
        "name" Critical "name" "components[0].name";
        "type" Critical "type" "components[0].type";
        "component_version" Critical "version" "components[0].version";
        "purl" Important "purl" "components[0].purl";
        "description" Important "description" "components[0].description";
        "licenses" Important "licenses" "components[0].licenses";
        "external_references" Supplementary "" "metadata.properties external_references";
    }
    3 {
        "datasets" Important "" "components[0].modelCard.modelParameters.datasets";
        "ethicalConsiderations" Important "" "components[0].modelCard.considerations.ethicalConsiderations";
        "energyConsumption" Important "metadata/properties/name=energyConsumption/value" "components[0].modelCard.considerations.environmentalConsiderations";
        "hyperparameter" Important "modelCard/properties/name=genai:aibom:modelcard:hyperparameter/value" "components[0].modelCard.properties genai:aibom:modelcard:hyperparameter";
        "technicalLimitations" Important "" "components[0].modelCard.considerations.technicalLimitations";
        "safetyRiskAssessment" Important "metadata/properties/name=safetyRiskAssessment/value" "metadata.properties safetyRiskAssessment";
        "intendedUse" Important "" "metadata.properties intendedUse";
        "typeOfModel" Important "modelCard/modelParameters/modelArchitecture" "components[0].modelCard.modelParameters.modelArchitecture";
        "modelExplainability" Supplementary "modelCard/properties/name=genai:aibom:modelcard:modelCardExplainability/value" "components[0].modelCard.properties genai:aibom:modelcard:modelCardExplainability";
        "energyQuantity" Supplementary "metadata/properties/name=energyQuantity/value" "metadata.properties energyQuantity";
        "energyUnit" Supplementary "metadata/properties/name=energyUnit/value" "metadata.properties energyUnit";
        "informationAboutTraining" Supplementary "metadata/properties/name=informationAboutTraining/value" "metadata.properties informationAboutTraining";
        "informationAboutApplication" Supplementary "metadata/properties/name=informationAboutApplication/value" "metadata.properties informationAboutApplication";
        "metric" Supplementary "metadata/properties/name=metric/value" "metadata.properties metric";
        "metricDecisionThreshold" Supplementary "metadata/properties/name=metricDecisionThreshold/value" "metadata.properties metricDecisionThreshold";
        "modelDataPreprocessing" Supplementary "metadata/properties/name=modelDataPreprocessing/value" "metadata.properties modelDataPreprocessing";
        "useSensitivePersonalInformation" Supplementary "metadata/properties/name=useSensitivePersonalInformation/value" "metadata.properties useSensitivePersonalInformation";
        "vocab_size" Gguf "modelCard/properties/name=genai:aibom:modelcard:vocabSize/value" "components[0].modelCard.properties genai:aibom:modelcard:vocabSize";
        "tokenizer_class" Gguf "modelCard/properties/name=genai:aibom:modelcard:tokenizerClass/value" "components[0].modelCard.properties genai:aibom:modelcard:tokenizerClass";
        "context_length" Gguf "modelCard/properties/name=genai:aibom:modelcard:contextLength/value" "components[0].modelCard.properties genai:aibom:modelcard:contextLength";
        "embedding_length" Gguf "modelCard/properties/name=genai:aibom:modelcard:embeddingLength/value" "components[0].modelCard.properties genai:aibom:modelcard:embeddingLength";
        "block_count" Gguf "modelCard/properties/name=genai:aibom:modelcard:blockCount/value" "components[0].modelCard.properties genai:aibom:modelcard:blockCount";
        "attention_head_count" Gguf "modelCard/properties/name=genai:aibom:modelcard:attentionHeadCount/value" "components[0].modelCard.properties genai:aibom:modelcard:attentionHeadCount";
        "attention_head_count_kv" Gguf "modelCard/properties/name=genai:aibom:modelcard:attentionHeadCountKV/value" "components[0].modelCard.properties genai:aibom:modelcard:attentionHeadCountKV";
        "feed_forward_length" Gguf "modelCard/properties/name=genai:aibom:modelcard:feedForwardLength/value" "components[0].modelCard.properties genai:aibom:modelcard:feedForwardLength";
        "rope_dimension_count" Gguf "modelCard/properties/name=genai:aibom:modelcard:ropeDimensionCount/value" "components[0].modelCard.properties genai:aibom:modelcard:ropeDimensionCount";
        "quantization_version" Gguf "modelCard/properties/name=genai:aibom:modelcard:quantizationVersion/value" "components[0].modelCard.properties genai:aibom:modelcard:quantizationVersion";
        "quantization_file_type" Gguf "modelCard/properties/name=genai:aibom:modelcard:quantizationFileType/value" "components[0].modelCard.properties genai:aibom:modelcard:quantizationFileType";
    }
    4 {
        "paper" Supplementary "metadata/component/externalReferences/type=documentation" "components[0].externalReferences documentation";
        "vcs" Supplementary "externalReferences/type=vcs/url" "components[0].externalReferences vcs";
        "website" Supplementary "externalReferences/type=website/url" "components[0].externalReferences website";
        "downloadLocation" Important "externalReferences/type=distribution/url" "components[0].externalReferences distribution";
    }
};

impl Field {
    fn is_in(&self, document: &Value, model: &Value) -> bool {
        let from = if self.category < 2 || self.path.starts_with("metadata/") { document } else { model };
        (!self.path.is_empty() && has(from, self.path)) || self.stands_elsewhere(document, model)
    }

    /// Looks for the bare name in all the places where the generator accepts it.
    fn stands_elsewhere(&self, document: &Value, model: &Value) -> bool {
        let none = Value::Null;
        let at = |pointer: &str| model.pointer(pointer).unwrap_or(&none);
        let metadata = document.get("metadata").unwrap_or(&none);
        let considerations = at("/modelCard/considerations");
        [document, metadata, model, at("/modelCard"), at("/modelCard/modelParameters"), considerations]
            .into_iter()
            .any(|object| object.get(self.name).is_some())
            || [metadata, model].into_iter().any(|object| self.is_property(object))
            || self.synonyms().iter().any(|name| considerations.get(*name).is_some_and(is_said))
            || self.references().iter().any(|kind| has(model, &format!("externalReferences/type={kind}/url")))
    }

    fn is_property(&self, object: &Value) -> bool {
        let mut properties = object.get("properties").and_then(Value::as_array).into_iter().flatten();
        properties.any(|property| {
            let name = property.get("name").and_then(Value::as_str).unwrap_or_default();
            name.strip_prefix("spdx:").unwrap_or(name) == self.name
        })
    }

    /// Members of the considerations that stand for it.
    fn synonyms(&self) -> &'static [&'static str] {
        match self.name {
            "technicalLimitations" => &["technicalLimitations", "limitations"],
            "safetyRiskAssessment" => &["ethicalConsiderations", "safetyRiskAssessment"],
            "energyConsumption" => &["environmentalConsiderations", "energyConsumption"],
            _ => &[],
        }
    }

    /// Kinds of external references that stand for it.
    fn references(&self) -> &'static [&'static str] {
        match self.name {
            "downloadLocation" => &["distribution", "website"],
            "vcs" => &["vcs"],
            "website" => &["website"],
            "paper" => &["documentation"],
            _ => &[],
        }
    }
}

/// Looks how complete a document is.
pub(super) fn completeness(document: &Value) -> Completeness {
    let model = document.pointer("/components/0").unwrap_or(&Value::Null);
    let (there, absent): (Vec<&Field>, Vec<&Field>) = FIELDS.iter().partition(|field| field.is_in(document, model));
    let absent: Vec<&Field> = absent.into_iter().filter(|field| field.tier != Gguf).collect();
    let missing = absent.iter().map(|field| Missing {
        element: field.name,
        group: CATEGORIES.get(field.category).map_or("", |(name, _)| name),
        place: field.place,
        counted: true,
        of: Vec::new(),
    });
    Completeness {
        profile: Profile::OwaspAibom,
        score: score(&there, &absent),
        counted: there.len() + absent.len(),
        present: there.len(),
        missing: missing.collect(),
    }
}

/// Adds up the categories, each rounded, and takes off what too many missing fields cost.
#[allow(clippy::cast_precision_loss, reason = "there are 48 fields")]
fn score(there: &[&Field], absent: &[&Field]) -> f64 {
    let in_category = |fields: &[&Field], category| fields.iter().filter(|field| field.category == category).count();
    let points = CATEGORIES.iter().enumerate().map(|(category, (_, weight))| {
        let (there, absent) = (in_category(there, category), in_category(absent, category));
        let percentage = there as f64 / (there + absent) as f64 * 100.0;
        rounded(percentage / 100.0 * weight)
    });
    let of_tier = |tier| absent.iter().filter(|field| field.tier == tier).count();
    let critical = match of_tier(Critical) {
        0 | 1 => 1.0,
        2 | 3 => 0.9,
        _ => 0.8,
    };
    let important = if of_tier(Important) >= 5 { 0.95 } else { 1.0 };
    rounded(points.sum::<f64>() * (critical * important)).clamp(0.0, 100.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::completeness::tests::sample;

    /// What lifts the sample from 47.4 to 97.1 in the generator itself.
    const PROPERTIES: [&str; 16] = [
        "primaryPurpose",
        "suppliedBy",
        "standardCompliance",
        "domain",
        "autonomyType",
        "energyQuantity",
        "energyUnit",
        "informationAboutTraining",
        "informationAboutApplication",
        "metric",
        "metricDecisionThreshold",
        "modelDataPreprocessing",
        "useSensitivePersonalInformation",
        "intendedUse",
        "energyConsumption",
        "safetyRiskAssessment",
    ];

    fn lifted() -> Value {
        let mut document = sample();
        let property = |name: &str| json!({"name": name, "value": "x"});
        document["metadata"]["properties"] = PROPERTIES.map(property).to_vec().into();
        let model = &mut document["components"][0];
        model["modelCard"]["properties"] = ["hyperparameter", "modelCardExplainability"]
            .map(|name| property(&format!("genai:aibom:modelcard:{name}")))
            .to_vec()
            .into();
        let references = model["externalReferences"].as_array_mut().unwrap();
        for kind in ["website", "documentation"] {
            references.push(json!({"type": kind, "url": "https://example.com"}));
        }
        document
    }

    #[test]
    fn scores_are_those_of_the_generator() {
        assert_eq!(completeness(&sample()).score.to_string(), "47.4");
        let lifted = completeness(&lifted());
        let missing: Vec<_> = lifted.missing.iter().map(|missing| missing.element).collect();
        assert_eq!((lifted.score, missing), (97.1, vec!["external_references"]));
    }

    #[test]
    fn there_are_48_fields_and_each_counts() {
        assert_eq!(FIELDS.len(), 48);
        let full = completeness(&lifted());
        for name in PROPERTIES {
            let mut document = lifted();
            let properties = document["metadata"]["properties"].as_array_mut().unwrap();
            properties.retain(|property| property["name"] != name);
            let less = completeness(&document);
            // Two of them have another place, where the sample has them as well.
            let twice = ["energyConsumption", "safetyRiskAssessment"].contains(&name);
            assert_eq!(less.score < full.score, !twice, "{name}");
        }
    }

    #[test]
    fn what_gguf_files_say_counts_only_where_it_is_there() {
        let mut document = lifted();
        let before = completeness(&document);
        let properties = document["components"][0]["modelCard"]["properties"].as_array_mut().unwrap();
        properties.push(json!({"name": "genai:aibom:modelcard:contextLength", "value": "4096"}));
        let after = completeness(&document);
        assert_eq!((after.counted, after.score), (before.counted + 1, before.score));
    }
}
